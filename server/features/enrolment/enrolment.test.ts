import { expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';

function call(server: TestServer, method: string, path: string, token: string, body?: object) {
  return fetch(server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

function info(server: TestServer, headers: Record<string, string>) {
  return fetch(`${server.url}/api/agent/info`, { headers });
}

test("the set-up guide's request registers an agent, and its key works", async () => {
  await using server = await startTestServer();
  const response = await call(server, 'POST', '/api/agent/register', server.adminToken, {
    name: 'Site A Agent',
    description: 'Agent for site A',
    site_id: null,
  });
  expect(response.status).toBe(200);
  const answer = (await response.json()) as { id: number; api_key: string };
  expect(answer).toEqual({
    id: expect.any(Number),
    name: 'Site A Agent',
    api_key: expect.stringMatching(/^hy_/),
    site_id: null,
    message: expect.stringMatching(/^Agent 'Site A Agent' registered .* won't be shown again!$/),
  });
  const told = await info(server, { 'X-API-Key': answer.api_key });
  expect(await told.json()).toEqual({
    id: answer.id,
    name: 'Site A Agent',
    site_id: null,
    description: 'Agent for site A',
    last_seen: expect.stringMatching(/Z$/),
    is_active: true,
  });
  const [seen] = await server.deps.sql`SELECT last_seen_at FROM agents`;
  expect(seen?.['last_seen_at']).toBeInstanceOf(Date);
  expect((await info(server, { authorization: `Bearer ${answer.api_key}` })).status).toBe(200);
  const stored = await server.deps.sql`SELECT row_to_json(k)::text AS text FROM agent_keys k`;
  expect(stored[0]?.['text']).not.toContain(answer.api_key.slice(16, 59));
});

test('registering is refused by name, by site, by role and by body', async () => {
  await using server = await startTestServer();
  const viewer = await server.addUser('reader', 'viewer');
  const register = (token: string, body: object) =>
    call(server, 'POST', '/api/agent/register', token, body);
  await register(server.adminToken, { name: 'twice' });
  const cases = [
    [
      await register(server.adminToken, { name: 'twice' }),
      400,
      'Agent with this name already exists',
    ],
    [await register(server.adminToken, { name: 'b', site_id: 999 }), 404, 'Site not found'],
    [await register(server.adminToken, { name: 'b', site_id: 9e15 }), 404, 'Site not found'],
    [await register('hyu_nobody', { name: 'b' }), 401, 'Could not validate credentials'],
    [await register(viewer.token, { name: 'b' }), 403, 'Only administrators can register agents'],
    [await register(server.adminToken, { description: 'b' }), 422, 'name'],
    [await register(server.adminToken, { name: '\u0000\u0001' }), 422, 'name'],
  ] as const;
  for (const [response, status, named] of cases) {
    expect(response.status).toBe(status);
    expect(((await response.json()) as { detail: string }).detail).toContain(named);
  }
});

test('a key that is missing, mistyped, unknown, revoked or of an inactive agent', async () => {
  await using server = await startTestServer();
  const { id, apiKey } = await server.registerAgent('a');
  const missing = await info(server, {});
  expect(missing.status).toBe(422);
  // No final code: a proxy that takes the header out must not cost an agent its batches.
  expect(await missing.json()).toMatchObject({
    code: 'missing_key',
    detail: expect.stringContaining('X-API-Key'),
  });

  const other = await startTestServer();
  const foreign = (await other.registerAgent('b')).apiKey;
  await other[Symbol.asyncDispose]();
  for (const key of ['', 'x', `${apiKey.slice(0, -1)}~`, apiKey.replace('hy_', 'hyu_'), foreign]) {
    const refused = await info(server, { 'X-API-Key': key });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ detail: 'Invalid or inactive API key' });
  }

  await server.deps.sql`UPDATE agents SET is_active = false WHERE id = ${id}`;
  expect((await info(server, { 'X-API-Key': apiKey })).status).toBe(401);
  await server.deps.sql`UPDATE agents SET is_active = true WHERE id = ${id}`;
  expect((await info(server, { 'X-API-Key': apiKey })).status).toBe(200);
});

test('a rotation: the second key works beside the first, a third is refused, a revoked one is out at once', async () => {
  await using server = await startTestServer();
  const { id, apiKey: first } = await server.registerAgent('a');
  const added = await call(server, 'POST', `/api/agents/${id}/keys`, server.adminToken);
  expect(added.status).toBe(200);
  const second = (await added.json()) as { id: number; api_key: string };
  expect((await info(server, { 'X-API-Key': first })).status).toBe(200);
  expect((await info(server, { 'X-API-Key': second.api_key })).status).toBe(200);

  const third = await call(server, 'POST', `/api/agents/${id}/keys`, server.adminToken);
  expect(third.status).toBe(400);
  expect(await third.json()).toMatchObject({ code: 'too_many_keys' });

  const [old] = await server.deps.sql`
    SELECT id FROM agent_keys WHERE agent_id = ${id} AND id <> ${second.id}`;
  const path = `/api/agents/${id}/keys/${old?.['id']}`;
  expect((await call(server, 'DELETE', path, server.adminToken)).status).toBe(204);
  expect((await info(server, { 'X-API-Key': first })).status).toBe(401);
  expect((await info(server, { 'X-API-Key': second.api_key })).status).toBe(200);
  expect(
    (await call(server, 'DELETE', `/api/agents/${id}/keys/9999`, server.adminToken)).status,
  ).toBe(404);
  expect((await call(server, 'POST', '/api/agents/9999/keys', server.adminToken)).status).toBe(404);
});

test('of two requests at once that add the last key allowed, one is refused', async () => {
  await using server = await startTestServer();
  const { id } = await server.registerAgent('a');
  const add = () => call(server, 'POST', `/api/agents/${id}/keys`, server.adminToken);
  const statuses = (await Promise.all([add(), add(), add()])).map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 400, 400]);
});
