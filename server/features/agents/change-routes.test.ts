import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { sync } from '../../../tests/support/sync.ts';
import { writeAgentMetrics } from './metrics.ts';
import { checkProblems } from '../problems/check.ts';

let now = Date.parse('2026-11-22T08:00:00Z');
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ clock: () => new Date(now) });
});
afterAll(() => server[Symbol.asyncDispose]());

let count = 0;
let sites: [number, number];
beforeEach(async () => {
  count += 1;
  sites = [await addSite(`from ${count}`), await addSite(`to ${count}`)];
});

const call = (method: string, path: string, body?: unknown) =>
  server.call(method, path, { token: server.adminToken, ...(body === undefined ? {} : { body }) });
const addSite = async (name: string): Promise<number> =>
  (await call('POST', '/api/sites', { name })).body.id;
const auditOf = async (id: number) =>
  (await call('GET', `/api/audit?object_type=agent&object_id=${id}`)).body.entries;

const send = (apiKey: string, stats: object[], more: object = {}) =>
  sync(server, apiKey, {
    miner_stats: stats.map((one) => ({
      ip_address: '',
      timestamp: new Date(now).toISOString(),
      ...one,
    })),
    ...more,
  });

test('a moved agent takes its miners and their history along', async () => {
  const agent = await server.registerAgent(`mover ${count}`, sites[0]);
  const other = await server.registerAgent(`resident ${count}`, sites[1]);
  const mine = { ip_address: '10.0.0.1', mac: '02:00:5e:00:01:01', hash_rate: 90 };
  const byAddress = { ip_address: '10.0.0.2', hash_rate: 50 };
  await send(agent.apiKey, [mine, byAddress]);
  await send(other.apiKey, [byAddress]);
  const { sql } = server.deps;
  const [row] = await sql`select id from miners where mac = '02005e000101'`;
  const hall = await call('POST', '/api/containers', { name: 'hall', site_id: sites[0] });
  await call('PATCH', `/api/fleet/miners/${row?.['id']}`, { container_id: hall.body.id });

  const body = { site_id: sites[1], name: `moved ${count}`, description: 'new place' };
  const moved = await call('PATCH', `/api/agents/${agent.id}`, body);
  expect([moved.status, moved.body]).toMatchObject([
    200,
    { ...body, miners_moved: 1, miners_left: 1, miner_count: 2 },
  ]);
  now += 900_000;
  await send(agent.apiKey, [Object.assign(mine, { hash_rate: 100 })]);
  const page = (await call('GET', `/api/fleet/miners/${row?.['id']}`)).body;
  expect(page).toMatchObject({
    site_id: sites[1],
    container_id: null,
    hash_rate: 100,
    keys: [
      { scope: `site-${sites[0]}`, key: '02005e000101' },
      { scope: `site-${sites[1]}`, key: '02005e000101' },
    ],
  });
  const line = page.sparklines.hash_rate.filter((value: number | null) => value !== null);
  expect(line).toEqual([90, 100]);
  expect(await auditOf(agent.id)).toMatchObject([
    {
      action: 'agent.move',
      before: { site_id: sites[0] },
      after: { site_id: sites[1], miners_moved: 1, miners_left: 1 },
    },
    { action: 'agent.register' },
  ]);
});

test('an agent of no site moves into one', async () => {
  const agent = await server.registerAgent(`loose ${count}`);
  await send(agent.apiKey, [{ ip_address: '10.0.0.9', hash_rate: 1 }]);
  const moved = await call('PATCH', `/api/agents/${agent.id}`, { site_id: sites[0] });
  expect(moved.body).toMatchObject({ miners_moved: 1, miners_left: 0, site_id: sites[0] });
  const [first] = await server.deps.sql`select * from miners where agent_id = ${agent.id}`;
  await send(agent.apiKey, [{ ip_address: '10.0.0.9', hash_rate: 2 }]);
  const rows = await server.deps.sql`select id from miners where agent_id = ${agent.id}`;
  expect(rows).toEqual([{ id: first?.['id'] }]);
});

