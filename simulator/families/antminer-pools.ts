import { f8, quoted, withSuffix } from '../c-format.ts';
import { hostOf, percent4 } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState, PoolState } from '../miner-state.ts';

/** One row of POOLS as bmminer and Bitmain's cgminer print it. */
export function antminerPoolRow(device: Device, state: MinerState, pool: PoolState): string {
  const { dialect } = device.model;
  // Bitmain's later builds pass the key through printf once too often.
  const staleKey = dialect === 'antminer-s9' ? 'Pool Stale%' : 'Pool Stale%%';
  const difficulty = device.shareDifficulty;
  const seen = pool.accepted + pool.rejected > 0;
  return (
    `{"POOL":${pool.priority},"URL":${quoted(pool.url)},"Status":"${pool.alive ? 'Alive' : 'Dead'}",` +
    `"Priority":${pool.priority},"Quota":1,"Long Poll":"N","Getworks":${Math.floor(state.uptimeS / 30)},` +
    `"Accepted":${pool.accepted},"Rejected":${pool.rejected},"Discarded":${pool.accepted * 6},` +
    `"Stale":${pool.stale},"Get Failures":${pool.alive ? 0 : 3},"Remote Failures":0,` +
    `"User":${quoted(pool.user)},"Last Share Time":"${seen ? `0:00:0${state.timeS % 10}` : '0'}",` +
    `"Diff":"${seen || pool.active ? withSuffix(difficulty) : ''}","Diff1 Shares":0,` +
    `"Proxy Type":"","Proxy":"","Difficulty Accepted":${f8(pool.accepted * difficulty)},` +
    `"Difficulty Rejected":${f8(pool.rejected * difficulty)},` +
    `"Difficulty Stale":${f8(pool.stale * difficulty)},` +
    `"Last Share Difficulty":${f8(seen ? difficulty : 0)},"Has Stratum":true,` +
    `"Stratum Active":${pool.active},"Stratum URL":"${pool.active ? hostOf(pool.url) : ''}",` +
    `"Has GBT":false,"Best Share":${seen ? state.bestShare : 0},` +
    `"Pool Rejected%":${percent4(pool.rejected, pool.accepted + pool.rejected)},` +
    `"${staleKey}":${percent4(pool.stale, pool.accepted + pool.stale)}}`
  );
}
