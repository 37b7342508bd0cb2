import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentClock, Stamp } from '../clock.ts';
import { makeSlots } from './slots.ts';

/** When a cycle polls: what its samples are stamped with, and how to put that right if nobody has confirmed the clock. */
export interface CycleTime {
  at: Date;
  unsure: Stamp | null;
}

/**
 * Runs `cycle` at every slot until `signal` fires, never two at once: a cycle that outlasts its
 * interval costs the slots it covers, which `onOverrun` counts. Errors of a cycle go to `onError`.
 * When the clock learns that it was wrong, the slot waited for is of another time, and the next true one is taken.
 */
export async function pollEverySlot(options: {
  intervalMs: number;
  clock: AgentClock;
  signal: AbortSignal;
  cycle: (time: CycleTime) => Promise<void>;
  onOverrun: (slots: number) => void;
  onError: (error: unknown) => void;
}): Promise<void> {
  const { intervalMs, clock, signal } = options;
  let slots = makeSlots(intervalMs, clock);
  let moves = clock.moves();
  let wasSure = clock.isSure();
  let previous: number | null = null;
  while (!signal.aborted) {
    if (clock.moves() !== moves) {
      moves = clock.moves();
      previous = null;
      // Slots of a clock nobody had confirmed are put right in the queue: the new ones need not follow them.
      if (!wasSure) slots = makeSlots(intervalMs, clock);
    }
    wasSure = clock.isSure();
    const slot = slots.next();
    const waitMs = Math.max(0, slot.beginsAt - clock.monotonic());
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    if (clock.moves() !== moves) continue;
    if (previous !== null) {
      const missed = Math.round((slot.at.getTime() - previous) / intervalMs) - 1;
      if (missed > 0) options.onOverrun(missed);
    }
    previous = slot.at.getTime();
    try {
      await options.cycle({ at: slot.at, unsure: clock.stamp() });
    } catch (error) {
      options.onError(error);
    }
  }
}
