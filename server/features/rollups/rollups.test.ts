import { afterEach, beforeEach, expect, test } from 'vitest';
import { drainOne } from '../ingest/drain.ts';
import { fleetOf } from './testing/oracle-fleet.ts';
import { rollupsOf, type Point } from './testing/oracle.ts';
import {
  MEASUREMENTS,
  startFarm,
  withFailure,
  type Farm,
  type FarmServer,
  type Points,
} from '../../../tests/support/rolled-farm.ts';
import {
  deliveriesOf,
  digits,
  EVERY_MINUTE,
  OLD_AGENT,
  SELDOM,
  type Delivery,
} from './testing/small-farm.ts';

const HOUR_S = 3600;
/** A whole hour, some days ago, so that the real clock plays no part; all of it within InfluxDB's retention. */
const START_S = Math.floor(Date.now() / 1000 / HOUR_S) * HOUR_S - 5 * 24 * HOUR_S;
/** Hours polled as often as a farm is, and a day polled seldom. */
const RUNS = {
  hours: { hours: 3, pollS: EVERY_MINUTE, roundS: 60 },
  day: { hours: 24, pollS: SELDOM, roundS: 300 },
} as const;
type Run = keyof typeof RUNS;
const CALM_S = 1.5 * HOUR_S;
const deliveriesIn = (run: Run) => deliveriesOf(START_S, RUNS[run].hours, RUNS[run].pollS);

let stack: AsyncDisposableStack;
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(() => stack.disposeAsync());

const TIMEOUT_MS = 240_000;

/** The subset of InfluxQL that 1.x, 2.x and 3.x share, as far as rollups need it. Retention is asked for, and may stay unknown. */
const PORTABLE = [
  /^SELECT "\w+"(, "\w+")* FROM "\w+" WHERE ("site" = '[a-z0-9-]+' AND )?time >= \d+s AND time < \d+s GROUP BY "\w+"(, "\w+")*$/,
  /^SHOW RETENTION POLICIES ON "\w+"$/,
];

/** As it should be: each poll arrives seconds after it, and the rollups look after each minute. */
async function undisturbed(run: Run): Promise<Points> {
  const farm = await startFarm(stack, START_S);
  const { hours, roundS } = RUNS[run];
  const bySlot = Map.groupBy(deliveriesIn(run), ({ slotS }) => slotS - (slotS % roundS));
  for (let slotS = START_S; slotS < START_S + hours * HOUR_S; slotS += roundS) {
    for (const delivery of bySlot.get(slotS) ?? []) {
      farm.now.s = delivery.slotS + 8;
      await farm.deliver(delivery);
    }
    farm.now.s = slotS + roundS + 15;
    await farm.servers[0]?.rollups.round();
  }
  await farm.settle();
  const other = [...farm.queries].filter((text) => !PORTABLE.some((shape) => shape.test(text)));
  expect(other, 'queries that not every version of InfluxDB understands').toEqual([]);
  return farm.points(START_S);
}
const undisturbedRuns = new Map<Run, Points>();
async function expectedOf(run: Run): Promise<Points> {
  const points = undisturbedRuns.get(run) ?? (await undisturbed(run));
  undisturbedRuns.set(run, points);
  return points;
}

/** Every point and field of an undisturbed run and of another one, bit for bit. */
async function differencesOf(run: Run, farm: Farm) {
  const expected = await expectedOf(run);
  const points = await farm.points(START_S);
  const differences = [...new Set([...expected.keys(), ...points.keys()])].flatMap((name) => {
    const [one = {}, other = {}] = [expected.get(name), points.get(name)];
    return Object.keys({ ...one, ...other })
      .filter((field) => one[field] !== other[field])
      .map((field) => `${name} ${field}: ${one[field]} became ${other[field]}`);
  });
  return differences;
}

const STATES = new Set(['hashing', 'degraded', 'idle', 'offline', 'unknown']);
/** As docs/samples.md has it. */
function rounded(series: string, name: string, value: number): number {
  if (/_(?:ths|th|share)$/.test(name)) return digits(value) ?? 0;
  const isMean = STATES.has(name) && !series.includes('_agg');
  if (/_[cw]$|^percent/.test(name) || isMean) return Math.round(value * 10) / 10;
  return Math.round(value);
}
function stored({ series, timeS, values }: Point): Point {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    rounded(series, name, value),
  ]);
  return { series, timeS, values: Object.fromEntries(entries) as Point['values'] };
}

/** Every point and field against the second computation; numbers that are rounded the other way are counted. */
function againstOracle(run: Run, farm: Farm, points: Points) {
  const sent = deliveriesIn(run).flatMap((delivery) =>
    delivery.sent.map((one) => ({ ...one, scope: farm.scopes[delivery.agent] ?? '' })),
  );
  const ofSites = rollupsOf(sent).map(stored);
  const all = [...ofSites, ...fleetOf(ofSites).map(stored)];
  const expected: Points = new Map(
    all.map(({ series, timeS, values }) => [`${series} ${(timeS - START_S) / 60}`, values]),
  );
  const differences: string[] = [];
  let [values, otherwise] = [0, 0];
  for (const name of new Set([...expected.keys(), ...points.keys()])) {
    const [one = {}, other = {}] = [expected.get(name), points.get(name)];
    for (const field of Object.keys({ ...one, ...other })) {
      values++;
      const [a = Number.NaN, b = Number.NaN] = [one[field], other[field]];
      if (a === b) continue;
      const step =
        rounded(name, field, 0.14) === 0
          ? 0
          : /_(?:ths|th|share)$/.test(field)
            ? Math.max(1e-3, a * 1e-5)
            : 0.1;
      if (step > 0 && Math.abs(a - b) <= 1.001 * step) otherwise++;
      else differences.push(`${name} ${field}: ${a} computed, ${b} stored`);
    }
  }
  return { differences, otherwiseRounded: otherwise / values, points: expected.size };
}

