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
  for (const path of ['sites', 'containers', 'pools', 'miners', 'miners/latest', 'miners/tags']) {
    expect((await get(`/api/${path}`)).body).toEqual([]);
  }
  expect((await get('/api/stats/overview')).body.total_miners).toBe(0);
});

test('a client sees its containers, their site and miners, and nothing beside', async () => {
  const path = `/api/users/${client.id}/containers/${ids.mine}`;
  await server.call('POST', path, { token: server.adminToken });

  expect(await idsAt('/api/containers')).toEqual([ids.mine]);
  expect((await get('/api/sites')).body).toMatchObject([{ id: ids.mineSite, container_count: 1 }]);
  expect(await idsAt('/api/miners')).toEqual([ids.myMiner]);
  expect(await idsAt('/api/miners/latest')).toEqual([ids.myMiner]);
  expect((await get('/api/pools')).body).toEqual([]);
  expect((await get('/api/miners/tags')).body).toEqual(['mine']);
  expect((await get('/api/miners/manufacturers')).body).not.toContain('Zeta');
  expect((await get('/api/miners/models/Zeta')).body).toEqual([]);
  expect((await get('/api/stats/overview')).body.total_miners).toBe(1);
  expect((await get(`/api/stats/sites/${ids.mineSite}`)).body.total_miners).toBe(1);
  expect((await get(`/api/stats/miners/${ids.myMiner}`)).status).toBe(200);
  // A filter does not widen what is visible.
  expect(await idsAt(`/api/miners?container_id=${ids.other}`)).toEqual([]);

  for (const hidden of [
    `/api/sites/${ids.otherSite}`,
    `/api/containers/${ids.other}`,
    `/api/pools/${ids.pool}`,
    `/api/miners/${ids.otherMiner}`,
    `/api/stats/miners/${ids.otherMiner}`,
    `/api/stats/sites/${ids.otherSite}`,
    `/api/stats/containers/${ids.other}`,
    `/api/stats/pools/${ids.pool}`,
  ]) {
    expect([hidden, (await get(hidden)).status]).toEqual([hidden, 404]);
  }
  for (const staff of ['/api/agents', '/api/agents/1/scan', '/api/users']) {
    expect([staff, (await get(staff)).status]).toEqual([staff, 403]);
  }

  await server.call('DELETE', path, { token: server.adminToken });
  expect(await idsAt('/api/miners')).toEqual([]);
});
