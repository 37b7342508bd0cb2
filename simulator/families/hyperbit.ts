import { f2, quoted } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Dialect } from '../models.ts';
import { boardRows, deviceFields, makeFork } from './cgminer-fork.ts';

/** cpuminer with a serial port for each board, whose temperature begins with a small letter. */
export const hyperbitDialects: Partial<Record<Dialect, RpcDialect>> = {
  hyperbit: makeFork({
    description: 'cpuminer 2.3.3',
    joins: false,
    rows: {
      version: (device) => [{ API: '"3.1"', Type: quoted(device.model.type) }],
      devs: (device, state) =>
        boardRows(state, (board) => {
          const { Temperature: _, ...fields } = deviceFields(
            device,
            state,
            board,
            `ttyS${board.index + 1}`,
          );
          return { ...fields, temperature: f2(board.boardTempsC[1]) };
        }),
    },
  }),
};
