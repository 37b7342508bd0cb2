import { setTimeout as sleep } from 'node:timers/promises';
import { isLocalShortage } from './transport-error.ts';

const WAITS_MS = [50, 150, 400, 1_000, 2_000];

/**
 * Tries again while this machine is short of sockets: that is no fault of the device, and no reason to lose it. Rejects with
 * the signal's reason on abort, and with the last shortage after some seconds of nothing else.
 */
export async function pastShortage<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (const waitMs of WAITS_MS) {
    try {
      return await attempt();
    } catch (error) {
      if (!isLocalShortage(error)) throw error;
      // Not all at once: those that wait would meet again.
      await sleep(waitMs * (0.5 + Math.random()), undefined, { signal });
    }
  }
  return attempt();
}
