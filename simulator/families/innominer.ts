import { f6, macWithColons, object, quoted } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import { POOL_PASSWORD } from '../device.ts';
import type { BoardState } from '../board-state.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import { bearer, formLogin } from '../web.ts';
import type { Session, Web } from '../web.ts';
import { chipFields } from './chain-rows.ts';
import {
  boardRows,
  deviceFields,
  found,
  makeFork,
  MHS,
  statsHead,
  summaryFields,
} from './cgminer-fork.ts';

/** Zcash machines count solutions a second under the keys that say MH. */
const SOLS = 1e12;
const HASHES = 1e12;

function innominer(description: string, id: string, perThs?: number): RpcDialect {
  const [program = '', version = ''] = description.split(' ');
  return makeFork({
    description,
    rows: {
      version: () => [
        { [program === 'cgminer' ? 'CGMiner' : 'Innominer']: quoted(version), API: '"3.7"' },
      ],
      summary: (device, state) => [summaryFields(device, state, perThs)],
      devs: (device, state) => found(state).map((board) => deviceFields(device, state, board, id)),
      stats: (device, state) =>
        boardRows(state, (board, row) => ({
          ...statsHead(state, row, `${id}${board.index}`),
          'Chain ID': board.index,
          'Num chips': board.chips,
          'Num cores': board.chips * 32,
          'Num active chips': board.chipsGood,
          'Temp max': f6(board.chipTempsC[1]),
          'Temp min': f6(board.chipTempsC[0]),
          Temp: f6(board.boardTempsC[1]),
          'Fan duty': dutyOf(device, state),
          PLL: board.frequencyMhz,
          // On a scale of its own.
          'MHS av': f6(board.chips * 32 * 2592),
          ...chipFields(board, null),
        })),
    },
  });
}

export const innominerDialects: Partial<Record<Dialect, RpcDialect>> = {
  'innominer-sols': innominer('innominer a9-1.1.0', 'HLT', SOLS),
  'innominer-mhs': innominer('innominer t3-4.10.0', 'DT2'),
  dragonmint: innominer('cgminer 4.10.0', 'DT1'),
};

function dutyOf(device: Device, state: MinerState): number {
  return Math.round(((state.fansRpm[0] ?? 0) / device.model.fanMaxRpm) * 100);
}

const login = (password: string): Session => ({
  user: 'admin',
  password,
  credentials: formLogin('/api/auth', 'username', 'password'),
  granted: (token) => ({ body: `{"success":true,"jwt":"${token}"}` }),
  refused: { body: '{"success":false,"message":"Wrong username or password"}' },
  wanted: { body: '{"success":false,"token":"missing"}', status: 401 },
  token: bearer,
  isOpen: (path) => path === '/',
});

/** Every read is a POST; the page in a browser is the same for both makes. */
export const innominerWeb: Web = {
  contentType: 'application/json',
  session: login('admin'),
  pages: (_device, _state, path) =>
    path === '/'
      ? '<!doctype html><html><head><title>DragonMint</title></head><body><app-root></app-root></body></html>\n'
      : null,
  posts: read,
};

export const dragonmintWeb: Web = {
  ...innominerWeb,
  session: login('dragonadmin'),
  // Its firmware reads by GET.
  pages: (device, state, path) =>
    innominerWeb.pages(device, state, path, '') ?? read(device, state, path),
  posts: (_device, _state, path) =>
    path.startsWith('/api/get')
      ? { body: 'Not Found', status: 404, contentType: 'text/plain' }
      : null,
};

function read(device: Device, state: MinerState, path: string): string | null {
  switch (path) {
    case '/api/overview':
      return JSON.stringify({
        success: true,
        type: device.model.type,
        hardware: { status: '15:38:31 up 10 min, load average: 0.30, 0.23, 0.11' },
        network: { dhcp: 'dhcp', ipaddress: state.address },
        version: {
          hwver: 'g19',
          ethaddr: spaced(device),
          build_date: '1st of November 2019 07:17 AM',
          platform_v: `${device.model.type.toLowerCase()}_20191101_071756`,
        },
      });
    case '/api/pools':
      return JSON.stringify({
        success: true,
        pools: state.pools.map(({ url, user }) => ({ url, user, pass: POOL_PASSWORD })),
      });
    case '/api/type':
      return JSON.stringify({ success: true, type: device.model.type });
    case '/api/getAll':
      return device.model.family === 'dragonmint' ? null : JSON.stringify(allOf(device, state));
    case '/api/summary':
      return JSON.stringify(summaryOf(device, state));
    case '/api/getErrorDetail':
      return '{"success":true,"code":"0","errmsg":""}';
    default:
      return null;
  }
}

/** One of the images puts blanks into the address. */
function spaced({ mac }: Device): string {
  return macWithColons(mac).toLowerCase().replace(':', ': ');
}

const hashes = (ths: number): number => Math.round(ths * HASHES);

function allOf(device: Device, state: MinerState) {
  return {
    success: true,
    all: {
      total_hash: {
        'Hash Rate': Number(state.rateThs[5].toFixed(4)),
        Unit: 'TH/s',
        'Hash Rate H': hashes(state.rateThs[5]),
      },
      power: state.powerW,
      fansSpeed: dutyOf(device, state),
      mac: macWithColons(device.mac),
      temp: Math.round(Math.max(0, ...found(state).map(({ boardTempsC }) => boardTempsC[1]))),
      chain: found(state).map((board) => ({
        ASC: board.index,
        'Hash Rate H': hashes(state.rateThs[5] * board.share),
        'Average Temp': Math.round(board.boardTempsC[1]),
        'Temp max': Math.round(board.chipTempsC[1]),
        'Temp min': Math.round(board.chipTempsC[0]),
      })),
      pools: poolsOf(state),
    },
  };
}

/** As cgminer's rows, with the password among them. */
function poolsOf(state: MinerState) {
  return state.pools.map((pool) => ({
    URL: pool.url,
    User: pool.user,
    Password: POOL_PASSWORD,
    Status: pool.alive ? 'Alive' : 'Dead',
    Priority: pool.priority,
    'Stratum Active': pool.active,
    Accepted: pool.accepted,
    Rejected: pool.rejected,
    Stale: pool.stale,
  }));
}

/** What the older firmware has instead: the rows of cgminer, and which window the page shows. */
function summaryOf(device: Device, state: MinerState) {
  return {
    success: true,
    DEVS: found(state).map((board) => deviceOf(device, state, board)),
    POOLS: poolsOf(state),
    HARDWARE: { 'Fan duty': dutyOf(device, state) },
  };
}

function deviceOf(device: Device, state: MinerState, board: BoardState) {
  const text = object(deviceFields(device, state, board, 'DT1'));
  return {
    ...(JSON.parse(text) as Record<string, unknown>),
    'Hash Rate': state.rateThs[900] * board.share * MHS,
  };
}