/** Numbers that look random and are the same for the same seed. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test.each(['hours', 'day'] as const)(
  'undisturbed (%s): the points of a second computation, made of the samples by what the docs say',
  { timeout: TIMEOUT_MS },
  async (run) => {
    const points = await expectedOf(run);
    const names = [...points.keys()].map((name) => name.split(' ')[0]);
    expect(new Set(names)).toEqual(new Set(MEASUREMENTS));
    const scopes = ['site-1', 'site-2', 'site-1', 'site-2', 'agent-5'];
    const { differences, otherwiseRounded } = againstOracle(run, { scopes } as Farm, points);
    expect(differences).toEqual([]);
    expect(otherwiseRounded).toBeLessThan(0.005);
  },
);

test(
  'all at once, long after, and twenty minutes later still: the points of an undisturbed run',
  { timeout: TIMEOUT_MS },
  async () => {
    const farm = await startFarm(stack, START_S);
    const isLate = ({ agent, slotS }: Delivery) =>
      agent === 0 && slotS >= START_S + 100 * 60 && slotS < START_S + 120 * 60;
    const deliveries = deliveriesIn('hours');
    farm.now.s = START_S + 9 * HOUR_S;
    for (const delivery of deliveries) {
      farm.now.s += 0.2;
      if (!isLate(delivery)) await farm.deliver(delivery);
    }
    await farm.settle();
    for (const delivery of deliveries.filter(isLate)) await farm.deliver(delivery);
    await farm.settle();
    expect(await differencesOf('hours', farm)).toEqual([]);
  },
);

test.each([
  ['hours', 'by seconds, then by minutes', delayInItsHour, 2],
  ['day', 'by minutes and hours', delayByHours, 1],
] as const)(
  'shuffled, delayed, repeated (%s, %s) on two servers that fail and start anew: the points of an undisturbed run',
  { timeout: TIMEOUT_MS },
  async (run, _how, delayOf, seed) => {
    const random = dice(seed);
    const one = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
    const farm = await startFarm(stack, START_S);
    const failure = () => ({
      nth: 1 + Math.floor(random() * 2),
      kind: one(['lost', 'unanswered'] as const),
    });
    const due = deliveriesIn(run).flatMap((delivery) =>
      Array.from({ length: random() < 0.1 ? 2 : 1 }, () => ({
        delivery,
        atS: delivery.slotS + delayOf(random, delivery.slotS),
      })),
    );
    due.sort((a, b) => a.atS - b.atS);

    /** For the first hour and a half of `hours` nothing fails, so that what is in memory is never read again. */
    const isCalm = () => run === 'hours' && farm.now.s < START_S + CALM_S;
    const lookAround = async (server: FarmServer) => {
      if (!isCalm() && random() < 0.03) await farm.restart(server);
      if (!isCalm() && random() < 0.1) await server.rollups.resign();
      if (isCalm() || random() > 0.05) {
        await server.rollups.round();
        return;
      }
      // It ends in the middle of a round.
      const ended = await withFailure(server, failure(), () => server.rollups.round()).catch(
        () => 'ended',
      );
      if (ended === 'ended') await farm.restart(server);
    };
    const deliver = async (delivery: Delivery) => {
      const server = one(farm.servers);
      if (isCalm() || random() > 0.05) return farm.deliver(delivery, server);
      return withFailure(server, { ...failure(), nth: 1 }, () => farm.deliver(delivery, server));
    };
    let nextRoundS = START_S;
    for (let index = 0; index < due.length; index++) {
      const { delivery, atS } = due[index] as (typeof due)[number];
      for (
        ;
        nextRoundS <= atS;
        nextRoundS += (15 + Math.floor(random() * 120)) * (run === 'day' ? 10 : 1)
      ) {
        farm.now.s = nextRoundS;
        await Promise.all(farm.servers.map(lookAround));
        if (random() < 0.2) await drainOne(one(farm.servers).deps);
      }
      farm.now.s = atS;
      if (await deliver(delivery)) continue;
      expect(delivery.agent).not.toBe(OLD_AGENT);
      const againS = atS + 60 + random() * 600;
      const place = due.findIndex((later) => later.atS > againS);
      due.splice(place < 0 ? due.length : place, 0, { delivery, atS: againS });
    }
    await farm.settle();
    expect(await differencesOf(run, farm)).toEqual([]);
  },
);

/** Seconds until a poll arrives: mostly at once, sometimes minutes, sometimes hours. */
function delayByHours(random: () => number): number {
  const kind = random();
  if (kind < 0.85) return 5 + random() * 20;
  if (kind < 0.95) return random() * 600;
  return random() * 5 * HOUR_S;
}

/**
 * For an hour and a half nothing is late: what is in memory is never read again but when another server leads. Then some
 * by minutes, but in its own hour: no hour has to be computed again once it has ended.
 */
function delayInItsHour(random: () => number, slotS: number): number {
  if (random() < 0.85 || slotS < START_S + CALM_S) return 5 + random() * 20;
  return Math.min(random() * 300, HOUR_S + 20 - (slotS % HOUR_S));
}
