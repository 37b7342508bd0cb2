import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Slot } from './slots.ts';
import { makeSlots } from './slots.ts';

/**
 * Runs `cycle` at every slot until `signal` fires, never two at once: a cycle that outlasts its
 * interval costs the slots it covers, which `onOverrun` counts. Errors of a cycle go to `onError`.
 */
export async function pollEverySlot(options: {
  intervalMs: number;
  clock: Clock;
  signal: AbortSignal;
  cycle: (slot: Slot) => Promise<void>;
  onOverrun: (slots: number) => void;
  onError: (error: unknown) => void;
}): Promise<void> {
  const { intervalMs, clock, signal } = options;
  const slots = makeSlots(intervalMs, clock);
  let previous: number | null = null;
  while (!signal.aborted) {
    const slot = slots.next();
    if (previous !== null && slot.jumpedMs === 0) {
      const missed = Math.round((slot.at.getTime() - previous) / intervalMs) - 1;
      if (missed > 0) options.onOverrun(missed);
    }
    previous = slot.at.getTime();
    const waitMs = Math.max(0, slot.beginsAt - clock.monotonic());
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await options.cycle(slot);
    } catch (error) {
      options.onError(error);
    }
  }
}
