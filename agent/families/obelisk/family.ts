import type { Board, Fan } from '../../reading.ts';
import { get, getFrom } from '../ask.ts';
import type { SessionLogin } from '../ask.ts';
import { board, boards, fans, hashrate, identity, pools, shares, state } from '../capabilities.ts';
import { sumOf } from '../cgminer-devices.ts';
import type { Family, Replies, Step } from '../family.ts';
import { rate } from '../units.ts';
import { duration, num, row, rows, sensors, text } from '../values.ts';

const INFO = get('/api/info');
const DASHBOARD = '/api/status/dashboard';

const SESSION: SessionLogin = {
  method: 'POST',
  path: '/api/login',
  as: 'json',
  fields: { username: '{user}', password: '{password}' },
  session: { cookie: /./ },
};

const info = (replies: Replies) => row(replies.get(INFO.path));
const hashboards = (replies: Replies) => rows(row(replies.get(DASHBOARD))['hashboardStatus']);
const system = (replies: Replies) => rows(row(replies.get(DASHBOARD))['systemInfo']);

/** The first generation reports its average only, the second windows. */
const RATES = ['hashrate5min', 'mhsAvg'] as const;

function readBoards(replies: Replies): Board[] {
  return hashboards(replies).map((said, slot) =>
    board(slot, {
      hashrateThs: rate(said['hashrate5min'] ?? said['mhsAvg'], 'MH/s'),
      boardTempsC: sensors([
        num(said['boardTemp']),
        num(said['intakeTemp']),
        num(said['exhaustTemp']),
      ]),
      chipTempsC: sensors([num(said['chipTemp'])]),
    }),
  );
}

/** "Fan 1 Speed" is in rpm; the second generation's "Fan Speed" is a duty in percent. */
function readFans(replies: Replies): Fan[] {
  return system(replies).flatMap(({ name, value }): Fan[] => {
    const heading = /^Fan(?: (\d+))? Speed$/i.exec(text(name) ?? '');
    const speed = num(value);
    if (!heading || speed === null) return [];
    const [, slot] = heading;
    return slot === undefined
      ? [{ slot: 1, rpm: null, percent: speed }]
      : [{ slot: Number(slot), rpm: speed, percent: null }];
  });
}

/** Pools in the order of their priority, as cgminer would list them. */
function poolRows(replies: Replies) {
  return rows(row(replies.get(DASHBOARD))['poolStatus']).map((pool, index) => ({
    URL: pool['url'] ?? null,
    User: pool['worker'] ?? null,
    Status: pool['status'] ?? null,
    Priority: index,
    Accepted: pool['accepted'] ?? null,
    Rejected: pool['rejected'] ?? null,
  }));
}

const ALGORITHMS: readonly [model: RegExp, algorithm: string][] = [
  [/^SC1/, 'blake2b'],
  [/^DCR1/, 'blake256r14'],
  [/^GRN1/, 'cuckatoo31'],
];

const PLAN: readonly Step[] = [
  { ask: [getFrom(DASHBOARD, { login: SESSION })], every: 'poll' },
  { ask: [INFO], every: 'hour' },
];

export const obelisk: Family = {
  id: 'obelisk',
  make: 'Obelisk',
  product: 'Obelisk',
  recognise: {
    page: /<title>[^<]*obelisk/i,
    knocks: { at: INFO, says: /"vendor"\s*:\s*"Obelisk"/i },
  },
  login: { user: 'admin', password: 'admin' },
  plans: new Map<number, readonly Step[]>([[80, PLAN]]),
  capabilities: [
    identity({
      modelRaw: (replies) => info(replies)['model'],
      mac: (replies) => info(replies)['macAddress'],
      algorithm: (replies) => {
        const model = text(info(replies)['model']) ?? replies.known.modelRaw;
        return model === null ? null : ALGORITHMS.find(([line]) => line.test(model))?.[1];
      },
    }),
    hashrate({
      now: [
        { from: sumOf(hashboards, RATES[0]), unit: 'MH/s', window: '5m' },
        { from: sumOf(hashboards, RATES[1]), unit: 'MH/s', window: 'average' },
      ],
      average: [{ from: sumOf(hashboards, RATES[1]), unit: 'MH/s' }],
      expected: [],
    }),
    boards(['slot', 'hashrateThs', 'boardTempsC', 'chipTempsC'], readBoards),
    fans(['slot', 'rpm', 'percent'], readFans),
    pools({
      from: poolRows,
      fills: ['url', 'user', 'priority', 'alive', 'accepted', 'rejected'],
    }),
    shares(() => ({}), ['accepted', 'rejected']),
    state(['mining', 'uptimeS'], (replies, reading) => ({
      mining: reading.hashrate.nowThs === null ? null : reading.hashrate.nowThs > 0,
      uptimeS: duration(system(replies).find(({ name }) => name === 'Uptime')?.['value']),
    })),
  ],
};
