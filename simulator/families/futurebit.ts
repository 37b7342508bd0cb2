import { f4, macWithColons } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import { bearer, jsonBody } from '../web.ts';
import type { Session, Web } from '../web.ts';
import { boardRows, deviceFields, makeFork, MHS } from './cgminer-fork.ts';
import { intervals, poolInUse, slots } from './openminer.ts';

/** The Moonlander is a stick under bfgminer, known by the name of its driver. */
export const futurebitDialects: Partial<Record<Dialect, RpcDialect>> = {
  moonlander: makeFork({
    description: 'bfgminer 5.4.2',
    kind: 'PGA',
    rows: {
      version: () => [{ CGMiner: '"5.4.2"', API: '"3.3"', Miner: '"BFGMiner 5.4.2"' }],
      devs: (device, state) =>
        boardRows(state, (board) => {
          const { 'Device Elapsed': elapsed = 0, ...rest } = deviceFields(
            device,
            state,
            board,
            'MLD',
            'PGA',
          );
          return {
            ...Object.fromEntries(Object.entries(rest).filter(([key]) => !/^MHS|^Temp/.test(key))),
            'Device Elapsed': elapsed,
            'MHS av': f4(state.averageThs * board.share * MHS),
            'MHS 20s': f4(state.rateThs[20] * board.share * MHS),
            'MHS rolling': f4(state.rateThs[20] * board.share * MHS),
            Stale: state.stale,
          };
        }),
    },
  }),
};

const LOGIN = /\blogin\b/;
const PATH = '/api/graphql';

/** The password stands in the query, or among its variables. */
function credentials(body: string) {
  const { query, variables } = jsonBody(body);
  const text = typeof query === 'string' ? query : '';
  if (!LOGIN.test(text)) return null;
  const { input } = (variables ?? {}) as { input?: { password?: unknown } };
  const password = /password:\s*"([^"]*)"/.exec(text)?.[1] ?? input?.password;
  return { user: 'futurebit', password: String(password) };
}

const login = (result: unknown, message: string | null): string =>
  JSON.stringify({
    data: { Auth: { login: { result, error: message === null ? null : { message } } } },
  });

const SESSION: Session = {
  user: 'futurebit',
  password: 'futurebit123',
  credentials: ({ path, body }) => (path === PATH ? credentials(body) : null),
  granted: (accessToken) => ({ body: login({ accessToken }, null) }),
  refused: { body: login(null, 'Invalid password') },
  wanted: { body: '{"errors":[{"message":"Not authenticated: invalid token"}],"data":null}' },
  token: bearer,
  isOpen: () => false,
};

const api: Web = {
  contentType: 'application/json',
  port: 5000,
  session: SESSION,
  pages: () => null,
  // Answered in full, whatever of it is asked; a mutation would write.
  posts: (device, state, path, body) => {
    const { query } = jsonBody(body);
    if (path !== PATH || typeof query !== 'string' || /\bmutation\b/.test(query)) return null;
    return JSON.stringify({ data: dataOf(device, state) });
  },
};

/** The application lives a page further on. */
const ui: Web = {
  contentType: 'text/html',
  pages: (_device, _state, path) => {
    if (path === '/') return { body: '', status: 308, headers: { Location: '/overview' } };
    return path === '/overview'
      ? '<!doctype html><html><head><title>Apollo</title></head><body></body></html>\n'
      : null;
  },
};

export const futurebitWebs: readonly Web[] = [ui, api];

const numbered = (number: number): string => `int_${number}`;

function dataOf(device: Device, state: MinerState) {
  return {
    Miner: {
      online: {
        result: { online: { status: state.activity === 'sleeping' ? 'stopped' : 'online' } },
        error: null,
      },
      stats: { result: { stats: [statsOf(device, state)] }, error: null },
    },
    Mcu: {
      stats: {
        result: {
          stats: {
            hostname: device.hostname,
            network: [
              { name: 'lo', address: '127.0.0.1', mac: '00:00:00:00:00:00' },
              {
                name: 'eth0',
                address: state.address,
                mac: macWithColons(device.mac).toLowerCase(),
              },
            ],
          },
        },
        error: null,
      },
    },
  };
}

function statsOf(device: Device, state: MinerState) {
  return {
    uuid: device.serial,
    version: 'v2',
    statVersion: '1.2',
    versions: { miner: 'v2.0.1' },
    master: {
      upTime: state.uptimeS,
      boardsW: state.powerW.toFixed(1),
      intervals: intervals(state, numbered),
    },
    slots: slots(state, numbered),
    fans: { int_0: { rpm: state.fansRpm } },
    slaves: [{ id: 0, uid: device.serial }],
    pool: poolInUse(device, state, numbered),
  };
}
