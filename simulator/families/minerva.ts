import { f2, macWithColons, quoted } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Dialect } from '../models.ts';
import {
  boardRows,
  found,
  makeFork,
  rateFields,
  statsHead,
  summaryFields,
} from './cgminer-fork.ts';

/** The MAC is the summary's `Netid`; each chain repeats the machine's fans. */
export const minervaDialects: Partial<Record<Dialect, RpcDialect>> = {
  minerva: makeFork({
    description: 'cgminer 4.10.0',
    rows: {
      version: (device) => [{ CGMiner: '"4.10.0"', API: '"3.7"', Type: quoted(device.model.type) }],
      summary: (device, state) => [
        { ...summaryFields(device, state), Netid: quoted(macWithColons(device.mac)) },
      ],
      stats: (_device, state) => [
        ...boardRows(state, (board, row) => ({
          ...statsHead(state, row, `MV${board.index}`),
          'Chain ID': board.index,
          'Num chips': board.chips,
          'Num active chips': board.chipsGood,
          'Temp Avg': f2(board.boardTempsC[1]),
          ...rateFields(state, board.share),
          PLL: board.frequencyMhz,
          ...Object.fromEntries(state.fansRpm.map((rpm, fan) => [`Fan${fan} Speed`, rpm])),
        })),
        statsHead(state, found(state).length, 'POOL0'),
      ],
    },
  }),
};
