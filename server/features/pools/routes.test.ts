import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  token = server.adminToken;
});
afterAll(() => server[Symbol.asyncDispose]());

const add = (body: unknown) => server.call('POST', '/api/pools', { token, body });

test('a pool is added, read, listed and removed', async () => {
  const made = await add({ name: 'Alpha', description: 'main' });
  expect(made.status).toBe(200);
  expect(made.body).toEqual({
    id: expect.any(Number),
    name: 'Alpha',
    description: 'main',
    created_at: expect.stringMatching(/Z$/),
    miner_count: 0,
  });
  const path = `/api/pools/${made.body.id}`;
  expect((await server.call('GET', path, { token })).body).toEqual(made.body);
  expect((await server.call('GET', '/api/pools', { token })).body).toEqual([made.body]);
  expect((await add({ name: 'Alpha' })).body).toMatchObject({ status: 400, code: 'name_taken' });
  expect((await server.call('DELETE', path, { token })).status).toBe(200);
  expect((await server.call('GET', path, { token })).status).toBe(404);
  expect((await server.call('DELETE', path, { token })).status).toBe(404);
});

test('a pool that is removed leaves its miners, in none', async () => {
  const { body: pool } = await add({ name: 'Beta' });
  const { body: miner } = await server.call('POST', '/api/miners', {
    token,
    body: { ip_address: '10.0.0.6', pool_id: pool.id },
  });
  expect((await server.call('GET', `/api/pools/${pool.id}`, { token })).body.miner_count).toBe(1);
  expect((await server.call('DELETE', `/api/pools/${pool.id}`, { token })).body).toEqual({
    message: 'Pool deleted',
  });
  expect((await server.call('GET', `/api/miners/${miner.id}`, { token })).body).toMatchObject({
    pool_id: null,
    pool_name: null,
  });
});

test('a nameless pool is refused by field; readers do not write', async () => {
  expect((await add({})).body).toMatchObject({ status: 422, errors: [{ path: 'name' }] });
  const reader = await server.addUser('reader', 'operator');
  const as = { token: reader.token };
  expect((await server.call('POST', '/api/pools', { ...as, body: { name: 'x' } })).status).toBe(
    403,
  );
  expect((await server.call('DELETE', '/api/pools/1', as)).status).toBe(403);
});
