import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { pointsIn, sync } from '../../../tests/support/sync.ts';
import { InfluxError, type Influx } from '../../influx/influx.ts';

const NOW_S = Math.floor(Date.now() / 1000) - 60;
const at = (secondsAgo = 0) => new Date((NOW_S - secondsAgo) * 1000).toISOString();
/** Ahead of the server's clock: set aside now, fine in a quarter of an hour. */
const AHEAD_S = 15 * 60;

let server: TestServer;
let clockMs = 0;
let agent: { id: number; apiKey: string };
beforeAll(async () => {
  server = await startTestServer({ clock: () => new Date(Date.now() + clockMs) });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  clockMs = 0;
  agent = await server.registerAgent(randomUUID());
});

function sample(ip: string, more: object = {}) {
  return { ip_address: ip, port: 4028, timestamp: at(), hash_rate: 90, ...more };
}
const get = async (path: string, token = server.adminToken) => server.call('GET', path, { token });
const held = async () =>
  (await get(`/api/ingest/quarantine?agent_id=${agent.id}`)).body as {
    total: number;
    not_kept: number;
    agents: { held: number; bytes: number }[];
    newest: { id: string; list: string; code: string; detail: string; sample: object }[];
  };
const reinject = async (body: object) =>
  server.call('POST', '/api/ingest/quarantine/reinject', { token: server.adminToken, body });
const points = async () => [...(await pointsIn(server, 'miner', `agent-${agent.id}`)).keys()];

/** Three samples from the future, and an address that is none. */
async function fill() {
  const ahead = at(-AHEAD_S);
  const reply = await sync(server, agent.apiKey, {
    miner_stats: [1, 2, 3].map((i) => sample(`10.0.0.${i}`, { timestamp: ahead })),
    discovered_miners: [{ ip_address: 'nowhere' }],
  });
  expect(reply.body).toMatchObject({ stats_added: 0 });
}

describe('list and download', () => {
  test('by agent and code, in pages, with the list each item came from', async () => {
    await fill();
    const all = await held();
    expect(all.total).toBe(4);
    expect(all.agents).toEqual([
      expect.objectContaining({ agent_id: agent.id, held: 4, not_kept: 0 }),
    ]);
    expect(all.newest.map(({ list, code }) => `${list} ${code}`).toSorted()).toEqual([
      'discovered_miners bad_address',
      'miner_stats future',
      'miner_stats future',
      'miner_stats future',
    ]);
    const path = `/api/ingest/quarantine?agent_id=${agent.id}&code=future&limit=2`;
    const first = (await get(path)).body;
    const second = (await get(`${path}&before=${first.next_before}`)).body;
    expect([first.total, first.newest.length, second.newest.length]).toEqual([3, 2, 1]);
    expect(second.next_before).toBeNull();
    const ids = [...first.newest, ...second.newest].map(({ id }: { id: string }) => Number(id));
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(new Set(ids).size).toBe(3);
    expect((await get(`${path}&before=x`)).status).toBe(422);
  });

  test('as a file, larger than one piece, for staff and nobody else', async () => {
    await sync(server, agent.apiKey, {
      miner_stats: Array.from({ length: 1_203 }, (_, i) =>
        sample(`10.1.${i >> 8}.${i & 255}`, { port: 0 }),
      ),
    });
    const viewer = await server.addUser(randomUUID(), 'viewer');
    const path = `/api/ingest/quarantine/download?agent_id=${agent.id}&code=bad_address`;
    const file = await fetch(server.url + path, {
      headers: { authorization: `Bearer ${viewer.token}` },
    });
    expect(file.headers.get('content-type')).toMatch('application/x-ndjson');
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="/);
    const text = await file.text();
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { index: number; sample: object; detail: string });
    expect(rows).toHaveLength(1_203);
    expect(rows[1_202]).toMatchObject({
      index: 1_202,
      list: 'miner_stats',
      detail: expect.stringContaining('port: 0') as string,
      sample: { ip_address: '10.1.4.178' },
    });
    const client = await server.addUser(randomUUID(), 'client');
    expect((await get(path, client.token)).status).toBe(403);
  });
});

