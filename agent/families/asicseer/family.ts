import { compileTime, stats, summary } from '../antminer-stock/dialects.ts';
import { modelOf } from '../antminer-stock/models.ts';
import {
  chainPower,
  FORK_STEPS,
  forkCapabilities,
  macOfPages,
  PAGE_STEPS,
} from '../bitmain-fork.ts';
import { at, first } from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import { text } from '../values.ts';

/** "2.4.0-asicseer-1.1.9-f7b7": behind the version of the bmminer it grew from, its own. */
const VERSION = /^\d+\.\d+\.\d+-(?:asicseer-)?(\d+\.\d+\.\d+-[0-9a-f]+)$/i;

function ownVersion(replies: Replies): string | null {
  const build = text(
    first(at('version', 'VERSION', 'BMMiner'), at('stats', 'STATS', 'BMMiner'))(replies),
  );
  return build === null ? null : (VERSION.exec(build)?.[1] ?? null);
}

export const asicseer: Family = {
  id: 'asicseer',
  make: 'AntMiner',
  product: 'asicseer',
  recognise: {
    cgminer: [
      /ASICSEER/,
      // Later builds leave the name out and keep the two versions and the commit.
      /BMMINER \d+\.\d+\.\d+-\d+\.\d+\.\d+-[0-9A-F]{4,}"/,
    ],
  },
  login: { user: 'root', password: 'root' },
  model: modelOf,
  plans: new Map<number, readonly Step[]>([[4028, [...FORK_STEPS, ...PAGE_STEPS]]]),
  capabilities: forkCapabilities({
    firmwareVersion: first(ownVersion, compileTime),
    board: (flat, slot) => ({ voltageV: chainPower(flat, slot).voltageV ?? null }),
    boardFields: ['voltageV'],
    zeroRateIsAbsent: true,
    mac: macOfPages,
    hostname: (replies) => stats(replies)['hostname'],
    // `stats` repeats the keys of `summary`.
    shares: (replies) => ({ ...stats(replies), ...summary(replies) }),
  }),
};
