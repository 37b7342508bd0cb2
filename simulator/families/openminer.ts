import { hostOf } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import { found } from './cgminer-fork.ts';

/**
 * Statistics of Bitfury's OpenMiner, which FutureBit's Apollo took over. Members have numbers; GraphQL, whose
 * names may not begin with one, writes "int_30".
 */
export type Numbered = (number: number) => string;

const GHS = 1e3;
const gigahashes = (ths: number): string => (ths * GHS).toFixed(3);

const by = <T>(name: Numbered, entries: readonly (readonly [number, T])[]): Record<string, T> =>
  Object.fromEntries(entries.map(([number, value]) => [name(number), value]));

/** By seconds, 0 for all since the start. */
export function intervals(state: MinerState, name: Numbered) {
  const windows = [
    [0, state.averageThs],
    [30, state.rateThs[30]],
    [300, state.rateThs[300]],
    [900, state.rateThs[900]],
  ] as const;
  return by(
    name,
    windows.map(([seconds, ths]) => [
      seconds,
      {
        name: seconds === 0 ? 'total' : `${seconds} sec`,
        interval: seconds === 0 ? state.uptimeS : seconds,
        bySol: gigahashes(ths),
        byDiff: gigahashes(ths),
        byPool: gigahashes(ths),
      },
    ]),
  );
}

export function slots(state: MinerState, name: Numbered) {
  return by(
    name,
    found(state).map((board) => [
      board.index,
      {
        revision: 41,
        spiNum: board.index,
        pwrOn: 1,
        chips: board.chips,
        ghs: gigahashes(state.rateThs[30] * board.share),
        voltage: Math.round(board.voltageV * 1000),
        errors: String(board.hwErrors),
        isTempValid: 1,
        temperature: Math.round(board.chipTempsC[1]),
        isTemp1Valid: 1,
        temperature1: Math.round(board.chipTempsC[0]),
      },
    ]),
  );
}

/** The pool in use, without a password: no other is told. */
export function poolInUse(device: Device, state: MinerState, name: Numbered) {
  const pool = state.pools.find(({ active }) => active);
  if (pool === undefined) return {};
  const counted = (seconds: number) => ({
    interval: seconds,
    inService: pool.alive ? seconds : 0,
    sharesAccepted: pool.accepted,
    sharesRejected: pool.rejected,
    staleJobShares: pool.stale,
  });
  return {
    host: hostOf(pool.url),
    port: pool.url.split(':').at(-1),
    userName: pool.user,
    diff: device.shareDifficulty,
    intervals: by(name, [
      [0, counted(state.uptimeS)],
      [30, { ...counted(30), sharesAccepted: 4, sharesRejected: 0, staleJobShares: 0 }],
    ]),
  };
}
