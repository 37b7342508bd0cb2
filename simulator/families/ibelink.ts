import { f2, quoted } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import { POOL_PASSWORD } from '../device.ts';
import type { Dialect } from '../models.ts';
import {
  boardRows,
  deviceFields,
  makeFork,
  poolFields,
  poolRows,
  summaryFields,
} from './cgminer-fork.ts';

const SENSORS = 8;

/** The sensors are in the summary; the device's own temperature is nought. */
export const ibelinkDialects: Partial<Record<Dialect, RpcDialect>> = {
  ibelink: makeFork({
    description: 'cgminer 5.4.8',
    kind: 'PGA',
    rows: {
      summary: (device, state) => [
        {
          ...summaryFields(device, state),
          ...Object.fromEntries(
            Array.from({ length: SENSORS }, (_, slot) => {
              const board = state.boards[slot];
              return [`Temp${slot + 1}`, f2(board?.found ? board.boardTempsC[1] : 0)];
            }),
          ),
          PLL: device.model.frequencyMhz,
          VOLTAGE: Math.round(device.model.voltageV * 10),
          FPGAVer: '""',
          'Hash Method': '"9102"',
          'Power Type': '"QianBen3600"',
          macaddress: quoted(device.mac),
        },
      ],
      devs: (device, state) =>
        boardRows(state, (board) => ({
          ...deviceFields(device, state, board, device.model.type, 'PGA'),
          PLL: board.frequencyMhz,
          // Counts beyond what a double holds exactly.
          Active: `${4 + board.index}011027440002501224`,
          Version: '"cgminer 5.4.8"',
          Asics: board.chips,
          Temperature: f2(0),
          Frequency: f2(0),
          'Chain SN': quoted(board.serial),
        })),
      // The password stands in the open.
      pools: (device, state) =>
        poolRows(state, (pool) => ({
          ...poolFields(device, state, pool),
          Passwd: quoted(POOL_PASSWORD),
        })),
    },
  }),
};
