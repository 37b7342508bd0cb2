import { expect, test } from 'vitest';
import { startTestServer } from '../../../tests/support/server.ts';
import { sync } from '../../../tests/support/sync.ts';
import { forecast, noteSizes, readSizes } from './storage.ts';

test('the system page tells versions, sizes, what comes in and how it grows', async () => {
  await using server = await startTestServer();
  const agent = await server.registerAgent('north');
  const timestamp = new Date().toISOString();
  const answer = await sync(server, agent.apiKey, {
    batch: { queue: '00000000-0000-4000-8000-000000000001', seq: 1 },
    miner_stats: [{ ip_address: '10.0.0.1', timestamp, hash_rate: 1 }],
  });
  expect(answer.status).toBe(200);
  const { status, body } = await server.call('GET', '/api/system', { token: server.adminToken });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+/),
    node: process.version,
    health: { postgres: { ok: true }, migrations: { ok: true }, influxdb: { ok: true } },
    postgres: { version: expect.stringMatching(/^\d+/), pending: [] },
    influxdb: {
      version: expect.any(String),
      databases: [{ name: server.deps.config.influx.database }, {}],
    },
    ingest: { batches: 1, samples: 1, agents: 1, pending_syncs: 0, quarantine: 0 },
    rollups: { waiting: 1, oldest_at: expect.any(String) },
  });
  expect(body.postgres.tables.map((table: { name: string }) => table.name)).toContain('miners');
  expect(body.influxdb.points).toContainEqual({ measurement: 'miner', last_hour: 1 });
  expect(body.storage[0]).toMatchObject({ what: 'postgres', per_day: null, in_30_days: null });
  expect(body.storage[0].bytes).toBeGreaterThan(1e6);
  const { databaseUrl } = server.deps.config;
  expect(JSON.stringify(body)).not.toContain(new URL(databaseUrl).password);
});

test('the forecast is the growth of the last 30 days, as far as anything is kept', async () => {
  let now = Date.parse('2026-11-22T08:00:00Z');
  await using server = await startTestServer({ clock: () => new Date(now) });
  const { sql } = server.deps;
  await noteSizes(server.deps);
  now += 1_000;
  await noteSizes(server.deps);
  const sizes = await readSizes(server.deps);
  const rows = await sql`select what from storage_sizes where what = 'postgres'`;
  expect(rows).toHaveLength(1);
  expect(sizes[0]?.what).toBe('postgres');

  await sql`delete from storage_sizes`;
  await sql`insert into storage_sizes values
    ('2026-01-01', 'a', 1), ('2026-11-12', 'a', 1000), ('2026-11-22', 'a', 2000), ('2026-11-22', 'b', 7)`;
  const measured = ['a', 'b', 'c'].map((what) => ({ what, bytes: 2_000 }));
  const growth = await forecast(sql, measured, new Map());
  expect(growth).toMatchObject([
    { per_day: 100, in_30_days: 5_000, in_365_days: 38_500 },
    { per_day: null, in_30_days: null },
    { per_day: null, history: [] },
  ]);
  const [bounded] = await forecast(sql, measured, new Map([['a', 30]]));
  expect(bounded).toMatchObject({ in_30_days: 3_000, in_365_days: 3_000 });
});
