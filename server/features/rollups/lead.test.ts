import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { sync } from '../../../tests/support/sync.ts';
import type { Influx } from '../../influx/influx.ts';
import { InfluxError } from '../../influx/influx.ts';
import { makeRollups, type Rollups } from './rollups.ts';

/** A whole hour some days ago, and a clock two hours after it. */
const HOUR_S = Math.floor(Date.now() / 3_600_000) * 3600 - 72 * 3600;
const DAY_S = 86_400;

let server: TestServer;
let keys: string[];
const now = { s: 0 };
beforeEach(async () => {
  now.s = HOUR_S + 2 * 3600;
  server = await startTestServer({ clock: () => new Date(now.s * 1000) });
  keys = [];
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    keys.push((await server.registerAgent(name)).apiKey);
});
afterEach(() => server[Symbol.asyncDispose]());

async function send(hashRate: number, address: number, agent = 0, minuteS = HOUR_S) {
  const timestamp = new Date(minuteS * 1000).toISOString();
  const sample = { ip_address: `10.0.0.${address}`, timestamp, hash_rate: hashRate };
  const batch = { queue: randomUUID(), seq: 1 };
  const answer = await sync(server, keys[agent] ?? '', { miner_stats: [sample], batch });
  expect(answer).toMatchObject({ status: 200, body: { errors: [] } });
}

/** Hashrates of the points, by scope. */
async function hashrates(measurement: 'site_agg' | 'site_1h' = 'site_agg') {
  const { influx, config } = server.deps;
  const { database, rollupDatabase } = config.influx;
  const [place, field] =
    measurement === 'site_agg' ? [database, 'hashrate_ths'] : [rollupDatabase, 'hashrate_mean_ths'];
  const series = await influx.query(place, `SELECT ${field} FROM ${measurement} GROUP BY site`);
  return Object.fromEntries(
    series.map(({ tags, values }) => [tags['site'], values.map((row) => row[1])]),
  );
}

const settle = async (rollups: Rollups) => {
  for (let rounds = 0; (await rollups.round()) !== 'idle'; rounds++)
    expect(rounds).toBeLessThan(20);
};

