import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';

let server: TestServer;
let token: string;
const sites: number[] = [];
const containers: number[] = [];
beforeAll(async () => {
  server = await startTestServer();
  token = server.adminToken;
  for (const name of ['North', 'South']) {
    const site = await server.call('POST', '/api/sites', { token, body: { name } });
    sites.push(site.body.id);
    const body = { name: `${name}-1`, site_id: site.body.id };
    const container = await server.call('POST', '/api/containers', { token, body });
    containers.push(container.body.id);
  }
});
afterAll(() => server[Symbol.asyncDispose]());

const add = (body: unknown) => server.call('POST', '/api/miners', { token, body });
const get = async (path: string) =>
  (await server.call('GET', `/api/miners/${path}`, { token })).body;
const change = (id: number, body: unknown) =>
  server.call('PUT', `/api/miners/${id}`, { token, body });
const list = async (query: string, as = token): Promise<number[]> => {
  const answer = await server.call('GET', `/api/miners?${query}`, { token: as });
  expect(answer.status).toBe(200);
  return answer.body.map((miner: { id: number }) => miner.id);
};

test('a miner entered with its address alone gets the defaults', async () => {
  const made = await add({ ip_address: '10.1.0.1' });
  expect(made.status).toBe(200);
  expect(made.body).toEqual({
    id: expect.any(Number),
    name: 'Unknown-10.1.0.1',
    ip_address: '10.1.0.1',
    port: 4028,
    manufacturer: null,
    model: null,
    container_id: null,
    pool_id: null,
    tags: [],
    is_active: true,
    is_auto_discovered: false,
    created_at: expect.stringMatching(/Z$/),
    last_seen: null,
    container_name: null,
    pool_name: null,
  });
  const path = `/api/miners/${made.body.id}`;
  expect((await server.call('GET', path, { token })).body).toEqual(made.body);
  expect((await server.call('DELETE', path, { token })).status).toBe(200);
  expect((await server.call('GET', path, { token })).status).toBe(404);
  expect((await server.call('DELETE', path, { token })).status).toBe(404);
});

test('filters narrow the list', async () => {
  const { body: pool } = await server.call('POST', '/api/pools', { token, body: { name: 'P' } });
  const north = await add({
    ip_address: '10.2.0.1',
    manufacturer: 'AntMiner',
    model: 'S19',
    container_id: containers[0],
    pool_id: pool.id,
    tags: ['row-1', 'row-1', 'new'],
  });
  expect(north.body).toMatchObject({
    name: 'AntMiner-10.2.0.1',
    tags: ['row-1', 'new'],
    container_name: 'North-1',
    pool_name: 'P',
  });
  const south = await add({
    ip_address: '10.2.0.2',
    container_id: containers[1],
    is_active: false,
  });
  const ids = { north: north.body.id as number, south: south.body.id as number };

  expect(await list(`container_id=${containers[0]}`)).toEqual([ids.north]);
  expect(await list(`site_id=${sites[1]}`)).toEqual([ids.south]);
  expect(await list(`pool_id=${pool.id}`)).toEqual([ids.north]);
  expect(await list('tag=row-1')).toEqual([ids.north]);
  expect(await list('tag=row')).toEqual([]);
  expect(await list('is_active=false')).toEqual([ids.south]);
  expect(await list('is_active=true')).toContain(ids.north);
  expect(await list(`site_id=${sites[0]}&is_active=false`)).toEqual([]);
  expect((await server.call('GET', '/api/miners?is_active=perhaps', { token })).status).toBe(422);
  expect((await server.call('GET', '/api/miners?site_id=x', { token })).body).toMatchObject({
    errors: [{ path: 'site_id' }],
  });
});

test('tags, manufacturers and models in use', async () => {
  await add({
    ip_address: '10.3.0.1',
    manufacturer: 'Goldshell',
    model: 'KD6',
    tags: ['zeta', 'alpha'],
  });
  await add({ ip_address: '10.3.0.4', manufacturer: 'Unknown' });
  await add({ ip_address: '10.3.0.2', manufacturer: 'goldshell', model: 'HS5', tags: ['alpha'] });
  const { tags } = await get('tags');
  expect(tags).toEqual(expect.arrayContaining(['alpha', 'zeta']));
  expect(new Set(tags).size).toBe(tags.length);
  expect((await get('manufacturers')).manufacturers).not.toContain('Unknown');
  expect(await get('manufacturers')).toEqual({
    manufacturers: expect.arrayContaining([
      'AntMiner',
      'Avalon',
      'Elhapex',
      'Goldshell',
      'Whatsminer',
    ]),
  });
  expect(await get('models/GOLDSHELL')).toEqual({
    manufacturer: 'GOLDSHELL',
    models: ['HS5', 'KD6'],
  });
  // Before the first miner of theirs is there, a form offers what is known of them.
  await add({ ip_address: '10.3.0.3', manufacturer: 'AntMiner', model: 'S99' });
  const { models } = await get('models/AntMiner');
  expect(models).toEqual(expect.arrayContaining(['S19j Pro', 'S99']));
  for (const nobody of ['Nobody%20%26%20Co', 'constructor']) {
    expect(await get(`models/${nobody}`)).toMatchObject({
      status: 404,
      detail: `Manufacturer '${decodeURIComponent(nobody)}' not found`,
    });
  }
});

