import type { Board, Fan } from '../../reading.ts';
import { rpc } from '../ask.ts';
import {
  at,
  board,
  boards,
  fans,
  first,
  hashrate,
  identity,
  pools,
  section,
  shares,
  state,
} from '../capabilities.ts';
import type { Family, Replies, Step } from '../family.ts';
import { rate } from '../units.ts';
import { num, positive, row, rows, sensors } from '../values.ts';

const summary = section('summary', 'SUMMARY');

/** One row of `stats` for each chain; those of the pools follow. */
const chains = (replies: Replies) =>
  rows(row(replies.get('stats'))['STATS']).filter((entry) => 'Temp Avg' in entry);

function readBoards(replies: Replies): Board[] {
  return chains(replies).map((chain, index) =>
    board(num(chain['Chain ID']) ?? num(chain['STATS']) ?? index, {
      hashrateThs: rate(chain['MHS 5s'] ?? chain['MHS av'], 'MH/s'),
      chips: num(chain['Num chips']),
      chipsGood: num(chain['Num active chips']),
      boardTempsC: sensors([num(chain['Temp Avg'])]),
      frequencyMhz: positive(chain['PLL']),
    }),
  );
}

/** `Fan0 Speed` … of the machine, repeated for each chain. */
function readFans(replies: Replies): Fan[] {
  const found = new Map<number, number>();
  for (const entry of [summary(replies), ...chains(replies)]) {
    for (const [key, value] of Object.entries(entry)) {
      const slot = /^Fan ?(\d+) Speed$/i.exec(key)?.[1];
      const rpm = num(value);
      if (slot !== undefined && rpm !== null && !found.has(Number(slot))) {
        found.set(Number(slot), rpm);
      }
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([slot, rpm]) => ({ slot, rpm, percent: null }));
}

const PLAN: readonly Step[] = [
  { ask: [rpc('summary'), rpc('stats'), rpc('pools')], join: true, every: 'poll' },
  { ask: [rpc('version')], every: 'hour' },
];

export const minerva: Family = {
  id: 'minerva',
  make: 'MinerVa',
  product: 'MinerVa',
  recognise: { cgminer: [/"NETID"\s*:/, /"TYPE"\s*:\s*"MINERVA/] },
  plans: new Map<number, readonly Step[]>([[4028, PLAN]]),
  model: (raw) => raw.replace(/^\s*minerva\s*/i, '').trim() || null,
  capabilities: [
    identity({
      modelRaw: at('version', 'VERSION', 'Type'),
      mac: (replies) => summary(replies)['Netid'],
      firmwareVersion: first(
        at('version', 'VERSION', 'CompileTime'),
        at('summary', 'STATUS', 'Description'),
      ),
      algorithm: () => 'sha256',
    }),
    hashrate({
      now: [
        { from: (replies) => summary(replies)['MHS 5s'], unit: 'MH/s', window: '5s' },
        { from: (replies) => summary(replies)['MHS av'], unit: 'MH/s', window: 'average' },
      ],
      average: [{ from: (replies) => summary(replies)['MHS av'], unit: 'MH/s' }],
      expected: [],
    }),
    boards(
      ['slot', 'hashrateThs', 'chips', 'chipsGood', 'boardTempsC', 'frequencyMhz'],
      readBoards,
    ),
    fans(['slot', 'rpm'], readFans),
    pools({ from: (replies) => row(replies.get('pools'))['POOLS'] }),
    shares(summary),
    state(['mining', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      uptimeS: num(summary(replies)['Elapsed']),
    })),
  ],
};
