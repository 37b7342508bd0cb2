import type { Json } from '../../lenient-json.ts';
import type { Board, Fan } from '../../reading.ts';
import { board } from '../capabilities.ts';
import type { Replies } from '../family.ts';
import { num, numbers, positive, row, rows, sensors } from '../values.ts';
import type { Row } from '../values.ts';

export const DEVS_PAGE = '/mcb/cgminer?cgminercmd=devs';
export const POOLS_PAGE = '/mcb/pools';

/** Boards over 4028. */
export const devRows = (replies: Replies): Row[] => rows(row(replies.get('devs'))['DEVS']);

/** Boards of the page; two-coin machines keep them a level deeper. */
export function webRows(replies: Replies): Row[] {
  const page = row(replies.get(DEVS_PAGE));
  const nested = rows(page['minfos']).flatMap((part) => rows(part['infos']));
  return nested.length > 0 ? nested : rows(page['data']);
}

export function readBoards(replies: Replies): Board[] {
  const details = rows(row(replies.get('devdetails'))['DEVDETAILS']);
  const chipsOf = (id: number) =>
    positive(details.find((one) => num(one['ID']) === id)?.['chips-nr']);
  const devs = devRows(replies).map((one, index) => {
    const id = num(one['ID']) ?? index;
    const millivolts = positive(one['voltage']);
    return board(id, {
      hashrateThs: ths(one['MHS 20s']),
      chips: chipsOf(id),
      boardTempsC: sensors([num(one['tstemp-2'] ?? one['Temperature'])]),
      chipTempsC: sensors([num(one['tstemp-0']), num(one['tstemp-1'])]),
      frequencyMhz: positive(one['clock']),
      voltageV: millivolts === null ? null : millivolts / 1e3,
      hwErrors: num(one['Hardware Errors']),
    });
  });
  return devs.length > 0 ? devs : webRows(replies).map(webBoard);
}

/** "83.0 °C / 73.8 °C": chip, then board; the degree sign may arrive mangled. */
function webBoard(one: Row, index: number): Board {
  const [chip = null, pcb = null] = numbers(one['temp']);
  return board(num(one['id']) ?? index, {
    hashrateThs: ths(one['hashrate']),
    boardTempsC: sensors([pcb]),
    chipTempsC: sensors([chip]),
    hwErrors: num(one['hwerrors']),
  });
}

function ths(mhs: Json | undefined): number | null {
  const rate = num(mhs);
  return rate === null || rate < 0 ? null : rate / 1e6;
}

/** The machine's fans stand in every board's row; the first row speaks for all. */
export function readFans(replies: Replies): Fan[] {
  const [dev] = devRows(replies);
  const listed = dev
    ? Object.entries(dev)
        .filter(([key]) => /^fan\d+$/.test(key))
        .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
        .map(([, value]) => num(value))
    : numbers(webRows(replies)[0]?.['fanspeed']);
  return listed.flatMap((rpm, index) =>
    rpm === null ? [] : [{ slot: index + 1, rpm, percent: null }],
  );
}

/** cgminer's rows, or the page's, which counts by board and not by pool: the active pool gets the sum. */
export function readPools(replies: Replies): Json {
  const { POOLS } = row(replies.get('pools'));
  if (POOLS !== undefined) return POOLS;
  const boards = webRows(replies);
  const sum = (key: string): number | null =>
    boards.some((one) => num(one[key]) !== null)
      ? boards.reduce((total, one) => total + (num(one[key]) ?? 0), 0)
      : null;
  return rows(replies.get(POOLS_PAGE)).map((pool, index) => {
    const active = pool['active'] === true;
    const none = boards.length === 0 ? null : 0;
    return {
      URL: pool['url'] ?? null,
      User: pool['user'] ?? null,
      Priority: pool['pool-priority'] ?? index,
      'Stratum Active': pool['active'] ?? null,
      Status: pool['legal'] === true ? 'Alive' : pool['legal'] === false ? 'Dead' : null,
      Accepted: active ? sum('accepted') : none,
      Rejected: active ? sum('rejected') : none,
    };
  });
}
