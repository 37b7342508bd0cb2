import type { Miner, MinerState } from '../../data/miners.ts';
import { MINER_STATES } from '../../data/miners.ts';
import type { Sort } from '../../parts/table.tsx';

export type MinerColumn =
  | 'state'
  | 'name'
  | 'address'
  | 'site'
  | 'model'
  | 'firmware'
  | 'hashrate'
  | 'temperature'
  | 'fans'
  | 'power'
  | 'answered';

export interface MinerFilter {
  /** Words, all of which must occur somewhere in what identifies the miner. */
  text: string;
  siteId: number | null;
  state: MinerState | null;
}

/** "AntMiner S19j Pro"; null when the miner says neither. */
export const modelOf = (miner: Miner): string | null =>
  [miner.manufacturer, miner.model].filter(Boolean).join(' ') || null;

/** "VNish 1.2.6"; null when the miner says neither. */
export const firmwareOf = (miner: Miner): string | null =>
  [miner.firmware, miner.firmware_version].filter(Boolean).join(' ') || null;

/** A MAC as typed or printed anywhere: 0a1b2c, 0A:1B:2C and 0a-1b-2c are the same. */
const MAC_LIKE = /^[0-9a-f]{2}([:-][0-9a-f]{2})+$/;

function searchable(miner: Miner): string {
  return [
    miner.name,
    miner.ip_address,
    modelOf(miner),
    firmwareOf(miner),
    miner.mac?.replaceAll(/[:-]/g, ''),
    miner.serial,
    miner.site_name,
  ]
    .join('\n')
    .toLowerCase();
}

export function filterMiners(miners: readonly Miner[], filter: MinerFilter): Miner[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => (MAC_LIKE.test(word) ? word.replaceAll(/[:-]/g, '') : word));
  return miners.filter((miner) => {
    if (filter.siteId !== null && miner.site_id !== filter.siteId) return false;
    if (filter.state !== null && miner.state !== filter.state) return false;
    if (words.length === 0) return true;
    const text = searchable(miner);
    return words.every((word) => text.includes(word));
  });
}

/** IPv4 as a number, so that .9 comes before .10; others by their text after all IPv4. */
function addressRank(address: string): number | string {
  const octets = address.split('.');
  return octets.length === 4
    ? octets.reduce((rank, octet) => rank * 256 + Number(octet), 0)
    : address;
}

/** What a column is sorted by; null = not reported. */
const RANK: Record<MinerColumn, (miner: Miner) => number | string | null> = {
  state: (miner) => MINER_STATES.indexOf(miner.state),
  name: (miner) => miner.name,
  address: (miner) => addressRank(miner.ip_address),
  site: (miner) => miner.site_name,
  model: modelOf,
  firmware: firmwareOf,
  hashrate: (miner) => miner.hash_rate,
  temperature: (miner) => miner.temperature,
  fans: (miner) => miner.fan_speed,
  power: (miner) => miner.power_consumption,
  answered: (miner) => (miner.answered_at === null ? null : Date.parse(miner.answered_at)),
};

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return collator.compare(a, b);
  return typeof a === 'number' ? -1 : 1;
}

/** Sorted by a column, ties by name; what a miner does not report comes last either way. */
export function sortMiners(miners: readonly Miner[], sort: Sort<MinerColumn>): Miner[] {
  const rankOf = RANK[sort.column];
  const sign = sort.descending ? -1 : 1;
  return miners
    .map((miner) => ({ miner, rank: rankOf(miner) }))
    .sort((a, b) => {
      if (a.rank === null || b.rank === null) {
        if (a.rank !== b.rank) return a.rank === null ? 1 : -1;
      } else {
        const order = compare(a.rank, b.rank);
        if (order !== 0) return sign * order;
      }
      return collator.compare(a.miner.name, b.miner.name) || a.miner.id - b.miner.id;
    })
    .map(({ miner }) => miner);
}

/** A second click on a header turns the order round; numbers begin with the largest, states with the worst. */
export function nextSort(sort: Sort<MinerColumn>, column: MinerColumn): Sort<MinerColumn> {
  if (sort.column === column) return { column, descending: !sort.descending };
  const largestFirst = ['hashrate', 'temperature', 'fans', 'power'].includes(column);
  return { column, descending: largestFirst };
}
