import { COUNTERS, type Row } from './samples.ts';

/** A miner is read a while after the time its sample carries, and not always the same while. */
const SLACK_S = 60;

/** What a counter showed when it was last reported, and the miner's uptime then. */
interface Shown {
  value: number;
  timeS: number;
  uptime: number | null;
}

/** The last readings of a miner's counters and uptime; empty for a miner nothing is known of. */
export interface Counted {
  shown: (Shown | undefined)[];
  uptime: { value: number; timeS: number } | undefined;
}

/** Accepted, rejected, stale, hardware errors, restarts; null: no two readings to compare. */
export type Added = (number | null)[];

export function nothingCounted(): Counted {
  return { shown: Array.from({ length: COUNTERS }), uptime: undefined };
}

/**
 * What one more sample adds to each counter since it was last reported; `counted` is brought up to it. Samples come in
 * order of time. A counter that has fallen, or whose miner has started since (by its agent's word or by its uptime), has
 * counted from zero.
 */
export function count(
  counted: Counted,
  sample: { timeS: number; restarted: boolean; uptime: number | null; counters: Row },
): Added {
  const { timeS, restarted, uptime, counters } = sample;
  const added: Added = counters.map((value, index) => {
    if (value === null) return null;
    const before = counted.shown[index];
    counted.shown[index] = { value, timeS, uptime };
    if (!before) return null;
    return restarted ||
      value < before.value ||
      hasRestarted(before.uptime, before.timeS, uptime, timeS)
      ? value
      : value - before.value;
  });
  const before = counted.uptime;
  if (uptime !== null) counted.uptime = { value: uptime, timeS };
  if (restarted) return [...added, 1];
  if (uptime === null || !before) return [...added, null];
  return [...added, Number(hasRestarted(before.value, before.timeS, uptime, timeS))];
}

/** Sum of what was added; null as long as nothing could be compared. */
export function add(to: Added, added: Added): void {
  for (const [index, value] of added.entries()) {
    if (value !== null) to[index] = (to[index] ?? 0) + value;
  }
}

export function nothingAdded(): Added {
  return Array.from({ length: COUNTERS + 1 }, () => null);
}

/** What was read at `sinceS` or later; older readings belong to no later hour. */
export function countedSince({ shown, uptime }: Counted, sinceS: number): Counted {
  return {
    shown: shown.map((one) => (one && one.timeS >= sinceS ? one : undefined)),
    uptime: uptime && uptime.timeS >= sinceS ? uptime : undefined,
  };
}

function hasRestarted(
  before: number | null,
  beforeS: number,
  uptime: number | null,
  timeS: number,
): boolean {
  if (uptime === null) return false;
  return (before !== null && uptime < before) || uptime + SLACK_S < timeS - beforeS;
}
