import { f2, quoted } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { MinerState } from '../miner-state.ts';
import type { Device } from '../device.ts';
import type { Dialect } from '../models.ts';
import { found, makeFork, MHS, statsHead, summaryFields } from './cgminer-fork.ts';

const PLACES = ['top', 'bottom'];

/** `stats` holds JSON inside a string. Five seconds are counted from shares and swing by a third. */
export const spondooliesDialects: Partial<Record<Dialect, RpcDialect>> = {
  spondoolies: makeFork({
    description: 'cgminer 4.10.0-spx',
    rows: {
      version: () => [{ CGMiner: '"4.10.0-spx"', API: '"3.7"' }],
      summary: (device, state) => [
        { ...summaryFields(device, state), 'MHS 5s': f2(state.rateThs[5] * 0.74 * MHS) },
      ],
      stats: (device, state) => [
        {
          ...statsHead(state, 0, `${device.model.type}0`),
          'json-stats': quoted(JSON.stringify(inner(device, state))),
        },
        statsHead(state, 1, 'POOL0'),
      ],
    },
  }),
};

function inner(device: Device, state: MinerState): Record<string, unknown> {
  const rpms = state.fansRpm;
  return {
    ...Object.fromEntries(
      found(state).map((board) => [
        `${PLACES[board.index] ?? board.index}-board`,
        {
          power: Math.round(state.powerW * board.share),
          'psu-temp': 47,
          'psu-name': 'Artesyn2000',
          'reported-hashrate': Math.round(state.rateThs[60] * board.share * MHS),
          'avg-hashrate': Math.round(state.averageThs * board.share * MHS),
          'min-temp': Math.round(board.chipTempsC[0]),
          'max-temp': Math.round(board.chipTempsC[1]),
          'front-temp': Math.round(board.boardTempsC[0]),
          'rear-temp': Math.round(board.boardTempsC[1]),
          'working-asics': board.chipsGood,
        },
      ]),
    ),
    'fan-speeds': rpms,
    'fan-percent': Math.round(((rpms[0] ?? 0) / device.model.fanMaxRpm) * 100),
  };
}
