import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';

let server: TestServer;
let client: { id: number; token: string };
const ids: Record<
  'mineSite' | 'otherSite' | 'mine' | 'other' | 'myMiner' | 'otherMiner' | 'pool',
  number
> = {
  mineSite: 0,
  otherSite: 0,
  mine: 0,
  other: 0,
  myMiner: 0,
  otherMiner: 0,
  pool: 0,
};

beforeAll(async () => {
  server = await startTestServer();
  const token = server.adminToken;
  const add = async (path: string, body: unknown): Promise<number> =>
    (await server.call('POST', path, { token, body })).body.id;
  ids.mineSite = await add('/api/sites', { name: 'Mine' });
  ids.otherSite = await add('/api/sites', { name: 'Other' });
  ids.mine = await add('/api/containers', { name: 'mine', site_id: ids.mineSite });
  ids.other = await add('/api/containers', { name: 'other', site_id: ids.otherSite });
  await add('/api/containers', { name: 'beside mine', site_id: ids.mineSite });
  ids.pool = await add('/api/pools', { name: 'theirs' });
  ids.myMiner = await add('/api/miners', {
    ip_address: '10.0.0.1',
    container_id: ids.mine,
    tags: ['mine'],
    manufacturer: 'Acme',
    model: 'M',
  });
  ids.otherMiner = await add('/api/miners', {
    ip_address: '10.0.0.1',
    container_id: ids.other,
    pool_id: ids.pool,
    tags: ['secret'],
    manufacturer: 'Zeta',
    model: 'Z',
  });
  await add('/api/miners', { ip_address: '10.0.0.3' });
  client = await server.addUser('tenant', 'client');
});
afterAll(() => server[Symbol.asyncDispose]());

const get = (path: string) => server.call('GET', path, { token: client.token });
const idsAt = async (path: string): Promise<number[]> =>
  (await get(path)).body.map((row: { id: number }) => row.id);

test('a client without grants sees nothing', async () => {
  for (const path of [
    'sites',
    'containers',
    'pools',
    'miners',
    'miners/latest',
    'stats/overview',
  ]) {
    expect((await get(`/api/${path}`)).body).toEqual([]);
  }
  expect((await get('/api/miners/tags')).body).toEqual({ tags: [] });
});

test('a client sees its containers, their site and miners, and nothing beside', async () => {
  const path = `/api/users/${client.id}/containers/${ids.mine}`;
  await server.call('POST', path, { token: server.adminToken });

  expect(await idsAt('/api/containers')).toEqual([ids.mine]);
  expect((await get('/api/sites')).body).toMatchObject([{ id: ids.mineSite, container_count: 1 }]);
  expect(await idsAt('/api/miners')).toEqual([ids.myMiner]);
  expect(await idsAt('/api/miners/latest')).toEqual([ids.myMiner]);
  expect((await get('/api/pools')).body).toEqual([]);
  expect((await get('/api/miners/tags')).body).toEqual({ tags: ['mine'] });
  expect((await get('/api/miners/manufacturers')).body.manufacturers).not.toContain('Zeta');
  expect((await get('/api/miners/models/Zeta')).status).toBe(404);
  expect((await get('/api/stats/overview')).body).toMatchObject([
    { container_id: ids.mine, total_miners: 1 },
  ]);
  expect((await get(`/api/stats/sites/${ids.mineSite}`)).body.total_miners).toBe(1);
  expect((await get(`/api/stats/miners/${ids.myMiner}`)).status).toBe(200);
  // A filter does not widen what is visible.
  expect(await idsAt(`/api/miners?site_id=${ids.otherSite}`)).toEqual([]);

  for (const [path, what] of [
    [`/api/containers/${ids.other}`, 'container'],
    [`/api/stats/containers/${ids.other}`, 'container'],
    [`/api/miners?container_id=${ids.other}`, 'container'],
    [`/api/miners/${ids.otherMiner}`, 'miner'],
    [`/api/stats/miners/${ids.otherMiner}`, 'miner'],
  ] as const) {
    const { status, body } = await get(path);
    expect([path, status, body.detail]).toEqual([path, 403, `Access denied to this ${what}`]);
  }
  for (const hidden of [
    `/api/sites/${ids.otherSite}`,
    `/api/pools/${ids.pool}`,
    `/api/stats/sites/${ids.otherSite}`,
    `/api/stats/pools/${ids.pool}`,
    '/api/containers/4711',
    '/api/miners/4711',
  ]) {
    expect([hidden, (await get(hidden)).status]).toEqual([hidden, 404]);
  }
  for (const staff of ['/api/agents', '/api/agents/1/scan', '/api/users']) {
    expect([staff, (await get(staff)).status]).toEqual([staff, 403]);
  }

  await server.call('DELETE', path, { token: server.adminToken });
  expect(await idsAt('/api/miners')).toEqual([]);
});
