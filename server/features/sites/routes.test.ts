import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  token = server.adminToken;
});
afterAll(() => server[Symbol.asyncDispose]());

const add = (body: unknown) => server.call('POST', '/api/sites', { token, body });

test('a site is added, read, listed and removed', async () => {
  const made = await add({ name: ' North ', description: 'hall 1', location: 'Irkutsk' });
  expect(made.status).toBe(200);
  const site = {
    id: expect.any(Number),
    name: 'North',
    description: 'hall 1',
    location: 'Irkutsk',
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    container_count: 0,
    time_zone: null,
    tariff_per_kwh: null,
    currency: null,
    capacity_w: null,
    places: null,
  };
  expect(made.body).toEqual(site);
  const path = `/api/sites/${made.body.id}`;
  expect((await server.call('GET', path, { token })).body).toEqual(site);
  expect((await server.call('GET', '/api/sites', { token })).body).toContainEqual(site);
  expect((await server.call('GET', '/api/sites/', { token })).body).toContainEqual(site);
  expect((await server.call('DELETE', path, { token })).status).toBe(200);
  expect((await server.call('GET', path, { token })).status).toBe(404);
  expect((await server.call('DELETE', path, { token })).status).toBe(404);
});

test('a name is taken once', async () => {
  await add({ name: 'Twice' });
  const again = await add({ name: 'Twice' });
  expect(again.status).toBe(400);
  expect(again.body).toMatchObject({
    code: 'name_taken',
    detail: 'Site with this name already exists',
  });
});

test('a site with containers or agents is not removed', async () => {
  const { body: site } = await add({ name: 'Full' });
  const path = `/api/sites/${site.id}`;
  await server.call('POST', '/api/containers', { token, body: { name: 'C', site_id: site.id } });
  expect((await server.call('GET', path, { token })).body.container_count).toBe(1);
  const refused = await server.call('DELETE', path, { token });
  expect(refused.status).toBe(400);
  expect(refused.body).toMatchObject({
    code: 'not_empty',
    detail: 'Cannot delete site with containers. Remove containers first.',
  });

  const { body: other } = await add({ name: 'Watched' });
  await server.registerAgent('watcher', other.id);
  expect((await server.call('DELETE', `/api/sites/${other.id}`, { token })).body).toMatchObject({
    code: 'not_empty',
    detail: expect.stringContaining('1 agents'),
  });
});

test.each([
  ['no name', {}, 'name', /expected string/],
  ['an empty name', { name: '  ' }, 'name', /expected string to have >=1/],
  ['a name of 256', { name: 'x'.repeat(256) }, 'name', /<=255/],
  [
    'a description of another type',
    { name: 'n', description: 4 },
    'description',
    /expected string/,
  ],
])('%s is refused by field', async (_what, body, path, message) => {
  const answer = await add(body);
  expect(answer.status).toBe(422);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({
    code: 'invalid_body',
    detail: expect.stringMatching(new RegExp(`^${path}: `)),
    errors: [{ path, message: expect.stringMatching(message) }],
  });
});

test.each(['0', '-1', '99999999999'])("the id %s is nobody's", async (id) => {
  expect((await server.call('GET', `/api/sites/${id}`, { token })).body).toMatchObject({
    status: 404,
    detail: 'Site not found',
  });
});

test.each(['abc', '1.5'])('the id %s is refused', async (id) => {
  expect((await server.call('GET', `/api/sites/${id}`, { token })).status).toBe(422);
});

test('a NUL in a name is refused, not an internal error', async () => {
  expect((await add({ name: 'a\0b' })).status).toBe(422);
});

test('half a character in a name is no internal error: it is kept as a replacement', async () => {
  const added = await add({ name: 'half \ud800' });
  expect(added.status).toBe(200);
});

test('readers read and do not write', async () => {
  const reader = await server.addUser('reader', 'accountant');
  const as = { token: reader.token };
  expect((await server.call('GET', '/api/sites', as)).status).toBe(200);
  const write = await server.call('POST', '/api/sites', { ...as, body: { name: 'Mine' } });
  expect(write.status).toBe(403);
  expect(write.body.detail).toBe('Only administrators can create sites');
  const removal = await server.call('DELETE', '/api/sites/1', as);
  expect(removal.status).toBe(403);
  expect(removal.body.detail).toBe('Only administrators can delete sites');
  // Where the route has no words of its own, the guard names the roles.
  const client = await server.addUser('tenant', 'client');
  expect((await server.call('GET', '/api/agents', { token: client.token })).body.detail).toBe(
    'This needs the role admin or operator or viewer or accountant; tenant is client',
  );
});
