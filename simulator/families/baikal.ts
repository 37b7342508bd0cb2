import { f4 } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Dialect } from '../models.ts';
import type { Web } from '../web.ts';
import { boardRows, deviceFields, makeFork, MHS, poolFields, poolRows } from './cgminer-fork.ts';

/** sgminer: what each board makes, one duty of the fans for all of them, and the algorithm of the pool. */
export const baikalDialects: Partial<Record<Dialect, RpcDialect>> = {
  baikal: makeFork({
    description: 'sgminer 5.5.6-b',
    kind: 'GPU',
    rows: {
      version: () => [{ SGMiner: '"5.5.6-b"', API: '"4.0"' }],
      devs: (device, state) => {
        const duty = Math.round(((state.fansRpm[0] ?? 0) / device.model.fanMaxRpm) * 100);
        return boardRows(state, (board) => ({
          ...deviceFields(device, state, board, 'BKLS'),
          'MHS av': f4(state.averageThs * board.share * MHS),
          'MHS 5s': f4(state.rateThs[5] * board.share * MHS),
          'Fan Percent': duty,
        }));
      },
      pools: (device, state) =>
        poolRows(state, (pool) => ({
          ...poolFields(device, state, pool),
          Name: `"pool ${pool.priority}"`,
          Profile: '""',
          Algorithm: '"x11"',
          'Algorithm Type': '"x11"',
        })),
    },
  }),
};

export const baikalWeb: Web = {
  contentType: 'text/html',
  pages: (_device, _state, path) =>
    path === '/' || path === '/login.php'
      ? '<html><head><title>Baikal Miner</title></head><body><form method="post"></form></body></html>\n'
      : null,
};
