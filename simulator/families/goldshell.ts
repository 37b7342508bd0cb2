import { f2, macWithColons } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import { POOL_PASSWORD } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import { bearer } from '../web.ts';
import type { Session, Web } from '../web.ts';
import { boardRows, found, makeFork, MHS } from './cgminer-fork.ts';

const rate = (ths: number): number => Number((ths * MHS).toFixed(3));

/** bfgminer without most of its fields, open to all. */
export const goldshellDialects: Partial<Record<Dialect, RpcDialect>> = {
  goldshell: makeFork({
    description: 'bfgminer',
    kind: 'PGA',
    joins: false,
    rows: {
      summary: (_device, state) => [
        {
          Elapsed: state.uptimeS,
          'MHS av': rate(state.averageThs),
          'MHS 20s': rate(state.rateThs[20]),
          Accepted: state.accepted,
          Rejected: state.rejected,
          'Hardware Errors': state.hwErrors,
          Stale: state.stale,
        },
      ],
      devs: (_device, state) =>
        boardRows(state, (board) => ({
          ID: board.index,
          'MHS 20s': rate(state.rateThs[20] * board.share),
          Status: board.chipsGood > 0 ? '"Alive"' : '"Dead"',
          'Hardware Errors': board.hwErrors,
          clock: board.frequencyMhz,
          // The machine's, in every row.
          ...Object.fromEntries(state.fansRpm.map((rpm, fan) => [`fan${fan}`, rpm])),
          'tstemp-0': f2(board.chipTempsC[1]),
          'tstemp-1': f2(board.chipTempsC[0]),
          'tstemp-2': f2(board.boardTempsC[1]),
          voltage: Math.round(board.voltageV * 1000),
        })),
      devdetails: (_device, state) =>
        found(state).map((board) => ({ ID: board.index, 'chips-nr': board.chips })),
    },
  }),
};

function loginOf(query: string): { user: string; password: string } {
  const fields = new URLSearchParams(query);
  return { user: fields.get('username') ?? '', password: fields.get('password') ?? '' };
}

const SESSION: Session = {
  user: 'admin',
  password: '123456789',
  credentials: ({ path, query }) => (path === '/user/login' ? loginOf(query) : null),
  granted: (token) => ({ body: `{"JWT Token":"${token}"}` }),
  refused: { body: '{"error":"login failed"}', status: 401 },
  wanted: { body: '{"error":"unauthorized"}', status: 401 },
  token: bearer,
  isOpen: (path) => path === '/' || path === '/mcb/status' || path === '/user/logout',
};

export const goldshellWeb: Web = {
  contentType: 'application/json',
  session: SESSION,
  pages: (device, state, path, query) => {
    switch (path) {
      case '/':
        return {
          contentType: 'text/html',
          body: '<!doctype html><html><head><title>cloud-box</title></head><body><div id="app"></div></body></html>\n',
        };
      case '/user/logout':
        return '{}';
      case '/mcb/status':
        return JSON.stringify({
          firmware: '2.2.3',
          hardware: '30.50.SA',
          mcbversion: 'MCB_V3_3',
          model: device.model.type,
        });
      case '/mcb/setting':
        return JSON.stringify({
          select: 0,
          tempcontrol: true,
          ledcontrol: false,
          name: macWithColons(device.mac),
          powerplans: [{ info: '800 MHz 0.42 V', level: 0 }],
          manual: false,
          version: 'v1.0',
        });
      case '/mcb/pools':
        return JSON.stringify(pools(state));
      case '/mcb/cgminer':
        return query === 'cgminercmd=devs' ? JSON.stringify(devs(state)) : null;
      default:
        return null;
    }
  },
};

function pools(state: MinerState) {
  return state.pools.map((pool) => ({
    url: pool.url,
    legal: pool.alive,
    active: pool.active,
    dragid: pool.priority,
    user: pool.user,
    'pool-priority': pool.priority,
    pass: POOL_PASSWORD,
  }));
}

function devs(state: MinerState) {
  return {
    status: found(state).length,
    data: found(state).map((board) => {
      const accepted = Math.floor(state.accepted * board.share);
      return {
        valid: 15,
        av_hashrate: rate(state.averageThs * board.share),
        rejected: Math.floor(state.rejected * board.share),
        time: state.uptimeS,
        id: board.index,
        powerplan: 0,
        hwerrors: board.hwErrors,
        fanspeed: state.fansRpm.map((rpm) => `${rpm} rpm`).join(' / '),
        accepted,
        hwerr_ration: 0.001,
        nonces: accepted + board.hwErrors,
        hashrate: rate(state.rateThs[20] * board.share),
        temp: `${board.chipTempsC[1].toFixed(1)} °C / ${board.boardTempsC[1].toFixed(1)} °C`,
        minerstatus: board.chipsGood > 0 ? 0 : 1,
      };
    }),
  };
}
