import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { sync } from '../../../tests/support/sync.ts';
import { makeRollups, type Rollups } from './rollups.ts';
import { deliveriesOf, POLL_S, type Delivery } from './testing/small-farm.ts';

const HOUR_S = 3600;
const HOURS = 3;
/** A whole hour, some days ago, so that the real clock plays no part. */
const START_S = Math.floor(Date.now() / 1000 / HOUR_S) * HOUR_S - 5 * 24 * HOUR_S;
const END_S = START_S + HOURS * HOUR_S;
const MEASUREMENTS = ['site_agg', 'model_agg', 'fleet_agg', 'site_1h', 'fleet_1h', 'miner_1h'];

interface Farm {
  server: TestServer;
  keys: string[];
  now: { s: number };
  rollups(): Rollups;
  deliver(delivery: Delivery): Promise<void>;
  /** Rounds until there is nothing left to do, the clock going on. */
  settle(rollups: Rollups): Promise<void>;
  points(): Promise<Map<string, Record<string, unknown>>>;
}

let stack: AsyncDisposableStack;
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(() => stack.disposeAsync());

/** Two sites with two agents each, and an agent without one. */
async function startFarm(): Promise<Farm> {
  const now = { s: START_S };
  const clock = () => new Date(now.s * 1000);
  const server = stack.use(await startTestServer({ clock }));
  const keys: string[] = [];
  for (const agent of POLL_S.keys()) {
    const site = agent === 4 ? undefined : agent % 2;
    if (agent < 2) {
      const body = { name: `Site ${agent}` };
      await server.call('POST', '/api/sites', { token: server.adminToken, body });
    }
    keys.push(
      (await server.registerAgent(`agent ${agent}`, site === undefined ? undefined : site + 1))
        .apiKey,
    );
  }
  const { influx, config } = server.deps;
  return {
    server,
    keys,
    now,
    rollups: () => makeRollups(server.deps),
    async deliver({ agent, body }) {
      const answer = await sync(server, keys[agent] ?? '', body);
      expect(answer.body).toMatchObject({ errors: [] });
      expect(answer.status).toBe(200);
    },
    async settle(rollups) {
      for (let idle = 0, rounds = 0; idle < 3; rounds++) {
        expect(rounds).toBeLessThan(100);
        now.s += 400;
        idle = (await rollups.round()) === 'idle' ? idle + 1 : 0;
      }
      const [left] = await server.deps.sql<{ marks: number; open: number }[]>`
        SELECT (SELECT count(*)::int FROM rollup_marks) AS marks, (SELECT count(*)::int FROM rollup_open_hours) AS open`;
      expect(left).toEqual({ marks: 0, open: 0 });
    },
    async points() {
      const points = new Map<string, Record<string, unknown>>();
      for (const name of MEASUREMENTS) {
        const database = name.endsWith('_1h')
          ? config.influx.rollupDatabase
          : config.influx.database;
        for (const { tags, columns, values } of await influx.query(
          database,
          `SELECT * FROM ${name} GROUP BY *`,
        )) {
          for (const row of values) {
            const fields = columns.map((column, i) => [column, row[i]] as const);
            const { time, ...rest } = Object.fromEntries(
              fields.filter(([, value]) => value !== null),
            );
            points.set(
              `${name} ${Object.values(tags).join(' ')} ${(Number(time) - START_S) / 60}`,
              rest,
            );
          }
        }
      }
      return points;
    },
  };
}

/** As it should be: each poll arrives seconds after it, and the rollups look every minute. */
async function undisturbed(): Promise<Map<string, Record<string, unknown>>> {
  const farm = await startFarm();
  const rollups = farm.rollups();
  const deliveries = deliveriesOf(START_S, HOURS);
  for (let minuteS = START_S; minuteS < END_S; minuteS += 60) {
    for (const delivery of deliveries) {
      if (delivery.slotS < minuteS || delivery.slotS >= minuteS + 60) continue;
      farm.now.s = delivery.slotS + 8;
      await farm.deliver(delivery);
    }
    farm.now.s = minuteS + 75;
    await rollups.round();
  }
  await farm.settle(rollups);
  return farm.points();
}

let expected: Map<string, Record<string, unknown>> | undefined;
async function differencesOf(farm: Farm) {
  expected ??= await undisturbed();
  const points = await farm.points();
  const extra = [...points.keys()].filter((name) => !expected?.has(name));
  const different = [...expected].flatMap(([name, fields]) => {
    const other = points.get(name);
    return JSON.stringify(sorted(fields)) === JSON.stringify(sorted(other ?? {}))
      ? []
      : [{ name, fields: differences(fields, other ?? {}) }];
  });
  return [...extra, ...different];
}