describe('what finds no room is counted', () => {
  test.each([
    ['rows', 'held = 99998', 2],
    ['bytes', 'bytes = 199999500', 4],
  ])('%s', async (_what, almost, kept) => {
    await fill();
    const before = await held();
    await server.deps.sql.unsafe(
      `UPDATE ingest_quarantine_totals SET ${almost} WHERE agent_id = ${agent.id}`,
    );
    const bad = Array.from({ length: 10 }, (_, i) => sample(`10.0.2.${i}`, { port: 0 }));
    const reply = await sync(server, agent.apiKey, { miner_stats: bad });
    expect(reply.body.errors).toHaveLength(10);
    const after = await held();
    expect(after.total - before.total).toBe(kept);
    expect(after.not_kept).toBe(10 - kept);
  });

  test('the same items again are neither new nor lost', async () => {
    await fill();
    await fill();
    expect(await held()).toMatchObject({ total: 4, not_kept: 0, agents: [{ held: 4 }] });
    const [totals] = await server.deps.sql`
      SELECT set_aside::int, (SELECT sum(bytes) FROM ingest_quarantine WHERE agent_id = t.agent_id) = bytes AS exact
      FROM ingest_quarantine_totals t WHERE agent_id = ${agent.id}`;
    expect(totals).toEqual({ set_aside: 4, exact: true });
  });
});

