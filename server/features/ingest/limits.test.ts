import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { pointsIn, sync } from '../../../tests/support/sync.ts';

const NOW_S = Math.floor(Date.now() / 1000);
const DAY_S = 86_400;
const at = (secondsAgo: number) => new Date((NOW_S - secondsAgo) * 1000).toISOString();
const UNSURE = { boot: 'b', wall_ms: 1, monotonic_ms: 1 };

let server: TestServer;
let agent: { id: number; apiKey: string };
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  agent = await server.registerAgent(randomUUID());
});

const poll = (miner: number, secondsAgo = 60) => ({
  ip_address: `10.${miner >> 16}.${(miner >> 8) & 255}.${miner & 255}`,
  timestamp: at(secondsAgo),
  hash_rate: 1,
});
const named = (body: object, unsure?: typeof UNSURE) => ({
  ...body,
  batch: { queue: randomUUID(), seq: 1, ...(unsure ? { unsure } : {}) },
});

/** Miners of the agent, as old as said, made out of nothing. */
async function holdMiners(count: number, age: string, first = 1) {
  await server.deps.sql`
    INSERT INTO miners (scope, agent_id, name, ip_address, port, seen_at, created_at)
    SELECT ${`agent-${agent.id}`}, ${agent.id}, 'm' || i, '172.16.0.0'::inet + i, 4028, now(), now() - ${age}::interval
    FROM generate_series(${first}::int, ${first + count - 1}::int) AS i`;
}

test('on its first day a site may grow as it likes; afterwards by 2,000 miners a day', async () => {
  await holdMiners(2_500, '20 hours');
  const young = await sync(server, agent.apiKey, named({ miner_stats: [poll(1)] }));
  expect(young.body).toMatchObject({ stats_added: 1, miners_added: 1 });

  agent = await server.registerAgent(randomUUID());
  await holdMiners(100, '25 hours');
  await holdMiners(1_998, '23 hours', 101);
  const grown = await sync(
    server,
    agent.apiKey,
    named({
      miner_stats: [poll(1), poll(2), poll(3), poll(4)],
      discovered_miners: [{ ip_address: '10.9.9.9' }],
    }),
  );
  expect(grown.body.miners_added).toBe(2);
  expect(grown.body.quarantined.map(({ code }) => code)).toContain('series_limit');
  expect(grown.body.quarantined[0]?.detail).toMatch('the 2000 a site may gain in a day');
  const rows = await server.deps.sql<{ list: string; code: string }[]>`
    SELECT list, code FROM ingest_quarantine WHERE agent_id = ${agent.id}`;
  expect(rows).toHaveLength(3);
  expect(new Set(rows.map(({ code }) => code))).toEqual(new Set(['series_limit']));
  // Miners it has are not concerned.
  const known = await sync(
    server,
    agent.apiKey,
    named({ miner_stats: [1, 2, 3, 4].map((miner) => poll(miner, 0)) }),
  );
  expect(known.body.stats_added).toBe(2);
  await server.deps.sql`
    UPDATE miners SET created_at = created_at - interval '1 day' WHERE agent_id = ${agent.id}`;
  const tomorrow = await sync(server, agent.apiKey, named({ miner_stats: [poll(7)] }));
  expect(tomorrow.body).toMatchObject({ stats_added: 1, quarantined: [] });
});

test('a site holds 20,000 miners', async () => {
  await holdMiners(19_999, '1 hour');
  const reply = await sync(server, agent.apiKey, named({ miner_stats: [poll(1), poll(2)] }));
  expect(reply.body).toMatchObject({ stats_added: 1, quarantined: [{ code: 'series_limit' }] });
  expect(reply.body.quarantined[0]?.detail).toMatch('the 20000 a site may hold');
});

test('times that are a guess: what cannot be true is set aside as clock, the rest is stored', async () => {
  await server.deps.sql`
    UPDATE agents SET created_at = now() - interval '3 days' WHERE id = ${agent.id}`;
  const body = {
    miner_stats: [
      poll(1),
      poll(2, 3 * DAY_S + 3_600),
      poll(3, 4 * DAY_S + 3_600),
      poll(4, -11 * 60),
      { ...poll(5), timestamp: '1970-01-01T00:03:00Z' },
      poll(6, -9 * 60),
    ],
  };
  const guessed = await sync(server, agent.apiKey, named(body, UNSURE));
  expect(guessed.body.stats_added).toBe(3);
  expect(guessed.body.quarantined).toEqual(
    [2, 3, 4].map((index) => expect.objectContaining({ index, code: 'clock' }) as object),
  );
  // A clock that is known to be right may tell of the time before the agent was registered.
  const sure = await sync(server, agent.apiKey, named(body));
  expect(sure.body.quarantined.map(({ index, code }) => `${index} ${code}`)).toEqual([
    '3 future',
    '4 clock',
  ]);
  expect((await pointsIn(server, 'miner', `agent-${agent.id}`)).size).toBe(4);
});

test('backlogs give way: the nineteenth is refused with its pace, a live batch is not', async () => {
  const { sql } = server.deps;
  const others = await Promise.all(
    Array.from({ length: 19 }, () => server.registerAgent(randomUUID())),
  );
  const locked = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const lock = sql.begin(async (tx) => {
    await tx`LOCK TABLE miner_keys IN ACCESS EXCLUSIVE MODE`;
    locked.resolve();
    await held.promise;
  });
  await locked.promise;
  const backlog = others.map(({ apiKey }, i) =>
    sync(server, apiKey, named({ miner_stats: [poll(i)] }), { 'x-lane': 'backlog' }),
  );
  const refused = await Promise.any(
    backlog.map(async (reply) => {
      const { status, body, retryAfter } = await reply;
      if (status === 200) throw new Error('let in');
      return { code: body.code, retryAfter: Number(retryAfter) };
    }),
  );
  expect(refused.code).toBe('busy');
  expect(refused.retryAfter).toBeGreaterThanOrEqual(1);
  const working = () => sql`
    SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE NOT l.granted AND d.datname = current_database()`;
  await expect.poll(async () => (await working()).length).toBe(2);
  const live = sync(server, agent.apiKey, named({ miner_stats: [poll(1)] }));
  await expect.poll(async () => (await working()).length).toBe(3);
  held.resolve();
  await lock;
  const reply = await live;
  expect(reply.status).toBe(200);
  expect(reply.body.next.backlog_ms).toBeGreaterThanOrEqual(50);
  await Promise.all(backlog);
});

test('a sync too many of one agent is told to slow down, before its body is read', async () => {
  const empty = { miner_stats: [] };
  const status = async () => (await sync(server, agent.apiKey, empty)).status;
  for (let i = 0; i < 150; i++) {
    expect(await Promise.all([status(), status(), status(), status()])).toEqual(
      Array.from({ length: 4 }, () => 200),
    );
  }
  let refused = await sync(server, agent.apiKey, '{');
  // One more is allowed each tenth of a second, and the loop took its time.
  for (let i = 0; refused.status !== 429 && i < 3_000; i++) {
    refused = await sync(server, agent.apiKey, '{');
  }
  expect(refused.body.code).toBe('slow_down');
  expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(1);
}, 60_000);
