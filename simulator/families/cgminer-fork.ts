import { f2, f4, f6, f8, object, quoted } from '../c-format.ts';
import type { Fields } from '../c-format.ts';
import { CODE, envelope, hostOf, percent4, utility } from '../cgminer-protocol.ts';
import type { RpcCommand, RpcDialect } from '../cgminer-protocol.ts';
import type { BoardState } from '../board-state.ts';
import type { Device } from '../device.ts';
import type { MinerState, PoolState } from '../miner-state.ts';

/** What forks of cgminer have in common: the envelope, and the rows they did not touch. */

/** Rates in MH/s. */
export const MHS = 1e6;

export type Rows = (device: Device, state: MinerState) => readonly Fields[];

/** Code and message of each command, and the name of what it lists. */
const SECTIONS = {
  version: { code: CODE.version, section: 'VERSION', message: () => 'CGMiner versions' },
  summary: { code: CODE.summary, section: 'SUMMARY', message: () => 'Summary' },
  stats: { code: CODE.stats, section: 'STATS', message: () => 'CGMiner stats' },
  pools: { code: CODE.pools, section: 'POOLS', message: (count: number) => `${count} Pool(s)` },
  devs: { code: CODE.devs, section: 'DEVS', message: listed },
  edevs: { code: CODE.devs, section: 'DEVS', message: listed },
  devdetails: {
    code: CODE.devdetails,
    section: 'DEVDETAILS',
    message: () => 'Device Details',
  },
  asccount: { code: 104, section: 'ASCCount', message: () => 'ASC count' },
} as const;

function listed(count: number, kind: string): string {
  return `${count} ${kind}(s)`;
}

export interface Fork {
  /** `Description` of every status. */
  description: string;
  /** What it calls its boards. */
  kind?: 'ASC' | 'PGA' | 'GPU';
  joins?: boolean;
  /** What differs from `pools` of cgminer comes on top. */
  rows: Partial<Record<keyof typeof SECTIONS, Rows>>;
}

const PRIVILEGED: ReadonlySet<string> = new Set([
  'addpool',
  'removepool',
  'switchpool',
  'enablepool',
  'disablepool',
  'restart',
  'quit',
  'ascset',
  'save',
  'zero',
]);

export function makeFork({ description, kind = 'ASC', joins = true, rows }: Fork): RpcDialect {
  const all: Fork['rows'] = {
    pools: (device, state) => state.pools.map((pool) => poolFields(device, state, pool)),
    ...rows,
  };
  const commands = Object.entries(all).map(([name, list]): [string, RpcCommand] => {
    const { code, section, message } = SECTIONS[name as keyof typeof SECTIONS];
    return [
      name,
      (device, state) => {
        const printed = list(device, state).map(object);
        const status = {
          whenS: state.timeS,
          code,
          message: message(printed.length, kind),
          description,
        };
        return envelope(status, section, printed);
      },
    ];
  });
  return {
    description,
    joins,
    acceptsCmd: false,
    privileged: PRIVILEGED,
    commands: Object.fromEntries(commands),
  };
}

export const found = (state: MinerState): BoardState[] =>
  state.boards.filter((board) => board.found);

/** A row for each board that is there. */
export function boardRows(
  state: MinerState,
  row: (board: BoardState, number: number) => Fields,
): Fields[] {
  return found(state).map(row);
}

/** A row for each pool. */
export function poolRows(state: MinerState, row: (pool: PoolState) => Fields): Fields[] {
  return state.pools.map(row);
}

/** Averages over cgminer's windows, of the machine or of one board of it. */
export function rateFields(state: MinerState, share = 1, perThs = MHS): Fields {
  const rate = (ths: number): string => f2(ths * share * perThs);
  return {
    'MHS av': rate(state.averageThs),
    'MHS 5s': rate(state.rateThs[5]),
    'MHS 1m': rate(state.rateThs[60]),
    'MHS 5m': rate(state.rateThs[300]),
    'MHS 15m': rate(state.rateThs[900]),
  };
}

