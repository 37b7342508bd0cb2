/** What can be wrong, and how bad it is. Of a miner, of an agent, or of the server itself. */
export const CAUSES = {
  database_away: 'critical',
  agent_silent: 'critical',
  miner_offline: 'critical',
  not_hashing: 'critical',
  chip_hot: 'critical',
  fan_stopped: 'critical',
  board_missing: 'critical',
  hashrate_low: 'warning',
  miner_unreported: 'warning',
  rejected_high: 'warning',
  backlog: 'warning',
  gaps: 'warning',
  quarantine: 'warning',
  clock_wrong: 'warning',
  unknown_devices: 'warning',
  rollups_late: 'warning',
} as const;
export type Cause = keyof typeof CAUSES;
export const CAUSE_NAMES = Object.keys(CAUSES) as [Cause, ...Cause[]];

/** Chips of common air-cooled models are throttled or stopped by their firmware from about here, °C. */
export const HOT_CHIP_C = 90;
/** Of all shares since the miner started; below so many shares one refused share says nothing. */
export const REJECTED_PERCENT = 1;
export const REJECTED_OF_SHARES = 1_000;
/** A miner of a model has too few boards when most of at least so many others of that model have more. */
export const SAME_MODEL = 5;
/** A backlog is a problem when its oldest sample is older, ms; a clock when it is off by more, ms. */
export const BACKLOG_AGE_MS = 15 * 60_000;
export const CLOCK_ERROR_MS = 30_000;
/** Rollups are late when samples stored so long ago, ms, are not in them. */
export const ROLLUPS_LATE_MS = 15 * 60_000;
/** A loss is news for so long, ms. */
export const GAP_NEWS_MS = 24 * 3_600_000;
/** A miner that was just found may wait so long for its first sample, ms. */
export const FIRST_SAMPLE_MS = 15 * 60_000;
/** What comes back within it is the same problem, with its acknowledgement, ms. */
export const SAME_PROBLEM_MS = 10 * 60_000;
