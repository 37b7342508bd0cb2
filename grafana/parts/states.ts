import { COLOURS } from './thresholds.ts';

/** A miner's state as the view grafana.miners names it. */
export const STATES = {
  hashing: { text: 'Hashing', color: COLOURS.good },
  degraded: { text: 'Degraded', color: COLOURS.warning },
  idle: { text: 'Idle', color: COLOURS.neutral },
  offline: { text: 'Offline', color: COLOURS.bad },
  unknown: { text: 'Unknown', color: COLOURS.unknown },
};
