import { expect, test } from 'vitest';
import { freshInflux } from '../../../tests/support/influx.ts';
import { startTestServer } from '../../../tests/support/server.ts';

const OK = { ok: true };

test('alive and ready, asked by nobody in particular', async () => {
  await using server = await startTestServer();
  expect((await server.call('GET', '/healthz')).body).toEqual({ status: 'ok' });
  const ready = await server.call('GET', '/readyz');
  expect(ready.status).toBe(200);
  expect(ready.body).toEqual({
    status: 'ready',
    checks: { postgres: OK, migrations: OK, influxdb: OK },
  });
});

test('not ready says why: InfluxDB', async () => {
  await using server = await startTestServer({
    config: {
      influx: {
        url: 'http://127.0.0.1:9',
        user: '',
        password: '',
        database: 'a',
        rollupDatabase: 'b',
      },
    },
  });
  const answer = await server.call('GET', '/readyz');
  expect(answer.status).toBe(503);
  expect(answer.body).toEqual({
    status: 'not_ready',
    checks: {
      postgres: OK,
      migrations: OK,
      influxdb: { ok: false, reason: expect.stringMatching(/InfluxDB cannot be reached/) },
    },
  });
});

test.each([
  ['a wrong password', { password: 'wrong' }, /InfluxDB answered 401/],
  ['a missing database', { database: 'nowhere' }, /database not found: nowhere/],
])('not ready says why: %s of an InfluxDB that answers', async (_what, wrong, reason) => {
  await using influx = await freshInflux();
  await using server = await startTestServer({
    config: { influx: { ...influx.config, ...wrong } },
  });
  const answer = await server.call('GET', '/readyz');
  expect(answer.status).toBe(503);
  expect(answer.body.checks.influxdb).toEqual({ ok: false, reason: expect.stringMatching(reason) });
});

test('not ready says why: a migration that has not run, one that was edited, Postgres', async () => {
  await using server = await startTestServer();
  const reasons = async () => {
    const answer = await server.call('GET', '/readyz');
    expect(answer.status).toBe(503);
    return answer.body.checks;
  };
  await server.deps.sql`delete from schema_migrations where version > 1`;
  expect((await reasons()).migrations.reason).toMatch(
    /0002_\w+\.sql.* not applied; run: hashyard migrate/,
  );
  await server.deps.sql`update schema_migrations set sha256 = 'other'`;
  expect((await reasons()).migrations.reason).toMatch(/0001_init\.sql differs/);
  await server.deps.sql.end();
  expect(await reasons()).toMatchObject({ postgres: { ok: false }, influxdb: OK });
  expect((await server.call('GET', '/healthz')).status).toBe(200);
});