/** Another server's rollups, whose InfluxDB stops before it does `what` until `go` is called. */
function halting(what: 'read' | 'write') {
  const [there, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const real = server.deps.influx;
  const halt = async () => {
    there.resolve();
    await go.promise;
  };
  const influx: Influx = {
    ...real,
    query: async (database, text) => {
      const answer = await real.query(database, text);
      if (what === 'read' && text.includes('FROM "miner"') && answer.length > 0) await halt();
      return answer;
    },
    write: async (database, lines) => {
      if (what === 'write') await halt();
      await real.write(database, lines);
    },
  };
  const rollups = makeRollups({ ...server.deps, influx });
  return { rollups, isThere: there.promise, go: go.resolve };
}

/** The connection under the leader's lock is gone, and its lease has run out. */
async function loseLead() {
  const { sql } = server.deps;
  // Of this test's own database: others are at work in the same Postgres.
  await sql`
    SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  await sql`UPDATE rollup_leader SET until = now() - interval '1 second'`;
}

test.each(['read', 'write'] as const)(
  'a leader that stood still in a %s while another one took over leaves nothing old behind',
  async (what) => {
    await settle(makeRollups(server.deps));
    await server.deps.sql`DELETE FROM rollup_leader`;
    await send(50, 1);
    now.s += 60;
    const old = halting(what);
    const round = old.rollups.round();
    await old.isThere;
    await loseLead();

    const other = makeRollups(server.deps);
    await send(30, 2);
    now.s += 60;
    await settle(other);
    expect(await hashrates()).toEqual({ 'agent-1': [80] });

    old.go();
    await expect(round).rejects.toThrow(/CONNECTION|terminating/);
    now.s += 60;
    await settle(other);
    expect(await hashrates()).toEqual({ 'agent-1': [80] });
    expect(await hashrates('site_1h')).toEqual({ 'agent-1': [80] });
  },
);

test('a round whose lock was lost ends before the next one begins', async () => {
  await send(50, 1);
  now.s += 60;
  const old = halting('write');
  let isOver = false;
  const round = old.rollups.round().catch(() => 'lost');
  void round.then(() => (isOver = true));
  await old.isThere;
  await loseLead();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(isOver).toBe(false);
  old.go();
  expect(await round).toBe('lost');
});

test('sites that cannot be computed hold up neither the others nor the fleet', async () => {
  const { influx } = server.deps;
  const real = { ...influx };
  Object.assign(influx, {
    query: async (database: string, text: string) => {
      if (/'agent-[123]'/.test(text)) throw new InfluxError('rejected', 'too much');
      return real.query(database, text);
    },
  });
  for (const agent of keys.keys()) await send(10 * (agent + 1), 1, agent);
  now.s += 60;
  const rollups = makeRollups(server.deps);
  for (let round = 0; round < 4; round++) {
    await rollups.round();
    now.s += 30;
  }
  expect(await hashrates('site_1h')).toEqual({ 'agent-4': [40], 'agent-5': [50] });
  Object.assign(influx, real);
  for (let round = 0; round < 4; round++) await rollups.round();
  expect(Object.keys(await hashrates('site_1h'))).toHaveLength(5);
});

test('a point is not computed anew once InfluxDB has dropped what it was made of', async () => {
  await send(50, 1);
  await send(70, 2);
  now.s += 60;
  const rollups = makeRollups(server.deps);
  await settle(rollups);
  expect(await hashrates('site_1h')).toEqual({ 'agent-1': [120] });
  // The shard is gone, and something marks its hour.
  const { influx, config, sql } = server.deps;
  const { database } = config.influx;
  await influx.query(database, `DELETE FROM "miner" WHERE "miner" = 'ip-10-0-0-2-4028'`);
  await sql`INSERT INTO rollup_marks (scope, hour_s, from_s, to_s, at, written) VALUES
    ('agent-1', ${HOUR_S}, ${HOUR_S}, ${HOUR_S}, now() - interval '1 hour', true)`;
  now.s = HOUR_S + 30 * DAY_S + 60;
  await settle(rollups);
  expect(await hashrates('site_1h')).toEqual({ 'agent-1': [120] });
  expect(await sql`SELECT 1 FROM rollup_marks`).toEqual([]);
});

test('nor when an administrator keeps samples for a shorter time', async () => {
  const { influx, config, sql } = server.deps;
  const { database } = config.influx;
  await influx.query(database, `ALTER RETENTION POLICY "autogen" ON "${database}" DURATION 7d`);
  await send(50, 1);
  now.s += 60;
  const rollups = makeRollups(server.deps);
  await settle(rollups);
  await influx.query(database, 'DELETE FROM "miner"');
  await send(1, 1, 0, HOUR_S + 60);
  await sql`UPDATE rollup_marks SET hour_s = ${HOUR_S}`;
  now.s = HOUR_S + 7 * DAY_S + 60;
  await settle(rollups);
  expect(await hashrates('site_1h')).toEqual({ 'agent-1': [50] });
});

test('another server that only looks costs the leader nothing of what it remembers', async () => {
  const { sql, influx } = server.deps;
  const rollups = makeRollups(server.deps);
  await send(50, 1, 0, now.s);
  now.s += 95;
  await rollups.round();
  await sql.begin(async (tx) => {
    await tx`SELECT pg_advisory_xact_lock(hashtextextended('rollups', 0))`;
    expect(await rollups.round()).toBe('left');
  });
  const real = { ...influx };
  const asked: string[] = [];
  Object.assign(influx, {
    query: (database: string, text: string) => {
      asked.push(text);
      return real.query(database, text);
    },
  });
  await send(60, 1, 0, now.s);
  now.s += 95;
  await rollups.round();
  expect(await hashrates()).toEqual({ 'agent-1': [50, 60] });
  expect(asked.filter((text) => text.includes('FROM "miner"'))).toEqual([]);
});

test('however much of the past waits, the present comes first', async () => {
  const { sql } = server.deps;
  await sql`
    INSERT INTO rollup_marks (scope, hour_s, from_s, to_s, at, written)
    SELECT 'agent-2', h, h, h, now(), false FROM (
      SELECT ${HOUR_S - 10 * DAY_S}::bigint + 3600 * (i % 200) AS h FROM generate_series(1, 20001) i) marks`;
  await send(50, 1, 0, now.s);
  now.s += 95;
  await makeRollups(server.deps).round();
  expect(await hashrates()).toEqual({ 'agent-1': [50] });
});
