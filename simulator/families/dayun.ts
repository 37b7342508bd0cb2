import { f0, f2, object, quoted } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Dialect } from '../models.ts';
import { found, makeFork, MHS, statsHead, summaryFields } from './cgminer-fork.ts';

/** Everything in one row of `stats`, whose channels are the boards. */
export const dayunDialects: Partial<Record<Dialect, RpcDialect>> = {
  dayun: makeFork({
    description: 'cgminer 4.9.2',
    rows: {
      version: (device) => [{ CGMiner: '"4.9.2"', API: '"3.7"', Type: quoted(device.model.type) }],
      summary: (device, state) => [summaryFields(device, state)],
      stats: (_device, state) => {
        const [fanIn = 0, fanOut = 0] = state.fansRpm;
        const core = Math.max(0, ...found(state).map(({ chipTempsC }) => chipTempsC[1]));
        return [
          {
            ...statsHead(state, 0, 'ZIG0'),
            'MHS 30S': f2(state.rateThs[30] * MHS),
            'MHS av': f2(state.averageThs * MHS),
            'Temperature Core': f0(core),
            'Fan In': fanIn,
            'Fan Out': fanOut,
            ...Object.fromEntries(
              found(state).map((board) => [
                `CH${board.index + 1}`,
                object({ Temperature: f0(board.boardTempsC[1]) }),
              ]),
            ),
          },
        ];
      },
    },
  }),
};