describe('taken out of quarantine', () => {
  test('what is good now is stored and leaves; what is not stays, with its reason', async () => {
    await fill();
    const early = await reinject({ agent_id: agent.id });
    expect(early.body).toMatchObject({ stored: 0, refused: 4, next_after: null });
    expect(await points()).toEqual([]);
    clockMs = AHEAD_S * 1000;
    const later = await reinject({ agent_id: agent.id });
    expect(later.body).toMatchObject({ stored: 3, refused: 1 });
    expect(later.body.still_refused).toEqual([
      expect.objectContaining({ code: 'bad_address', id: expect.stringMatching(/^\d+$/) }),
    ]);
    const left = await held();
    expect(left).toMatchObject({ total: 1, agents: [{ held: 1 }] });
    expect(left.agents[0]?.bytes).toBe(JSON.stringify(left.newest[0]?.sample).length);
    expect(await points()).toHaveLength(3);
    // Its miners are in the inventory with it.
    const miners = await server.deps.sql`SELECT 1 FROM miners WHERE agent_id = ${agent.id}`;
    expect(miners).toHaveLength(3);
    expect((await reinject({ agent_id: agent.id })).body).toMatchObject({ stored: 0, refused: 1 });
    expect(await points()).toHaveLength(3);
  });

  test('by ids, by code, in steps', async () => {
    await fill();
    clockMs = AHEAD_S * 1000;
    const future = (await held()).newest.filter(({ code }) => code === 'future');
    const [newest, middle, oldest] = future.map(({ id }) => id);
    expect((await reinject({ ids: [middle] })).body).toMatchObject({ stored: 1, refused: 0 });
    const step = await reinject({ agent_id: agent.id, code: 'future', limit: 1 });
    expect(step.body).toMatchObject({ stored: 1, next_after: oldest });
    const left = (await held()).newest.map(({ id }) => id);
    expect(left).toContain(newest);
    expect(left).not.toContain(oldest);
    const after = await reinject({ agent_id: agent.id, after: newest });
    expect(after.body).toMatchObject({ stored: 0, refused: 1 });
    expect((await reinject({})).status).toBe(422);
  });

  test('of a second that has a sample stays: it would overwrite what is stored', async () => {
    const reply = await sync(server, agent.apiKey, {
      miner_stats: [sample('10.0.4.1'), sample('10.0.4.1', { reachable: false, hash_rate: null })],
    });
    expect(reply.body.stats_added).toBe(1);
    expect((await reinject({ agent_id: agent.id })).body).toMatchObject({
      stored: 0,
      still_refused: [{ code: 'duplicate' }],
    });
    const stored = await pointsIn(server, 'miner', `agent-${agent.id}`);
    expect([...stored.values()]).toMatchObject([{ up: 1, hashrate_ths: 90 }]);
  });

  test('goes to the site it came from, wherever its agent is now', async () => {
    const site = async (name: string) =>
      (await server.call('POST', '/api/sites', { token: server.adminToken, body: { name } })).body
        .id as number;
    const [from, to] = [await site(randomUUID()), await site(randomUUID())];
    agent = await server.registerAgent(randomUUID(), from);
    await fill();
    await server.deps.sql`UPDATE agents SET site_id = ${to} WHERE id = ${agent.id}`;
    clockMs = AHEAD_S * 1000;
    expect((await reinject({ agent_id: agent.id })).body).toMatchObject({ stored: 3 });
    expect((await pointsIn(server, 'miner', `site-${from}`)).size).toBe(3);
    const scopes = await server.deps.sql`
      SELECT DISTINCT scope, site_id FROM miners WHERE agent_id = ${agent.id}`;
    expect([...scopes]).toEqual([{ scope: `site-${from}`, site_id: from }]);
  });

  test('of a site that is gone stays', async () => {
    agent = await server.registerAgent(
      randomUUID(),
      (
        await server.call('POST', '/api/sites', {
          token: server.adminToken,
          body: { name: randomUUID() },
        })
      ).body.id,
    );
    await fill();
    await server.deps.sql`
      WITH gone AS (SELECT site_id FROM agents WHERE id = ${agent.id}),
      moved AS (UPDATE agents SET site_id = NULL WHERE id = ${agent.id})
      UPDATE ingest_quarantine SET scope = 'site-999999' WHERE agent_id = ${agent.id}`;
    clockMs = AHEAD_S * 1000;
    const answer = await reinject({ agent_id: agent.id });
    expect(answer.body).toMatchObject({ stored: 0, refused: 4 });
    expect((await held()).newest[0]?.detail).toMatch(/site-999999 is no longer there/);
  });

  test('lines InfluxDB refused are written as they are, once it takes them', async () => {
    const { influx, config, sql } = server.deps;
    const { database } = config.influx;
    // Somebody has made hw_errors a text: our number is refused, whatever else is in the line.
    await influx.write(database, [`miner,miner=x,site=elsewhere hw_errors="text" ${NOW_S}`]);
    const reply = await sync(server, agent.apiKey, {
      miner_stats: [sample('10.0.3.1', { hw_errors: 5 }), sample('10.0.3.2')],
    });
    expect(reply.body.stats_added).toBe(1);
    expect((await held()).newest).toMatchObject([{ list: 'lines', code: 'influx_rejected' }]);
    expect((await reinject({ agent_id: agent.id })).body).toMatchObject({ stored: 0, refused: 1 });
    expect((await held()).newest[0]?.detail).toContain('field type conflict');

    // As an upgrade that renames the field would.
    await sql`
      UPDATE ingest_quarantine SET sample = jsonb_build_object('line', replace(sample ->> 'line', 'hw_errors', 'hw_faults'))
      WHERE agent_id = ${agent.id}`;
    expect((await reinject({ agent_id: agent.id })).body).toMatchObject({ stored: 1, refused: 0 });
    expect(await points()).toHaveLength(2);
    const old = `miner,miner=y,site=agent-${agent.id} up=1 ${NOW_S - 40 * 86_400}`;
    await sql`
      INSERT INTO ingest_quarantine (agent_id, scope, idx, list, code, detail, sample, bytes, digest)
      SELECT ${agent.id}, 'agent-1', 0, 'lines', 'influx_rejected', '', jsonb_build_object('line', line::text), 1,
        sha256(line::bytea) FROM unnest(ARRAY[${old}, 'no time in it']) AS x (line)`;
    const expired = await reinject({ agent_id: agent.id });
    expect(expired.body.still_refused.map(({ code }: { code: string }) => code)).toEqual([
      'too_old',
      'too_old',
    ]);
  });

  test('InfluxDB away, or the server killed between writing and deleting: nothing is lost or twice', async () => {
    await fill();
    clockMs = AHEAD_S * 1000;
    const { influx, sql } = server.deps;
    const real = { ...influx };
    const errors = [
      new InfluxError('unavailable', 'away'),
      new DOMException('too long', 'TimeoutError'),
    ];
    for (const error of errors) {
      Object.assign(influx, { write: () => Promise.reject(error) });
      const unavailable = await reinject({ agent_id: agent.id });
      expect([unavailable.status, unavailable.body.code]).toEqual([503, 'metrics_unavailable']);
    }
    expect((await held()).total).toBe(4);

    // Postgres is gone at the very moment InfluxDB has stored them.
    const last: Influx['write'] = async (database, lines) => {
      await real.write(database, lines);
      await sql`ALTER TABLE ingest_quarantine RENAME TO ingest_quarantine_away`;
    };
    Object.assign(influx, { write: last });
    expect((await reinject({ agent_id: agent.id, code: 'future' })).status).toBe(500);
    Object.assign(influx, real);
    await sql`ALTER TABLE ingest_quarantine_away RENAME TO ingest_quarantine`;
    expect((await held()).total).toBe(4);
    expect(await points()).toHaveLength(3);
    expect((await reinject({ agent_id: agent.id })).body).toMatchObject({ stored: 3, refused: 1 });
    expect(await points()).toHaveLength(3);
  });
});
