import type { Board, Fan } from '../../reading.ts';
import { rpc } from '../ask.ts';
import {
  at,
  boards,
  board,
  fans,
  first,
  hashrate,
  identity,
  pools,
  section,
  shares,
  state,
} from '../capabilities.ts';
import type { RateSource } from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import { rate } from '../units.ts';
import type { RateUnit } from '../units.ts';
import { num, positive, row, rows, sensors } from '../values.ts';
import type { Row } from '../values.ts';

const summary = section('summary', 'SUMMARY');

/** cgminer's own keys, the unit in the name. The order is the order of preference. */
const UNITS: readonly [prefix: string, unit: RateUnit][] = [
  ['GHS', 'GH/s'],
  ['MHS', 'MH/s'],
  ['KHS', 'kH/s'],
];

const NOW: readonly RateSource[] = ['5s', '1m', '20s', '30s'].flatMap((window) =>
  UNITS.map(([prefix, unit]) => ({
    from: (replies: Replies) => summary(replies)[`${prefix} ${window}`],
    unit,
    window,
  })),
);

const AVERAGE: readonly RateSource[] = UNITS.map(([prefix, unit]) => ({
  from: (replies: Replies) => summary(replies)[`${prefix} av`],
  unit,
}));

function readBoards(replies: Replies): Board[] {
  return rows(row(replies.get('devs'))['DEVS']).map((device, index) => {
    const told = UNITS.map(
      ([prefix, unit]) => rate(device[`${prefix} 5s`], unit) ?? rate(device[`${prefix} av`], unit),
    ).find((value) => value !== null);
    return board(num(device['ASC']) ?? num(device['PGA']) ?? num(device['ID']) ?? index, {
      hashrateThs: told ?? null,
      boardTempsC: sensors([num(device['Temperature'])]),
      frequencyMhz: positive(device['Frequency']),
      hwErrors: num(device['Hardware Errors']),
    });
  });
}

/** Any `fan1`, `Fan 2` … with a number, in `stats` or `devs`; a 0 may be an empty connector. */
function readFans(replies: Replies): Fan[] {
  const everywhere: Row[] = [
    ...rows(row(replies.get('stats'))['STATS']),
    ...rows(row(replies.get('devs'))['DEVS']),
  ];
  const found = new Map<number, number>();
  for (const entry of everywhere) {
    for (const [key, value] of Object.entries(entry)) {
      const slot = /^fan[ _]?(\d+)$/i.exec(key)?.[1];
      const rpm = num(value);
      if (slot !== undefined && rpm) found.set(Number(slot), rpm);
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([slot, rpm]) => ({ slot, rpm, percent: null }));
}

const PLAN: readonly Step[] = [
  { ask: [rpc('summary'), rpc('devs'), rpc('pools'), rpc('stats')], join: true, every: 'poll' },
  { ask: [rpc('version')], every: 'hour' },
];

/** Whatever else speaks the cgminer API. Make and model stay unknown; the firmware names itself. */
export const genericCgminer: Family = {
  id: 'generic-cgminer',
  make: null,
  product: null,
  stock: true,
  recognise: { cgminer: [/"STATUS"\s*:\s*(?:\[\s*\{|"[SIWEF]")/, /^STATUS=[SIWEF],/] },
  plans: new Map<number, readonly Step[]>([[4028, PLAN]]),
  capabilities: [
    identity({
      firmware: first(
        at('summary', 'STATUS', 'Description'),
        at('version', 'STATUS', 'Description'),
      ),
      modelRaw: at('version', 'VERSION', 'Type'),
      apiVersion: at('version', 'VERSION', 'API'),
    }),
    hashrate({ now: [...NOW, ...AVERAGE], average: AVERAGE, expected: [] }),
    boards(['slot', 'hashrateThs', 'boardTempsC', 'frequencyMhz', 'hwErrors'], readBoards),
    fans(['slot', 'rpm'], readFans),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] }),
    shares(summary),
    state(['mining', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      uptimeS: num(summary(replies)['Elapsed']),
    })),
  ],
};
