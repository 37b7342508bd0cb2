import type { Clock } from '../clock.ts';

/** The next poll: its slot (what its samples are stamped with), and when it begins, monotonic ms. */
interface Slot {
  at: Date;
  beginsAt: number;
}

/**
 * Slots are the multiples of `intervalMs` since 1970, so that all sites' samples fall together. They
 * are waited for by the monotonic clock and rise strictly, also when the clock is put back a little; when it
 * is put back by more than two intervals the earlier slots were wrong, and we begin anew.
 */
export function makeSlots(intervalMs: number, clock: Clock): { next(): Slot } {
  let last: number | null = null;
  return {
    next() {
      const wall = clock.wall();
      let slot = (Math.floor(wall / intervalMs) + 1) * intervalMs;
      if (last !== null && slot <= last && last - slot < 2 * intervalMs) slot = last + intervalMs;
      last = slot;
      return { at: new Date(slot), beginsAt: clock.monotonic() + (slot - wall) };
    },
  };
}
