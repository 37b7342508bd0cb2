import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, TEST_PASSWORD, type TestServer } from '../tests/support/server.ts';

/** The API of the system this one replaces, as its scripts and pages use it: words, shapes, the cookie. */
let server: TestServer;
let cookie: string;
beforeAll(async () => {
  server = await startTestServer();
  const login = await server.call('POST', '/api/auth/login', {
    body: { username: 'admin', password: TEST_PASSWORD },
  });
  cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
});
afterAll(() => server[Symbol.asyncDispose]());

/** As a script that keeps its cookies: no Bearer, no Origin. */
const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await server.call(method, path, { body, headers: { cookie } });
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.body;
};

test('a script with the cookie of its login builds up a farm and takes it down', async () => {
  expect(cookie).toMatch(/^access_token=/);
  const site = await ask('POST', '/api/sites/', { name: 'East' });
  const container = await ask('POST', '/api/containers', { name: 'E-1', site_id: site.id });
  const pool = await ask('POST', '/api/pools', { name: 'Gamma', description: null });
  const agent = await ask('POST', '/api/agent/register', { name: 'east-1', site_id: site.id });
  expect(agent.message).toBe(
    "Agent 'east-1' registered successfully. Save this API key - it won't be shown again!",
  );
  const miner = await ask('POST', '/api/miners', {
    name: 'first',
    ip_address: '10.20.0.1',
    manufacturer: 'Avalon',
    container_id: container.id,
  });
  const changed = await ask('PUT', `/api/miners/${miner.id}`, {
    pool_id: pool.id,
    tags: ['row 3'],
  });
  expect(changed).toEqual({ ...miner, pool_id: pool.id, pool_name: 'Gamma', tags: ['row 3'] });
  for (const filter of [
    `container_id=${container.id}`,
    `pool_id=${pool.id}`,
    `site_id=${site.id}`,
    'tag=row%203',
    'is_active=true',
  ]) {
    expect([filter, await ask('GET', `/api/miners?${filter}`)]).toEqual([filter, [changed]]);
  }
  expect(await ask('GET', '/api/miners/tags')).toEqual({ tags: ['row 3'] });
  expect(await ask('GET', '/api/miners/manufacturers')).toEqual({
    manufacturers: ['AntMiner', 'Avalon', 'Elhapex', 'Whatsminer'],
  });

  expect(await ask('DELETE', `/api/pools/${pool.id}`)).toEqual({ message: 'Pool deleted' });
  expect((await ask('GET', `/api/miners/${miner.id}`)).pool_id).toBeNull();
  expect(await ask('DELETE', `/api/miners/${miner.id}`)).toEqual({ message: 'Miner deleted' });
  expect(await ask('DELETE', `/api/containers/${container.id}`)).toEqual({
    message: 'Container deleted',
  });
  const empty = await ask('POST', '/api/sites', { name: 'West' });
  expect(await ask('DELETE', `/api/sites/${empty.id}`)).toEqual({ message: 'Site deleted' });
});

test.each([
  ['POST', '/api/sites', 'Only administrators can create sites'],
  ['DELETE', '/api/sites/1', 'Only administrators can delete sites'],
  ['POST', '/api/containers', 'Only administrators can create containers'],
  ['DELETE', '/api/containers/1', 'Only administrators can delete containers'],
  ['POST', '/api/pools', 'Only administrators can create pools'],
  ['DELETE', '/api/pools/1', 'Only administrators can delete pools'],
  ['POST', '/api/miners', 'Only administrators can create miners'],
  ['DELETE', '/api/miners/1', 'Only administrators can delete miners'],
  ['POST', '/api/agent/register', 'Only administrators can register agents'],
  ['GET', '/api/users', 'Not enough permissions'],
  ['POST', '/api/users/1/containers/1', 'Not enough permissions'],
  ['DELETE', '/api/users/1/containers/1', 'Not enough permissions'],
])('%s %s is refused in the words clients know', async (method, path, detail) => {
  const anonymous = await server.call(method, path);
  expect([anonymous.status, anonymous.body.detail]).toEqual([
    401,
    'Could not validate credentials',
  ]);
  expect(anonymous.headers.get('www-authenticate')).toBe('Bearer');
  const { token } = await server.addUser(`reader of ${method} ${path}`, 'accountant');
  const reader = await server.call(method, path, { token });
  expect([reader.status, reader.body.detail]).toEqual([403, detail]);
});

test.each([
  ['/api/sites/4711', 'Site not found'],
  ['/api/containers/4711', 'Container not found'],
  ['/api/pools/4711', 'Pool not found'],
  ['/api/miners/4711', 'Miner not found'],
  ['/api/stats/sites/4711', 'Site not found'],
  ['/api/stats/containers/4711', 'Container not found'],
  ['/api/stats/pools/4711', 'Pool not found'],
  ['/api/stats/miners/4711', 'Miner not found'],
  ['/api/miners/models/Nobody', "Manufacturer 'Nobody' not found"],
])('%s: %s', async (path, detail) => {
  const answer = await server.call('GET', path, { token: server.adminToken });
  expect([answer.status, answer.body.detail]).toEqual([404, detail]);
});

test.each([
  ['/api/sites', { name: 'Taken' }, 'Site with this name already exists'],
  ['/api/pools', { name: 'Taken' }, 'Pool with this name already exists'],
  ['/api/agent/register', { name: 'Taken' }, 'Agent with this name already exists'],
])('a name at %s is taken once', async (path, body, detail) => {
  await ask('POST', path, body);
  const again = await server.call('POST', path, { token: server.adminToken, body });
  expect([again.status, again.body.detail]).toEqual([400, detail]);
});

/** As clients that name the content type of every request. */
const bare = async (method: string, path: string) => {
  const headers = { cookie, 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}${path}`, { method, headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

test('a content type without a body is no body', async () => {
  const site = await ask('POST', '/api/sites', { name: 'North' });
  expect(await bare('DELETE', `/api/sites/${site.id}`)).toEqual({
    status: 200,
    body: { message: 'Site deleted' },
  });
  expect(await bare('POST', '/api/sites')).toMatchObject({
    status: 422,
    body: { detail: 'body: Invalid input: expected object, received null' },
  });
});

test('logging in and out', async () => {
  const wrong = await server.call('POST', '/api/auth/login', {
    body: { username: 'admin', password: 'guess' },
  });
  expect([wrong.status, wrong.body.detail]).toEqual([401, 'Incorrect username or password']);
  expect(await ask('POST', '/api/auth/logout')).toEqual({ message: 'Logged out successfully' });
  expect((await server.call('GET', '/api/auth/me', { headers: { cookie } })).status).toBe(401);
});
