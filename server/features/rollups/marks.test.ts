import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { sync } from '../../../tests/support/sync.ts';
import { InfluxError, type Influx } from '../../influx/influx.ts';
import { drainOne } from '../ingest/drain.ts';
import { markBegun, markWritten } from './marks.ts';
import { makeRollups } from './rollups.ts';

/** A whole hour some days ago, and a clock five minutes into it. */
const HOUR_S = Math.floor(Date.now() / 3_600_000) * 3600 - 72 * 3600;

async function start() {
  const now = { s: HOUR_S + 300 };
  const server = await startTestServer({ clock: () => new Date(now.s * 1000) });
  const { apiKey } = await server.registerAgent('a');
  return { server, apiKey, now, rollups: makeRollups(server.deps) };
}

function poll(minute: number, more: object = {}) {
  const timestamp = new Date((HOUR_S + minute * 60) * 1000).toISOString();
  return { miner_stats: [{ ip_address: '10.0.0.1', timestamp, hash_rate: 50, ...more }] };
}
const named = (body: object, seq = 1) => ({ ...body, batch: { queue: randomUUID(), seq } });

const marksOf = async ({ deps }: TestServer) =>
  deps.sql`
    SELECT m.scope, (m.from_s - ${HOUR_S}::bigint)::int / 60 AS minute, m.written, f.mark_id IS NOT NULL AS fresh
    FROM rollup_marks m LEFT JOIN rollup_fresh f ON f.mark_id = m.id WHERE m.scope NOT LIKE 'fleet%' ORDER BY m.id`;
async function minutesOf({ deps: { influx, config } }: TestServer) {
  const query = 'SELECT hashrate_ths FROM site_agg';
  const [series] = await influx.query(config.influx.database, query);
  return (series?.values ?? []).map(([time]) => (Number(time) - HOUR_S) / 60);
}

/** The real client, whose writes are stored and then not answered, or not stored at all. */
function failing(server: TestServer, isStored: boolean) {
  const real = { ...server.deps.influx };
  const write: Influx['write'] = async (database, lines) => {
    if (isStored) await real.write(database, lines);
    throw new InfluxError('unavailable', 'switched off');
  };
  Object.assign(server.deps.influx, { write });
  return () => Object.assign(server.deps.influx, real);
}

test('a sync leaves a mark with its samples until its minute is complete and written', async () => {
  const { server, apiKey, now, rollups } = await start();
  await using _ = server;
  await sync(server, apiKey, named(poll(4)));
  expect(await marksOf(server)).toEqual([
    { scope: 'agent-1', minute: 4, written: true, fresh: true },
  ]);
  now.s = HOUR_S + 5 * 60 + 29;
  await rollups.round();
  expect(await minutesOf(server)).toEqual([]);
  now.s = HOUR_S + 5 * 60 + 30;
  await rollups.round();
  expect(await minutesOf(server)).toEqual([4]);
  expect(await marksOf(server)).toEqual([]);
});

test('a sync that was never answered for is looked at after half a minute, whatever became of its samples', async () => {
  const { server, apiKey, now, rollups } = await start();
  await using _ = server;
  const mend = failing(server, true);
  expect((await sync(server, apiKey, named(poll(2)))).status).toBe(503);
  mend();
  expect(await marksOf(server)).toEqual([
    { scope: 'agent-1', minute: 2, written: false, fresh: false },
  ]);
  now.s += 29;
  await rollups.round();
  expect(await minutesOf(server)).toEqual([]);
  now.s += 1;
  await rollups.round();
  expect(await minutesOf(server)).toEqual([2]);
  expect(await marksOf(server)).toEqual([]);
});

test('what ended later than the rollups waited for it is marked again', async () => {
  const { server, now, rollups } = await start();
  await using _ = server;
  const { sql, clock } = server.deps;
  const marks = await sql.begin((tx) => markBegun(tx, 'agent-1', [HOUR_S, HOUR_S + 60], clock()));
  now.s += 60;
  await rollups.round();
  expect(await marksOf(server)).toEqual([]);
  await markWritten(sql, marks, null, clock());
  expect(await marksOf(server)).toEqual([
    { scope: 'agent-1', minute: 0, written: true, fresh: false },
  ]);
});

test('a sample sent twice with other values counts once, as InfluxDB has merged the two', async () => {
  const { server, apiKey, now, rollups } = await start();
  await using _ = server;
  const send = (minute: number, more: object) => sync(server, apiKey, named(poll(minute, more)));
  await send(4, {});
  now.s = HOUR_S + 5 * 60 + 30;
  await rollups.round();
  await send(5, { hash_rate: 40, power_consumption: 3000 });
  await send(5, { hash_rate: 60, temperature: 70 });
  now.s += 60;
  const { influx, config } = server.deps;
  const real = { ...influx };
  const asked: string[] = [];
  Object.assign(influx, {
    query: (database: string, text: string) => {
      asked.push(text);
      return real.query(database, text);
    },
  });
  await rollups.round();
  // The minute alone is read, not the hour.
  const minuteS = HOUR_S + 5 * 60;
  expect(asked.filter((text) => text.includes('FROM "miner"'))).toEqual([
    expect.stringContaining(`time >= ${minuteS}s AND time < ${minuteS + 60}s`),
  ]);
  const query = 'SELECT hashrate_ths, power_w, temp_max_c, miners_seen FROM site_agg';
  const [series] = await real.query(config.influx.database, query);
  expect(series?.values).toEqual([
    [HOUR_S + 240, 50, null, null, 1],
    [minuteS, 60, 3000, 70, 1],
  ]);
});

test('samples kept for an old agent are marked when they are stored', async () => {
  const { server, apiKey, now, rollups } = await start();
  await using _ = server;
  const mend = failing(server, false);
  expect((await sync(server, apiKey, poll(3))).status).toBe(200);
  mend();
  now.s += 60;
  await rollups.round();
  expect(await marksOf(server)).toEqual([]);
  expect(await drainOne(server.deps)).toBe('stored');
  expect(await marksOf(server)).toMatchObject([{ minute: 3, written: true }]);
  now.s += 600;
  await rollups.round();
  expect(await minutesOf(server)).toEqual([3]);
});

test('samples taken out of quarantine are marked', async () => {
  const { server, apiKey, now } = await start();
  await using _ = server;
  await sync(server, apiKey, named(poll(20)));
  expect(await marksOf(server)).toEqual([]);
  now.s += 1200;
  const answer = await server.call('POST', '/api/ingest/quarantine/reinject', {
    token: server.adminToken,
    body: { code: 'future' },
  });
  expect(answer.body).toMatchObject({ stored: 1 });
  expect(await marksOf(server)).toMatchObject([{ minute: 20, written: true }]);
});

test('another server leads when the first one resigns, and not before', async () => {
  const { server, rollups } = await start();
  await using _ = server;
  const other = makeRollups(server.deps);
  expect(await rollups.round()).toBe('idle');
  expect(await other.round()).toBe('left');
  await rollups.resign();
  expect(await other.round()).toBe('idle');
  expect(await rollups.round()).toBe('left');
});
