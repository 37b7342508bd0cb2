import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  token = server.adminToken;
});
afterAll(() => server[Symbol.asyncDispose]());

const add = (body: unknown) => server.call('POST', '/api/containers', { token, body });

test('a container is added, read, listed and removed', async () => {
  const { body: site } = await server.call('POST', '/api/sites', {
    token,
    body: { name: 'North' },
  });
  const made = await add({ name: 'C-1', location: 'row 2', site_id: site.id });
  expect(made.status).toBe(200);
  expect(made.body).toEqual({
    id: expect.any(Number),
    name: 'C-1',
    description: null,
    location: 'row 2',
    site_id: site.id,
    created_at: expect.stringMatching(/Z$/),
    miner_count: 0,
    capacity_w: null,
    places: null,
    site_name: 'North',
  });
  const path = `/api/containers/${made.body.id}`;
  expect((await server.call('GET', path, { token })).body).toEqual(made.body);
  expect((await server.call('GET', '/api/containers', { token })).body).toEqual([made.body]);
  expect((await server.call('DELETE', path, { token })).status).toBe(200);
  expect((await server.call('GET', path, { token })).status).toBe(404);
  expect((await server.call('DELETE', path, { token })).status).toBe(404);
});

test('a container may stand at no site; an unknown site is named', async () => {
  expect((await add({ name: 'loose' })).body).toMatchObject({ site_id: null, site_name: null });
  const answer = await add({ name: 'lost', site_id: 4711 });
  expect(answer.status).toBe(404);
  expect(answer.body.detail).toBe('Site not found');
  expect((await add({ name: 'x', site_id: 'one' })).body).toMatchObject({
    status: 422,
    errors: [{ path: 'site_id' }],
  });
});

test('a container with miners is not removed', async () => {
  const { body: container } = await add({ name: 'full' });
  const body = { ip_address: '10.0.0.5', container_id: container.id };
  const miner = await server.call('POST', '/api/miners', { token, body });
  const path = `/api/containers/${container.id}`;
  expect((await server.call('GET', path, { token })).body.miner_count).toBe(1);
  const refused = await server.call('DELETE', path, { token });
  expect(refused.status).toBe(400);
  expect(refused.body).toMatchObject({
    code: 'not_empty',
    detail: 'Cannot delete container with miners. Remove miners first.',
  });
  await server.call('DELETE', `/api/miners/${miner.body.id}`, { token });
  expect((await server.call('DELETE', path, { token })).status).toBe(200);
});

test('readers do not write', async () => {
  const reader = await server.addUser('reader', 'viewer');
  const as = { token: reader.token };
  expect(
    (await server.call('POST', '/api/containers', { ...as, body: { name: 'x' } })).status,
  ).toBe(403);
  expect((await server.call('DELETE', '/api/containers/1', as)).status).toBe(403);
});
