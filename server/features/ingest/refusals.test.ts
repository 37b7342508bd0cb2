import { pino } from 'pino';
import { expect, test } from 'vitest';
import { freshDatabase } from '../../../tests/support/database.ts';
import { startTestServer } from '../../../tests/support/server.ts';
import { sync } from '../../../tests/support/sync.ts';
import { listRefusals, startRefusals } from './refusals.ts';

test('refused syncs are counted by agent and code; unknown keys together', async () => {
  await using server = await startTestServer();
  const a = await server.registerAgent('a');
  const b = await server.registerAgent('b');
  await sync(server, a.apiKey, '{');
  await sync(server, a.apiKey, JSON.stringify({ miner_stats: 1 }));
  await sync(server, a.apiKey, JSON.stringify({ discovered_miners: 'x' }));
  await sync(server, b.apiKey, { miner_stats: [] });
  await sync(server, 'hy_nobody', { miner_stats: [] });
  await server.call('POST', '/api/agent/sync', { body: { miner_stats: [] } });
  await server.deps.sql`UPDATE agent_keys SET revoked_at = now() WHERE agent_id = ${a.id}`;
  await sync(server, a.apiKey, { miner_stats: [] });

  const list = async (query = '') =>
    (await server.call('GET', `/api/ingest/refusals${query}`, { token: server.adminToken })).body;
  const all = await list();
  expect(all).toHaveLength(4);
  expect(await list(`?agent_id=${a.id}`)).toEqual([
    {
      agent_id: a.id,
      agent_name: 'a',
      code: 'invalid_body',
      count: 2,
      last_at: expect.stringMatching(/Z$/) as string,
      last_detail: expect.stringContaining('discovered_miners') as string,
    },
    expect.objectContaining({ code: 'invalid_json' }),
  ]);
  const unknown = all.filter(({ agent_id }: { agent_id: number | null }) => agent_id === null);
  expect(
    unknown
      .map(({ code, count }: Record<string, unknown>) => `${String(code)} ${String(count)}`)
      .toSorted(),
  ).toEqual(['invalid_key 2', 'missing_key 1']);
  expect(await list(`?agent_id=${b.id}`)).toEqual([]);
});

test('what was counted while Postgres was away is not lost, and is written at the stop', async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [agent] = await sql<{ id: number }[]>`INSERT INTO agents (name) VALUES ('a') RETURNING id`;
  let nowMs = Date.UTC(2026, 0, 1);
  const refused = startRefusals({
    sql,
    log: pino({ level: 'silent' }),
    clock: () => new Date(nowMs),
  });
  const id = agent?.id ?? 0;
  refused.count(id, 'busy', 'first');
  await sql`ALTER TABLE ingest_refusals RENAME TO away`;
  await refused.flush();
  nowMs += 1000;
  refused.count(id, 'busy', 'second');
  refused.count(null, 'invalid_key', 'x'.repeat(9_999));
  // An agent that was deleted meanwhile hinders nobody.
  refused.count(id + 99, 'busy', 'gone');
  await sql`ALTER TABLE away RENAME TO ingest_refusals`;
  await refused.flush();
  refused.count(id, 'busy', 'third');
  await refused.stop();
  const rows = await listRefusals(sql, null);
  expect(rows).toHaveLength(2);
  expect(rows).toContainEqual({
    agent_id: id,
    agent_name: 'a',
    code: 'busy',
    count: 3,
    last_at: '2026-01-01T00:00:01.000Z',
    last_detail: 'third',
  });
  expect(rows.find(({ agent_id }) => agent_id === null)?.last_detail).toHaveLength(500);
});
