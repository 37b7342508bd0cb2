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