test('an address belongs to one miner of a site, and to one of each site', async () => {
  const first = await add({ ip_address: '192.168.1.7', container_id: containers[0] });
  expect(first.status).toBe(200);
  expect((await add({ ip_address: '192.168.1.7', container_id: containers[1] })).status).toBe(200);
  expect(
    (await add({ ip_address: '192.168.1.7', port: 4029, container_id: containers[0] })).status,
  ).toBe(200);
  const again = await add({ ip_address: '192.168.1.7', container_id: containers[0] });
  expect(again.status).toBe(400);
  expect(again.body.detail).toContain(`192.168.1.7:4028 is miner ${first.body.id} already`);
  // Nothing of the refused one was kept.
  expect(await list(`container_id=${containers[0]}`)).toHaveLength(3);
});

test('two spellings of an IPv6 address are one address', async () => {
  expect((await add({ ip_address: 'fd00::7' })).body.ip_address).toBe('fd00::7');
  expect((await add({ ip_address: 'FD00:0:0:0:0:0:0:7' })).status).toBe(400);
});

test('changes touch only what is given', async () => {
  const { body: miner } = await add({ ip_address: '10.4.0.1', model: 'M30', tags: ['a'] });
  const changed = await change(miner.id, { name: 'M-1', tags: ['b'] });
  expect(changed.status).toBe(200);
  expect(changed.body).toEqual({ ...miner, name: 'M-1', tags: ['b'] });
  const cleared = await change(miner.id, { model: null, tags: null, is_active: false });
  expect(cleared.body).toEqual({ ...changed.body, model: null, tags: [], is_active: false });
  expect((await change(9999, { name: 'x' })).status).toBe(404);
  expect((await change(miner.id, {})).body).toEqual(cleared.body);
});

test('a miner moved to an address another has is refused', async () => {
  const { body: a } = await add({ ip_address: '10.5.0.1', container_id: containers[0] });
  const { body: b } = await add({ ip_address: '10.5.0.2', container_id: containers[0] });
  expect((await change(b.id, { ip_address: '10.5.0.1' })).status).toBe(400);
  expect((await change(b.id, { ip_address: '10.5.0.3' })).body.ip_address).toBe('10.5.0.3');
  // Its history at the old address stays its own.
  const keys = await server.deps
    .sql`select key from miner_keys where miner_id = ${b.id} order by key`;
  expect(keys.map((row) => row['key'])).toEqual(['ip-10-5-0-2-4028', 'ip-10-5-0-3-4028']);
  expect((await change(a.id, { ip_address: '10.5.0.2' })).status).toBe(400);
});

test('a miner entered without a site joins the site of the container it is put in', async () => {
  const { body: miner } = await add({ ip_address: '10.6.0.1' });
  expect(await list(`site_id=${sites[0]}`)).not.toContain(miner.id);
  await change(miner.id, { container_id: containers[0] });
  expect(await list(`site_id=${sites[0]}`)).toContain(miner.id);
  expect((await add({ ip_address: '10.6.0.1', container_id: containers[0] })).status).toBe(400);
  const [row] = await server.deps.sql`select scope from miners where id = ${miner.id}`;
  expect(row).toEqual({ scope: `site-${sites[0]}` });
});

test.each([
  [{}, 422, 'ip_address'],
  [{ ip_address: '300.1.1.1' }, 422, 'ip_address'],
  [{ ip_address: '010.0.0.1' }, 422, 'ip_address'],
  [{ ip_address: 'miner.local' }, 422, 'ip_address'],
  [{ ip_address: '10.7.0.1', port: 0 }, 422, 'port'],
  [{ ip_address: '10.7.0.1', port: 65_536 }, 422, 'port'],
  [{ ip_address: '10.7.0.1', tags: 'row' }, 422, 'tags'],
  [{ ip_address: '10.7.0.1', container_id: 4711 }, 404, 'Container'],
  [{ ip_address: '10.7.0.1', pool_id: 4711 }, 404, 'Pool'],
])('%j is refused with %i, naming %s', async (body, status, field) => {
  const answer = await add(body);
  expect(answer.status).toBe(status);
  expect(answer.body.detail).toMatch(new RegExp(`^${field}(: | not found)`));
});

test('operators name and tag, readers read', async () => {
  const { body: miner } = await add({ ip_address: '10.8.0.1' });
  const path = `/api/miners/${miner.id}`;
  const operator = await server.addUser('operator', 'operator');
  const as = { token: operator.token };
  expect((await server.call('PUT', path, { ...as, body: { name: 'N', tags: ['t'] } })).status).toBe(
    200,
  );
  const refused = await server.call('PUT', path, { ...as, body: { name: 'N', is_active: false } });
  expect(refused.status).toBe(403);
  expect(refused.body.detail).toBe('is_active: only an administrator changes this');
  for (const body of [{ ip_address: '10.8.0.2' }, { port: 4029 }]) {
    expect((await server.call('PUT', path, { ...as, body })).body).toMatchObject({
      status: 403,
      detail: 'Only administrators can modify IP address and port',
    });
  }
  expect((await server.call('DELETE', path, as)).status).toBe(403);
  const viewer = await server.addUser('viewer', 'viewer');
  expect(
    (await server.call('PUT', path, { token: viewer.token, body: { name: 'N' } })).status,
  ).toBe(403);
  expect((await server.call('POST', '/api/miners', { token: viewer.token, body: {} })).status).toBe(
    403,
  );
});
