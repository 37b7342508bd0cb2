import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a state, at most `ms`; throws, saying what was waited for, when it does not come. */
export async function until(
  what: string,
  ms: number,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Waited ${ms} ms in vain until ${what}`);
    await sleep(50);
  }
}

/**
 * Waits until nothing is left, however long that takes on a busy machine; throws when `left` has not fallen for
 * `stalledMs`, or after forty minutes.
 */
export async function untilNothingLeft(
  what: string,
  stalledMs: number,
  left: () => number | Promise<number>,
): Promise<void> {
  const end = performance.now() + 2_400_000;
  let least = Infinity;
  let stalledAt = performance.now() + stalledMs;
  for (let now = await left(); now > 0; now = await left()) {
    if (now < least) {
      least = now;
      stalledAt = performance.now() + stalledMs;
    }
    if (performance.now() > Math.min(stalledAt, end)) {
      throw new Error(`Waited in vain until ${what}: ${now} left, ${least} at the least`);
    }
    await sleep(50);
  }
}
