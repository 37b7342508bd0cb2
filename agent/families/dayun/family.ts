import type { Board, Fan } from '../../reading.ts';
import { rpc } from '../ask.ts';
import {
  at,
  board,
  boards,
  fans,
  hashrate,
  identity,
  pools,
  section,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import { isRow, num, row, sensors, text } from '../values.ts';

const stats = section('stats', 'STATS');

/** Each channel is a board: `CH1` with its fields inside, or `CH1.Temperature` beside each other. */
function readBoards(replies: Replies): Board[] {
  const found = new Map<number, number | null>();
  for (const [key, value] of Object.entries(stats(replies))) {
    const [, slot, field] = /^CH(\d+)(?:[. _]?(Temperature.*))?$/i.exec(key) ?? [];
    if (slot === undefined) continue;
    if (isRow(value)) found.set(Number(slot), num(value['Temperature']));
    else if (field !== undefined && !found.has(Number(slot))) found.set(Number(slot), num(value));
  }
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([slot, tempC]) => board(slot, { boardTempsC: sensors([tempC]) }));
}

function readFans(replies: Replies): Fan[] {
  return ['Fan In', 'Fan Out'].flatMap((key, index) => {
    const rpm = num(stats(replies)[key]);
    return rpm === null ? [] : [{ slot: index + 1, rpm, percent: null }];
  });
}

const PLAN: readonly Step[] = [
  { ask: [rpc('stats'), rpc('pools')], join: true, every: 'poll' },
  { ask: [rpc('version')], every: 'hour' },
];

export const dayun: Family = {
  id: 'dayun',
  make: 'Dayun',
  product: 'Dayun',
  recognise: { cgminer: [/"TEMPERATURE CORE"\s*:/] },
  plans: new Map<number, readonly Step[]>([[4028, PLAN]]),
  capabilities: [
    identity({
      modelRaw: at('version', 'VERSION', 'Type'),
      firmwareVersion: at('stats', 'STATUS', 'Description'),
    }),
    hashrate({
      now: [{ from: (replies) => stats(replies)['MHS 30S'], unit: 'MH/s', window: '30s' }],
      average: [{ from: (replies) => stats(replies)['MHS av'], unit: 'MH/s' }],
      expected: [],
    }),
    {
      name: 'core',
      fills: ['thermal.chipMaxC'],
      read: (replies, reading) => {
        const core = stats(replies)['Temperature Core'];
        reading.thermal.chipMaxC = sensors([num(core) ?? num(text(core))])[0] ?? null;
      },
    },
    boards(['slot', 'boardTempsC'], readBoards),
    fans(['slot', 'rpm'], readFans),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] }),
    shares(stats, ['accepted', 'rejected', 'stale']),
    state(['mining', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      uptimeS: num(stats(replies)['Elapsed']),
    })),
  ],
};