function sorted(fields: Record<string, unknown>) {
  return Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
function differences(a: Record<string, unknown>, b: Record<string, unknown>) {
  return Object.keys({ ...a, ...b })
    .filter((name) => a[name] !== b[name])
    .map((name) => `${name}: ${String(a[name])} became ${String(b[name])}`);
}

/** Numbers that look random and are the same for the same seed. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const TIMEOUT_MS = 240_000;

test(
  'in one go, long after: the points of an undisturbed run',
  { timeout: TIMEOUT_MS },
  async () => {
    const farm = await startFarm();
    farm.now.s = END_S + 6 * HOUR_S;
    const rollups = farm.rollups();
    for (const delivery of deliveriesOf(START_S, HOURS)) {
      farm.now.s += 0.2;
      await farm.deliver(delivery);
    }
    await farm.settle(rollups);
    expect(await differencesOf(farm)).toEqual([]);
    const measurements = [...(await farm.points()).keys()].map((name) => name.split(' ')[0]);
    expect(new Set(measurements)).toEqual(new Set(MEASUREMENTS));
  },
);

test(
  'what comes late changes its own hour and the next: the points of an undisturbed run',
  { timeout: TIMEOUT_MS },
  async () => {
    const farm = await startFarm();
    const rollups = farm.rollups();
    const isLate = ({ agent, slotS }: Delivery) =>
      agent === 0 && slotS >= START_S + 100 * 60 && slotS < START_S + 120 * 60;
    const deliveries = deliveriesOf(START_S, HOURS);
    farm.now.s = END_S + 6 * HOUR_S;
    for (const delivery of deliveries) {
      farm.now.s += 0.2;
      if (!isLate(delivery)) await farm.deliver(delivery);
    }
    await farm.settle(rollups);
    for (const delivery of deliveries.filter(isLate)) await farm.deliver(delivery);
    await farm.settle(rollups);
    expect(await differencesOf(farm)).toEqual([]);
  },
);

test.each([
  ['by hours', delayByHours, 1],
  ['by minutes', delayByMinutes, 2],
  ['by seconds', delayBySeconds, 3],
] as const)(
  'shuffled, delayed %s, repeated, on two servers that start anew: the points of an undisturbed run',
  { timeout: TIMEOUT_MS },
  async (_how, delayOf, seed) => {
    const random = dice(seed);
    const farm = await startFarm();
    let servers = [farm.rollups(), farm.rollups()];
    const due = deliveriesOf(START_S, HOURS).flatMap((delivery) => {
      const times = random() < 0.1 ? 2 : 1;
      return Array.from({ length: times }, () => ({
        delivery,
        atS: delivery.slotS + delayOf(random, delivery.slotS),
      }));
    });
    due.sort((a, b) => a.atS - b.atS);
    let nextRoundS = START_S;
    for (const { delivery, atS } of due) {
      for (; nextRoundS <= atS; nextRoundS += 15 + Math.floor(random() * 120)) {
        farm.now.s = nextRoundS;
        if (random() < 0.03) {
          // Both ended without a word; their lease runs out by the clock of Postgres.
          servers = [farm.rollups(), farm.rollups()];
          await farm.server.deps.sql`UPDATE rollup_leader SET until = now() - interval '1 second'`;
        }
        if (random() < 0.2) for (const one of servers) await one.resign();
        await servers[random() < 0.5 ? 0 : 1]?.round();
      }
      farm.now.s = atS;
      await farm.deliver(delivery);
    }
    await Promise.all(servers.map((one) => one.resign()));
    await farm.settle(farm.rollups());
    expect(await differencesOf(farm)).toEqual([]);
  },
);

/** Seconds until a poll arrives: mostly at once, sometimes minutes, sometimes hours. */
function delayByHours(random: () => number): number {
  const kind = random();
  if (kind < 0.8) return 5 + random() * 20;
  if (kind < 0.92) return random() * 600;
  return random() * 5 * HOUR_S;
}

/** Mostly at once, sometimes minutes, but in its own hour: no hour has to be computed again once it has ended. */
function delayByMinutes(random: () => number, slotS: number): number {
  const kind = random();
  if (kind < 0.85) return 5 + random() * 20;
  return Math.min(random() * 300, HOUR_S + 20 - (slotS % HOUR_S));
}

/** Nothing is late: what is in memory is never read again but when another server leads. */
function delayBySeconds(random: () => number): number {
  return 5 + random() * 20;
}
