import { afterAll, beforeEach, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { sync } from '../../../tests/support/sync.ts';

const START = Date.parse('2026-11-22T08:00:00Z');
let now = START;
let server: TestServer;
let operator: string;
beforeAll(async () => {
  server = await startTestServer({ clock: () => new Date(now) });
  operator = (await server.addUser('olga', 'operator')).token;
});
afterAll(() => server[Symbol.asyncDispose]());

let agent: { id: number; apiKey: string };
let site: number;
let count = 0;
beforeEach(async () => {
  now = START;
  count += 1;
  site = (await call('POST', '/api/sites', { name: `site ${count}` })).body.id;
  agent = await server.registerAgent(`agent ${count}`, site);
});

const call = (method: string, path: string, body?: unknown, token = server.adminToken) =>
  server.call(method, path, { token, ...(body === undefined ? {} : { body }) });
const change = (body: object, token?: string) =>
  call('POST', '/api/fleet/miners/change', body, token);
const one = async (id: number) => (await call('GET', `/api/fleet/miners/${id}`)).body;
const auditOf = async (id: number) =>
  (await call('GET', `/api/audit?object_type=miner&object_id=${id}`)).body.entries;

/** Sends samples and scans of the present moment; returns the ids of all miners of the site, by address. */
async function send(
  miners: { ip_address: string; mac?: string; serial?: string; [more: string]: unknown }[],
): Promise<Record<string, number>> {
  const timestamp = new Date(now).toISOString();
  const answer = await sync(server, agent.apiKey, {
    discovered_miners: miners.map(({ ip_address, mac, serial }) => ({ ip_address, mac, serial })),
    miner_stats: miners.map((miner) => Object.assign({ timestamp }, miner)),
  });
  expect([answer.status, answer.body.errors]).toEqual([200, []]);
  const rows = await server.deps.sql<{ ip: string; id: number }[]>`
    select host(ip_address) as ip, id from miners where site_id = ${site}`;
  return Object.fromEntries(rows.map(({ ip, id }) => [ip, id]));
}

test('one miner tells everything that is known of it', async () => {
  await send([{ ip_address: '10.0.0.1', mac: '02:00:5e:00:00:01', hash_rate: 90, temp_chip: 70 }]);
  now += 3_600_000;
  const ids = await send([
    {
      ip_address: '10.0.0.2',
      mac: '02:00:5e:00:00:01',
      hash_rate: 100,
      expected_hash_rate: 110,
      boards: [{ slot: 0, hash_rate: 100 }],
      fans: [4000, null],
      pools: [{ url: 'stratum+tcp://p:1', user: '<img src=x onerror=alert(1)>', active: true }],
      miner_errors: [{ code: 'E1', text: 'hot' }],
      power_limit_w: 3000,
    },
  ]);
  const miner = await one(ids['10.0.0.2'] ?? 0);
  expect(miner).toMatchObject({
    mac: '02005e000001',
    expected_reported: 110,
    expected_by_hand: null,
    note: null,
    keys: [{ scope: `site-${site}`, key: '02005e000001' }],
    addresses: [
      { ip_address: '10.0.0.2', port: 4028, since: new Date(now).toISOString(), until: null },
      {
        ip_address: '10.0.0.1',
        since: new Date(START).toISOString(),
        until: new Date(now).toISOString(),
      },
    ],
    boards: [{ slot: 0, hash_rate: 100 }],
    fans: [4000, null],
    pools: [{ user: '<img src=x onerror=alert(1)>' }],
    errors: [{ code: 'E1', text: 'hot' }],
    detail: { power_limit_w: 3000 },
    problems: [],
    twins: [],
  });
  const { hash_rate: line, step_s: stepS, from } = miner.sparklines;
  expect([line.length, stepS]).toEqual([96, 900]);
  const at = (time: number) => line[Math.floor((time - Date.parse(from)) / 1000 / stepS)];
  expect([at(START), at(now)]).toEqual([90, 100]);
  expect(line.filter((value: number | null) => value !== null)).toHaveLength(2);
});

test('without InfluxDB the page is there, but for the lines', async () => {
  await using alone = await startTestServer({
    influx: {
      ...server.deps.influx,
      query: () => server.deps.influx.query('no such database', 'SELECT nonsense'),
      close: async () => undefined,
    },
  });
  const token = alone.adminToken;
  const made = await alone.call('POST', '/api/miners', { token, body: { ip_address: '10.0.0.1' } });
  const page = await alone.call('GET', `/api/fleet/miners/${made.body.id}`, { token });
  expect([page.status, page.body.sparklines]).toEqual([200, null]);
});

test('an operator names, tags, places and notes; what is expected is for administrators', async () => {
  const ids = await send([{ ip_address: '10.0.0.1', hash_rate: 100, expected_hash_rate: 100 }]);
  const id = ids['10.0.0.1'] ?? 0;
  const path = `/api/fleet/miners/${id}`;
  const hall = (await call('POST', '/api/containers', { name: 'hall', site_id: site })).body.id;
  const body = { name: 'rack 7', tags: ['a', 'a', 'b'], container_id: hall, note: '<b>loud</b>' };
  const changed = await call('PATCH', path, body, operator);
  expect([changed.status, changed.body]).toMatchObject([
    200,
    { name: 'rack 7', tags: ['a', 'b'], container_name: 'hall', note: '<b>loud</b>' },
  ]);
  expect((await call('PATCH', path, { expected_hash_rate: 200 }, operator)).status).toBe(403);
  const expected = await call('PATCH', path, { expected_hash_rate: 200 });
  expect(expected.body).toMatchObject({
    state: 'degraded',
    expected_hash_rate: 200,
    expected_by_hand: 200,
    expected_reported: 100,
    note: '<b>loud</b>',
  });
  expect(await auditOf(id)).toMatchObject([
    { action: 'miner.change', before: { expected_ths: null }, after: { expected_ths: 200 } },
    { action: 'miner.change', username: 'olga', via: 'token', after: { note: '<b>loud</b>' } },
  ]);
  for (const wrong of [{ port: 1 }, { expected_hash_rate: 0 }, { tags: [''] }, { name: ' ' }]) {
    expect((await call('PATCH', path, wrong)).status).toBe(422);
  }
  const elsewhere = (await call('POST', '/api/sites', { name: `elsewhere ${count}` })).body.id;
  const far = (await call('POST', '/api/containers', { name: 'far', site_id: elsewhere })).body.id;
  const strange = await call('PATCH', path, { container_id: far });
  expect([strange.status, strange.body.detail]).toEqual([
    422,
    'container_id: this container is at another site than rack 7; choose one of its site',
  ]);
});

test('many at once, by ids or by filter, each with its entry', async () => {
  const ids = await send(
    [1, 2, 3].map((last) => ({ ip_address: `10.0.0.${last}`, hash_rate: last === 3 ? 0 : 50 })),
  );
  const [first, second, third] = [1, 2, 3].map((last) => ids[`10.0.0.${last}`] ?? 0);
  const tagged = { ids: [first, second], set: { add_tags: ['x', 'y'] } };
  expect((await change(tagged, operator)).body).toEqual({ changed: 2 });
  expect((await change(tagged)).body).toEqual({ changed: 0 });
  const filter = { site_id: [site], state: ['hashing'] };
  const moved = await change({ filter, total: 3, set: { remove_tags: ['x'] } });
  expect([moved.status, moved.body.code]).toEqual([409, 'changed_meanwhile']);
  const set = { remove_tags: ['x'], expected_hash_rate: 100 };
  expect((await change({ filter, total: 2, set }, operator)).status).toBe(403);
  expect((await change({ filter, total: 2, set })).body).toEqual({ changed: 2 });
  expect(await one(first ?? 0)).toMatchObject({ tags: ['y'], expected_hash_rate: 100 });
  expect(await one(third ?? 0)).toMatchObject({ tags: [], expected_hash_rate: null });
  expect(await auditOf(second ?? 0)).toMatchObject([
    { after: { tags: ['y'], expected_ths: 100 } },
    { before: { tags: [] }, after: { tags: ['x', 'y'] } },
  ]);
  for (const wrong of [{ set }, { ids: [1], filter, set }, { ids: [1], set: { port: 5 } }]) {
    expect((await change(wrong)).status).toBe(422);
  }
  expect((await change({ ids: [first], set: { container_id: 4711 } })).status).toBe(404);
});

test('a replaced control board: two become one, and stay it', async () => {
  const before = await send([
    { ip_address: '10.0.0.1', mac: '02:00:5e:00:00:0a', serial: 'SN100', hash_rate: 90 },
  ]);
  const old = before['10.0.0.1'] ?? 0;
  await call('PATCH', `/api/fleet/miners/${old}`, { name: 'rack 7', tags: ['a'], note: 'loud' });
  now += 3_600_000;
  const board = { ip_address: '10.0.0.1', mac: '02:00:5e:00:00:0b', serial: 'SN100' };
  await send([{ ...board, hash_rate: 100 }]);
  const page = await one(old);
  expect(page.twins).toMatchObject([{ ip_address: '10.0.0.1', same: 'serial' }]);
  const young = page.twins[0].id;
  const merge = (into: number, from: number, token?: string) =>
    call('POST', `/api/fleet/miners/${into}/merge`, { from }, token);
  expect((await merge(old, young, operator)).status).toBe(403);
  expect((await merge(old, old)).status).toBe(422);
  expect((await merge(old, 4711)).status).toBe(404);
  const merged = await merge(old, young);
  expect([merged.status, merged.body]).toMatchObject([
    200,
    {
      id: old,
      name: 'rack 7',
      tags: ['a'],
      note: 'loud',
      mac: '02005e00000b',
      hash_rate: 100,
      keys: [{ key: '02005e00000a' }, { key: '02005e00000b' }],
      addresses: [{ ip_address: '10.0.0.1', until: null }],
      twins: [],
    },
  ]);
  const line = merged.body.sparklines.hash_rate.filter((value: number | null) => value !== null);
  expect(line).toEqual([90, 100]);
  expect((await call('GET', `/api/fleet/miners/${young}`)).status).toBe(404);
  expect(await auditOf(old)).toMatchObject([
    { action: 'miner.merge', before: { kept: { id: old }, gone: { id: young } } },
    { action: 'miner.change' },
  ]);
  now += 60_000;
  const after = await send([{ ...board, hash_rate: 101 }]);
  expect(after).toEqual({ '10.0.0.1': old });
  expect((await one(old)).hash_rate).toBe(101);
});

test('the kept one may be the newer one, too', async () => {
  await send([{ ip_address: '10.0.0.1', mac: '02:00:5e:00:00:0c', hash_rate: 90 }]);
  now += 3_600_000;
  const ids = await send([{ ip_address: '10.0.0.2', mac: '02:00:5e:00:00:0d', hash_rate: 100 }]);
  const [old, young] = [ids['10.0.0.1'] ?? 0, ids['10.0.0.2'] ?? 0];
  await call('PATCH', `/api/fleet/miners/${old}`, { tags: ['from the old one'] });
  const merged = await call('POST', `/api/fleet/miners/${young}/merge`, { from: old });
  expect(merged.body).toMatchObject({
    id: young,
    ip_address: '10.0.0.2',
    hash_rate: 100,
    tags: ['from the old one'],
    addresses: [{ ip_address: '10.0.0.2' }, { ip_address: '10.0.0.1' }],
  });
});

test('a retired miner leaves the lists and sums, keeps its page, and comes back', async () => {
  const ids = await send([{ ip_address: '10.0.0.1', hash_rate: 100 }]);
  const id = ids['10.0.0.1'] ?? 0;
  const list = async (retired: string) =>
    (await call('GET', `/api/fleet/miners?site_id=${site}&retired=${retired}`)).body.total;
  expect((await call('POST', `/api/fleet/miners/${id}/retire`, {})).status).toBe(200);
  expect([await list('no'), await list('only'), await list('any')]).toEqual([0, 1, 1]);
  expect((await one(id)).retired_at).toEqual(expect.any(String));
  expect((await call('GET', `/api/miners/${id}`)).body.is_active).toBe(false);
  expect((await call('POST', `/api/fleet/miners/${id}/restore`, {})).status).toBe(200);
  expect(await list('no')).toBe(1);
  expect((await one(id)).retired_at).toBeNull();
  expect((await call('POST', '/api/fleet/miners/4711/retire', {})).status).toBe(404);
  expect((await auditOf(id)).map((entry: { action: string }) => entry.action)).toEqual([
    'miner.restore',
    'miner.retire',
  ]);
});

test('who may not see a miner may not see its page', async () => {
  const ids = await send([{ ip_address: '10.0.0.1', hash_rate: 100 }]);
  const { token } = await server.addUser(`client ${count}`, 'client');
  const id = ids['10.0.0.1'] ?? 0;
  expect((await call('GET', `/api/fleet/miners/${id}`, undefined, token)).status).toBe(404);
});

test('of an address that changes for ever the newest 200 are kept', async () => {
  const ids = await send([{ ip_address: '10.0.0.1', hash_rate: 100 }]);
  const { sql } = server.deps;
  const id = ids['10.0.0.1'] ?? 0;
  for (let i = 0; i < 230; i++) {
    await sql`update miners set ip_address = ${`10.1.0.${i}`}, seen_at = now() where id = ${id}`;
  }
  const [row] = await sql`select count(*)::int as kept from miner_addresses where miner_id = ${id}`;
  expect(row).toEqual({ kept: 200 });
});
