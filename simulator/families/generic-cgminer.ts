import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Dialect } from '../models.ts';
import { deviceFields, found, makeFork, statsHead, summaryFields } from './cgminer-fork.ts';

/** Plain cgminer with a driver nobody has heard of: no model, no MAC, one device per board. */
export const genericDialects: Partial<Record<Dialect, RpcDialect>> = {
  generic: makeFork({
    description: 'cgminer 4.12.1',
    rows: {
      version: () => [{ CGMiner: '"4.12.1"', API: '"3.7"' }],
      summary: (device, state) => [summaryFields(device, state)],
      devs: (device, state) =>
        found(state).map((board) => deviceFields(device, state, board, device.model.type)),
      stats: (device, state) => [
        {
          ...statsHead(state, 0, `${device.model.type}0`),
          ...Object.fromEntries(state.fansRpm.map((rpm, fan) => [`fan${fan + 1}`, rpm])),
          frequency: device.model.frequencyMhz,
        },
      ],
    },
  }),
};