test('names are unique, sites must be there, and nothing else can be changed', async () => {
  const agent = await server.registerAgent(`one ${count}`, sites[0]);
  await server.registerAgent(`two ${count}`, sites[0]);
  const path = `/api/agents/${agent.id}`;
  const codes = async (body: object) => (await call('PATCH', path, body)).body.code;
  expect(await codes({ name: `two ${count}` })).toBe('name_taken');
  expect(await codes({ site_id: 4711 })).toBe('not_found');
  expect(await codes({ is_active: false })).toBe('invalid_body');
  expect((await call('PATCH', '/api/agents/4711', { name: 'x' })).status).toBe(404);
  expect((await call('PATCH', path, { name: `one ${count}` })).body.miners_moved).toBe(0);
  expect(await auditOf(agent.id)).toHaveLength(1);
});

test('a retired agent is out at once, and comes back with a new key', async () => {
  const agent = await server.registerAgent(`old ${count}`, sites[0]);
  const path = `/api/agents/${agent.id}`;
  expect((await send(agent.apiKey, [])).status).toBe(200);
  expect((await call('POST', `${path}/retire`, {})).status).toBe(200);
  expect((await send(agent.apiKey, [])).status).toBe(401);
  expect((await call('POST', `${path}/restore`, {})).status).toBe(200);
  expect((await send(agent.apiKey, [])).status).toBe(401);
  const key = (await call('POST', `${path}/keys`, {})).body.api_key;
  expect((await send(key, [])).status).toBe(200);
  expect((await call('POST', '/api/agents/4711/retire', {})).status).toBe(404);
  const actions = (await auditOf(agent.id)).map((entry: { action: string }) => entry.action);
  expect(actions).toEqual(['agent.key_add', 'agent.restore', 'agent.retire', 'agent.register']);
});

test('its page has keys, backlog with its speed, losses, scan and problems', async () => {
  const agent = await server.registerAgent(`paged ${count}`, sites[0]);
  const report = (batches: number) => ({
    agent: {
      version: '1.2.3',
      boot: 'b',
      backlog: { batches, bytes: 5, oldest: new Date(now - 3_600_000).toISOString() },
      gaps: [
        {
          id: `g ${count}`,
          from: new Date(now - 7_200_000).toISOString(),
          to: new Date(now - 7_000_000).toISOString(),
          batches: 2,
          samples: 20,
          reason: 'disk',
        },
      ],
      clock_error_ms: 60_000,
      cycle: {
        at: new Date(now).toISOString(),
        duration_ms: 1_500,
        miners: 10,
        reachable: 9,
      },
    },
  });
  now = Math.floor(now / 900_000) * 900_000 + 60_000;
  for (const batches of [100, 90, 80]) {
    now += 60_000;
    expect((await send(agent.apiKey, [], report(batches))).status).toBe(200);
    expect(await writeAgentMetrics(server.deps)).toBe('written');
  }
  await checkProblems(server.deps);
  const { status, body } = await call('GET', `/api/fleet/agents/${agent.id}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    agent: { id: agent.id, report: { version: '1.2.3' } },
    keys: [{ created_by: 'admin', revoked_at: null, last_used_at: expect.any(String) }],
    drain: { batches: 80, per_minute: 10, eta_s: 480 },
    gaps: [{ samples: 20, reason: 'disk' }],
    scan: null,
  });
  expect(JSON.stringify(body)).not.toContain(agent.apiKey);
  expect(body.problems.map((one: { cause: string }) => one.cause).sort()).toEqual([
    'backlog',
    'clock_wrong',
    'gaps',
  ]);
  const known = body.sparklines.backlog_batches.filter((value: number | null) => value !== null);
  expect(known).toEqual([100]);
});
