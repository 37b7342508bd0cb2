import type { SyncRequest } from '#contract/sync.ts';

/** Two bodies with half of the samples each; none when there is nothing left to halve. */
export function splitBatch(body: SyncRequest): SyncRequest[] {
  const { miner_stats: samples = [], discovered_miners: found = [], ...alike } = body;
  if (samples.length + found.length < 2) return [];
  const { scan, ...later } = alike;
  const half = Math.floor(samples.length / 2);
  const foundHalf = Math.ceil(found.length / 2);
  return [
    {
      ...later,
      ...(scan ? { scan } : {}),
      discovered_miners: found.slice(0, foundHalf),
      miner_stats: samples.slice(0, half),
    },
    {
      ...later,
      discovered_miners: found.slice(foundHalf),
      miner_stats: samples.slice(half),
    },
  ];
}