export function summaryFields(device: Device, state: MinerState, perThs = MHS): Fields {
  const { accepted, rejected, stale } = state;
  const rejects = percent4(rejected, accepted + rejected);
  return {
    Elapsed: state.uptimeS,
    ...rateFields(state, 1, perThs),
    'Found Blocks': 0,
    Getworks: Math.floor(state.uptimeS / 30),
    Accepted: accepted,
    Rejected: rejected,
    'Hardware Errors': state.hwErrors,
    Utility: utility(state),
    Discarded: accepted * 6,
    Stale: stale,
    'Get Failures': 0,
    'Local Work': accepted * 80,
    'Remote Failures': 0,
    'Network Blocks': Math.floor(state.uptimeS / 600),
    'Total MH': f4(state.averageThs * MHS * state.uptimeS),
    'Work Utility': f2((state.averageThs * 1e12 * 60) / 2 ** 32),
    'Difficulty Accepted': f8(accepted * device.shareDifficulty),
    'Difficulty Rejected': f8(rejected * device.shareDifficulty),
    'Difficulty Stale': f8(stale * device.shareDifficulty),
    'Best Share': state.bestShare,
    'Device Hardware%': '0.0000',
    'Device Rejected%': rejects,
    'Pool Rejected%': rejects,
    'Pool Stale%': percent4(stale, accepted + stale),
    'Last getwork': state.timeS,
  };
}

/** A board as a device. `name` is its driver. */
export function deviceFields(
  device: Device,
  state: MinerState,
  board: BoardState,
  name: string,
  kind: 'ASC' | 'PGA' = 'ASC',
): Fields {
  const accepted = Math.floor(state.accepted * board.share);
  return {
    [kind]: board.index,
    Name: quoted(name),
    ID: board.index,
    Enabled: '"Y"',
    Status: board.chipsGood > 0 ? '"Alive"' : '"Dead"',
    Temperature: f2(board.boardTempsC[1]),
    ...rateFields(state, board.share),
    Accepted: accepted,
    Rejected: Math.floor(state.rejected * board.share),
    'Hardware Errors': board.hwErrors,
    Utility: f2((accepted * 60) / Math.max(1, state.uptimeS)),
    'Last Share Pool': state.pools.findIndex(({ active }) => active),
    'Last Share Time': state.timeS,
    'Total MH': f4(state.averageThs * board.share * MHS * state.uptimeS),
    'Diff1 Work': 0,
    'Difficulty Accepted': f8(accepted * device.shareDifficulty),
    'Last Valid Work': state.timeS,
    'Device Hardware%': '0.0000',
    'Device Rejected%': '0.0000',
    'Device Elapsed': state.uptimeS,
  };
}

/** The head of a row of `stats`. */
export function statsHead(state: MinerState, number: number, id: string): Fields {
  return {
    STATS: number,
    ID: quoted(id),
    Elapsed: state.uptimeS,
    Calls: 0,
    Wait: f6(0),
    Max: f6(0),
    Min: f6(99_999_999),
  };
}

export function poolFields(device: Device, state: MinerState, pool: PoolState): Fields {
  return {
    POOL: pool.priority,
    URL: quoted(pool.url),
    Status: pool.alive ? '"Alive"' : '"Dead"',
    Priority: pool.priority,
    Quota: 1,
    'Long Poll': '"N"',
    Getworks: Math.floor(state.uptimeS / 30),
    Accepted: pool.accepted,
    Rejected: pool.rejected,
    Discarded: 0,
    Stale: pool.stale,
    'Get Failures': 0,
    'Remote Failures': 0,
    User: quoted(pool.user),
    'Last Share Time': pool.active ? state.timeS : 0,
    'Diff1 Shares': 0,
    'Proxy Type': '""',
    Proxy: '""',
    'Difficulty Accepted': f8(pool.accepted * device.shareDifficulty),
    'Has Stratum': true,
    'Stratum Active': pool.active,
    'Stratum URL': quoted(pool.active ? hostOf(pool.url) : ''),
    'Has GBT': false,
    'Best Share': pool.active ? state.bestShare : 0,
    'Pool Rejected%': percent4(pool.rejected, pool.accepted + pool.rejected),
    'Pool Stale%': percent4(pool.stale, pool.accepted + pool.stale),
  };
}
