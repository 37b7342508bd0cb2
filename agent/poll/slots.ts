/** Clocks, as numbers of milliseconds; tests pass their own. */
export interface Clock {
  /** Since 1970; may jump when somebody sets it. */
  wall(): number;
  /** Never jumps. */
  monotonic(): number;
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
};

/** The next poll: its slot (what its samples are stamped with), and when it begins, monotonic ms. */
export interface Slot {
  at: Date;
  beginsAt: number;
  /** How far the wall clock has jumped since the last slot, ms; 0 for less than two seconds. */
  jumpedMs: number;
}

const JUMP_MS = 2000;

/**
 * Slots are the multiples of `intervalMs` since 1970, so that all sites' samples fall together. They
 * are waited for by the monotonic clock and rise strictly, also when the wall clock goes back a little; when it
 * goes back by more than two intervals the earlier slots were wrong, and we begin anew.
 */
export function makeSlots(intervalMs: number, clock: Clock): { next(): Slot } {
  let last: { slot: number; wall: number; monotonic: number } | null = null;
  return {
    next() {
      const wall = clock.wall();
      const monotonic = clock.monotonic();
      const drift = last ? wall - last.wall - (monotonic - last.monotonic) : 0;
      const jumpedMs = Math.abs(drift) >= JUMP_MS ? drift : 0;
      let slot = (Math.floor(wall / intervalMs) + 1) * intervalMs;
      if (last && slot <= last.slot && last.slot - slot < 2 * intervalMs) {
        slot = last.slot + intervalMs;
      }
      last = { slot, wall, monotonic };
      return { at: new Date(slot), beginsAt: monotonic + (slot - wall), jumpedMs };
    },
  };
}
