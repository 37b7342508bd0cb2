import { randomUUID } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { freshDatabase } from '../../../tests/support/database.ts';
import { startTestServer, TEST_PASSWORD, type TestServer } from '../../../tests/support/server.ts';
import { pointsIn, sync } from '../../../tests/support/sync.ts';
import { InfluxError, type Influx } from '../../influx/influx.ts';
import { openPostgres } from '../../resources/postgres.ts';
import { openWatchedPostgres } from '../../resources/watched-postgres.ts';
import { createApiToken } from '../people/api-tokens.ts';
import { hashPassword } from '../people/password.ts';
import { insertUser } from '../people/store.ts';
import { addAgentKey } from '../enrolment/agent-keys.ts';
import { drainOne } from './drain.ts';

const silent = pino({ level: 'silent' });
const NOW_S = Math.floor(Date.now() / 1000) - 60;

function poll(hashrate: number, secondsAgo = 0) {
  const timestamp = new Date((NOW_S - secondsAgo) * 1000).toISOString();
  return { miner_stats: [{ ip_address: '10.0.0.1', timestamp, hash_rate: hashrate }] };
}

function named(body: object) {
  return { ...body, batch: { queue: randomUUID(), seq: 1 } };
}

/** The real client, with a switch that makes it answer as one that reaches nothing. */
function switchable(server: TestServer) {
  const real = { ...server.deps.influx };
  const down = new InfluxError('unavailable', 'InfluxDB cannot be reached: switched off', {
    retryAfterS: 33,
  });
  const set = (error: Error | null) => {
    const write: Influx['write'] = async (database, lines) => {
      if (error) throw error;
      await real.write(database, lines);
    };
    Object.assign(server.deps.influx, { write });
  };
  return { off: () => set(down), fail: set, on: () => set(null) };
}

async function pendingOf(server: TestServer) {
  const response = await fetch(`${server.url}/api/ingest/pending`, {
    headers: { authorization: `Bearer ${server.adminToken}` },
  });
  return (await response.json()) as { rows: number; samples: number; agents: object[] };
}

async function drain(server: TestServer) {
  let stored = 0;
  while ((await drainOne(server.deps)) === 'stored') stored++;
  return stored;
}

test('InfluxDB away: ours is told to keep the batch, an old agent is answered and its samples are kept here', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('a');
  const influx = switchable(server);
  influx.off();

  const ours = await sync(server, apiKey, named(poll(1)));
  expect(ours.status).toBe(503);
  expect(ours.body.code).toBe('metrics_unavailable');
  expect(ours.retryAfter).toBe('33');
  expect(await server.deps.sql`SELECT 1 FROM ingest_receipts`).toHaveLength(0);
  expect(await pendingOf(server)).toMatchObject({ rows: 0 });

  expect((await sync(server, apiKey, poll(2))).body).toMatchObject({ stats_added: 1, errors: [] });
  expect((await sync(server, apiKey, poll(2))).body).toMatchObject({ stats_added: 1 });
  expect((await sync(server, apiKey, poll(3, 60))).status).toBe(200);
  expect(await pendingOf(server)).toMatchObject({
    rows: 2,
    samples: 2,
    agents: [{ agent_name: 'a', rows: 2, samples: 2 }],
  });
  // The state is current although the history waits.
  const [latest] = await server.deps.sql`SELECT hashrate_ths FROM miner_latest`;
  expect(latest).toEqual({ hashrate_ths: 2 });

  expect(await drain(server)).toBe(0);
  expect(await pendingOf(server)).toMatchObject({ rows: 2 });
  influx.on();
  expect(await drain(server)).toBe(2);
  expect(await pendingOf(server)).toMatchObject({ rows: 0 });
  expect((await pointsIn(server)).size).toBe(2);
});

test('a misconfigured InfluxDB is an outage to agents, and nothing is lost', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('a');
  const influx = switchable(server);
  influx.fail(new InfluxError('misconfigured', 'InfluxDB answered 401'));
  expect((await sync(server, apiKey, named(poll(1)))).status).toBe(503);
  expect((await sync(server, apiKey, poll(1))).status).toBe(200);
  influx.on();
  expect(await drain(server)).toBe(1);
});

test('the same batch, refused in the outage, is stored when it comes again', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('a');
  const influx = switchable(server);
  const body = named(poll(5));
  influx.off();
  expect((await sync(server, apiKey, body)).status).toBe(503);
  influx.on();
  expect((await sync(server, apiKey, body)).body).toMatchObject({
    stats_added: 1,
    duplicate: false,
  });
  expect((await sync(server, apiKey, body)).body).toMatchObject({ duplicate: true });
  expect((await pointsIn(server)).size).toBe(1);
});

test('what InfluxDB refuses goes to quarantine by name, directly and when drained', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('a');
  const { influx, config } = server.deps;
  // Somebody else has made `up` a text in this database: every one of our lines conflicts.
  await influx.write(config.influx.database, [`miner up="text" ${NOW_S}`]);
  const direct = await sync(server, apiKey, named(poll(1)));
  expect(direct.body).toMatchObject({
    stats_added: 0,
    quarantined: [{ index: 0, code: 'influx_rejected' }],
  });

  const outage = switchable(server);
  outage.off();
  await sync(server, apiKey, poll(2, 60));
  outage.on();
  expect(await drain(server)).toBe(1);
  expect(await pendingOf(server)).toMatchObject({ rows: 0 });
  const rows = await server.deps.sql`SELECT code, detail FROM ingest_quarantine`;
  expect(rows).toHaveLength(2);
  for (const row of rows) {
    expect(row).toEqual({
      code: 'influx_rejected',
      detail: expect.stringContaining('field type conflict') as string,
    });
  }
});

