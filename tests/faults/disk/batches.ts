import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { SyncRequest } from '../../../contract/sync.ts';
import { sampleOf } from '../rig/truth.ts';

/** Number of the site whose batches these are: seed of their truth. */
const SITE = 1;

/** The batch of a second: everything in it follows from the second and the number of samples. */
export function batchOf(second: number, samples: number): SyncRequest {
  return {
    discovered_miners: [],
    miner_stats: Array.from({ length: samples }, (_, miner) => sampleOf(SITE, miner, second)),
    agent: { version: '0.0.0-faults', boot: 'faults' },
  };
}

/**
 * The second of a packed batch, found without any code of the agent. Throws when the bytes are damaged or a single
 * value is not the one that was put in.
 */
export function secondOf(gz: Uint8Array, samples: number): number {
  const body = JSON.parse(gunzipSync(gz).toString()) as SyncRequest;
  const second = Date.parse(body.miner_stats?.[0]?.timestamp ?? '') / 1000;
  if (!isDeepStrictEqual(body.miner_stats, batchOf(second, samples).miner_stats)) {
    throw new Error(`a value in the batch of ${second} is not what was put in`);
  }
  return second;
}