/**
 * A way to Postgres that can be cut (connections die and new ones are refused) or swallow: then it takes what it
 * is given, new connections too, and nothing comes back, also later on the connections of that time.
 */
async function cuttable(url: string) {
  const origin = new URL(url);
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let swallows = false;
  const proxy = createServer((inner) => {
    const outer = connect(Number(origin.port), origin.hostname);
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    if (swallows) inner.resume();
    else inner.pipe(outer).pipe(inner);
  });
  const listen = (port: number) =>
    new Promise<void>((listening) => proxy.listen(port, '127.0.0.1', listening));
  await listen(0);
  const { port } = proxy.address() as AddressInfo;
  target.hostname = '127.0.0.1';
  target.port = String(port);
  return {
    url: target.href,
    heal: () => listen(port),
    swallow: (on: boolean) => {
      swallows = on;
      for (const socket of sockets) socket.unpipe().resume();
    },
    cut: () =>
      new Promise<void>((closed) => {
        proxy.close(() => closed());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

test('Postgres away: 503 for all, never 401, and stored when it is back', async () => {
  await using database = await freshDatabase();
  const line = await cuttable(database.url);
  const sql = openPostgres(line.url, silent, { max: 2 });
  const server = await startTestServer({ sql });
  const [agent] = await database.sql<{ id: number }[]>`
    INSERT INTO agents (name) VALUES ('a') RETURNING id`;
  const { token } = await addAgentKey(database.sql, agent?.id ?? 0, null);
  expect((await sync(server, token, poll(1))).body).toMatchObject({ stats_added: 1 });

  await line.cut();
  const bodies = [poll(2), named(poll(2))];
  for (const body of bodies) {
    const reply = await sync(server, token, body);
    expect(reply.status).toBe(503);
    expect(reply.body.code).toBe('database_unavailable');
    expect(reply.retryAfter).not.toBeNull();
  }
  await line.heal();
  // The pool waits a moment before it connects again, and says 503 meanwhile.
  await expect
    .poll(() => sync(server, token, named(poll(2))).then(({ status }) => status))
    .toBe(200);
  await server[Symbol.asyncDispose]();
  await sql.end({ timeout: 1 });
  await line.cut();
});

function outcome({ status, body }: { status: number; body: { code: string } }) {
  return [status, body.code];
}

test('Postgres silent: 503 for agents and for people, at the login too; back when it is, whatever became of the connections', async () => {
  await using database = await freshDatabase();
  const line = await cuttable(database.url);
  const sql = openWatchedPostgres(line.url, silent);
  const server = await startTestServer({ sql });
  const [agent] = await database.sql<{ id: number }[]>`
    INSERT INTO agents (name) VALUES ('a') RETURNING id`;
  const { token: apiKey } = await addAgentKey(database.sql, agent?.id ?? 0, null);
  const hash = await hashPassword(TEST_PASSWORD);
  const user = { username: 'olga', role: 'viewer', passwordHash: hash } as const;
  const userId = (await insertUser(database.sql, user)) ?? 0;
  const { token } = await createApiToken(database.sql, { userId, name: 't', expiresAt: null });
  const login = { username: 'olga', password: TEST_PASSWORD };
  const everybody = () =>
    Promise.all([
      sync(server, apiKey, named(poll(1))).then(outcome),
      sync(server, apiKey, poll(2)).then(outcome),
      server.call('POST', '/api/auth/login', { body: login }).then(outcome),
      ...['/api/agents', '/api/miners', '/api/auth/me'].map((path) =>
        server.call('GET', path, { token }).then(outcome),
      ),
    ]);
  const ok = Array.from({ length: 6 }, () => [200, undefined]);
  const away = Array.from({ length: 6 }, () => [503, 'database_unavailable']);
  expect(await everybody()).toEqual(ok);

  line.swallow(true);
  // On the connections that were there, and on new ones.
  expect(await everybody()).toEqual(away);
  expect(await everybody()).toEqual(away);
  line.swallow(false);
  await expect.poll(everybody, { timeout: 20_000 }).toEqual(ok);
  await server[Symbol.asyncDispose]();
  await sql.end({ timeout: 1 });
  await line.cut();
}, 60_000);

test('agents that hang up while Postgres ponders their key leave no place taken', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.registerAgent('a');
  const { port } = new URL(server.url);
  const held = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const lock = server.deps.sql.begin(async (tx) => {
    await tx`LOCK TABLE agent_keys IN ACCESS EXCLUSIVE MODE`;
    locked.resolve();
    await held.promise;
  });
  await locked.promise;
  const waiting = () => server.deps.sql`
    SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE NOT l.granted AND d.datname = current_database()`;
  const callers = Array.from({ length: 8 }, () => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST /api/agent/sync HTTP/1.1\r\nhost: x\r\nx-api-key: ${apiKey}\r\n` +
        'content-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    );
    return socket;
  });
  await expect.poll(async () => (await waiting()).length).toBe(8);
  const gone = callers.map((socket) => new Promise((closed) => socket.once('close', closed)));
  for (const socket of callers) socket.resetAndDestroy();
  await Promise.all(gone);
  // The server has seen it too once it answers somebody who came later.
  expect((await fetch(`${server.url}/openapi.json`)).status).toBe(200);
  held.resolve();
  await lock;
  expect((await sync(server, apiKey, poll(1))).status).toBe(200);
});
