import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeToken } from '../../secret-token.ts';
import { startTestServer, TEST_PASSWORD, type TestServer } from '../../../tests/support/server.ts';

const HOUR_MS = 3_600_000;
let now = Date.parse('2026-11-22T08:00:00Z');
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ clock: () => new Date(now) });
});
afterAll(() => server[Symbol.asyncDispose]());

const login = (username: string, password = TEST_PASSWORD) =>
  server.call('POST', '/api/auth/login', { body: { username, password } });
const statusOf = async (token: string) => (await me({ authorization: `Bearer ${token}` })).status;
const me = (headers: Record<string, string>) => server.call('GET', '/api/auth/me', { headers });

test('login gives a token that works as Bearer and as cookie', async () => {
  await server.addUser('olga', 'viewer');
  const answer = await login('Olga');
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    access_token: expect.stringMatching(/^[\w-]{43}$/),
    token_type: 'bearer',
  });
  const token: string = answer.body.access_token;
  expect(answer.headers.get('set-cookie')).toBe(
    `access_token=${token}; Max-Age=86400; Path=/; HttpOnly; SameSite=Strict`,
  );
  const olga = {
    id: expect.any(Number),
    username: 'olga',
    email: null,
    role: 'viewer',
    is_active: true,
    created_at: expect.stringMatching(/^\d{4}-.*Z$/),
  };
  expect((await me({ authorization: `Bearer ${token}` })).body).toEqual(olga);
  expect((await me({ authorization: `bearer ${token}` })).body).toEqual(olga);
  expect((await me({ cookie: `access_token=${token}` })).body).toEqual(olga);
});

test('the token itself is nowhere in the database', async () => {
  await server.addUser('secretive', 'viewer');
  const { body } = await login('secretive');
  const rows = await server.deps.sql`select * from sessions join users on users.id = user_id`;
  expect(JSON.stringify(rows)).not.toContain(body.access_token);
});

test.each([
  ['an unknown user', { username: 'nobody', password: 'x' }, 401],
  ['a wrong password', { username: 'admin', password: 'x' }, 401],
  ['empty fields', { username: '', password: '' }, 401],
  ['no password', { username: 'admin' }, 422],
  ['a password of another type', { username: 'admin', password: 5 }, 422],
  ['a body that is no object', [], 422],
])('login with %s is refused', async (_what, body, status) => {
  const answer = await server.call('POST', '/api/auth/login', { body });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
  expect(answer.headers.get('set-cookie')).toBeNull();
});

test('failed logins are on record, a name that nobody has is not: it may be a password', async () => {
  await server.addUser('mistyping', 'viewer');
  await login('mistyping', 'x');
  await login('my password in the wrong field', 'x');
  const rows = await server.deps.sql`
    select username, object_name, user_id is not null as known from audit_log
    where action = 'session.login_failed' order by id desc limit 2`;
  expect(rows).toEqual([
    { username: null, object_name: null, known: false },
    { username: 'mistyping', object_name: 'mistyping', known: true },
  ]);
});

test('an unknown user and a wrong password get the same answer', async () => {
  const [unknown, wrong] = await Promise.all([login('nobody-at-all', 'x'), login('admin', 'x')]);
  expect(unknown.body).toEqual(wrong.body);
});

test('guessing at one account is slowed down, with Retry-After', async () => {
  await server.addUser('victim', 'viewer');
  for (let i = 0; i < 5; i += 1) expect((await login('victim', 'guess')).status).toBe(401);
  const answer = await login('victim');
  expect(answer.status).toBe(429);
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(answer.body).toMatchObject({ code: 'slow_down' });
  now += 1000;
  expect((await login('victim')).status).toBe(200);
});

test('a right password in between starts the count anew', async () => {
  await server.addUser('clumsy', 'viewer');
  for (const password of ['a', 'b', 'c', TEST_PASSWORD, 'd', 'e', 'f', TEST_PASSWORD]) {
    const expected = password === TEST_PASSWORD ? 200 : 401;
    expect((await login('clumsy', password)).status).toBe(expected);
  }
});

test('one address cannot try without end', async () => {
  await using crowded = await startTestServer();
  const attempt = () => crowded.call('POST', '/api/auth/login', { body: {} });
  for (let i = 0; i < 60; i += 1) expect((await attempt()).status).toBe(422);
  const answer = await attempt();
  expect(answer.status).toBe(429);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answer.body.code).toBe('slow_down');
});

test('a session ends 8 hours after its last use', async () => {
  await server.addUser('idle', 'viewer');
  const { body } = await login('idle');
  const authorization = `Bearer ${body.access_token}`;
  now += 7.9 * HOUR_MS;
  expect((await me({ authorization })).status).toBe(200);
  now += 7.9 * HOUR_MS;
  expect((await me({ authorization })).status).toBe(200);
  now += 8 * HOUR_MS;
  expect((await me({ authorization })).status).toBe(401);
});

test('a session ends after 24 hours however much it is used', async () => {
  await server.addUser('busy', 'viewer');
  const { body } = await login('busy');
  const authorization = `Bearer ${body.access_token}`;
  for (let hours = 0; hours < 20; hours += 5) {
    now += 5 * HOUR_MS;
    expect((await me({ authorization })).status).toBe(200);
  }
  now += 4 * HOUR_MS;
  expect((await me({ authorization })).status).toBe(401);
});

test('logout ends the session at once, other sessions stay', async () => {
  await server.addUser('leaver', 'viewer');
  const first: string = (await login('leaver')).body.access_token;
  const second: string = (await login('leaver')).body.access_token;
  const answer = await server.call('POST', '/api/auth/logout', { token: first });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('set-cookie')).toMatch(/^access_token=; .*Expires=Thu, 01 Jan 1970/);
  expect((await me({ authorization: `Bearer ${first}` })).status).toBe(401);
  expect((await me({ authorization: `Bearer ${second}` })).status).toBe(200);
  await server.call('POST', '/api/auth/logout', {
    headers: { cookie: `access_token=${second}` },
  });
  expect((await me({ authorization: `Bearer ${second}` })).status).toBe(401);
  expect((await server.call('POST', '/api/auth/logout')).status).toBe(200);
});

test('a deactivated user is out, with session and token', async () => {
  const { id, token } = await server.addUser('dismissed', 'viewer');
  const session: string = (await login('dismissed')).body.access_token;
  await server.deps.sql`update users set is_active = false where id = ${id}`;
  expect((await me({ authorization: `Bearer ${session}` })).status).toBe(401);
  expect((await me({ authorization: `Bearer ${token}` })).status).toBe(401);
  expect((await login('dismissed')).status).toBe(401);
});

test('an API token is refused once revoked, expired or mistyped', async () => {
  const { id, token } = await server.addUser('script', 'viewer');
  expect(await statusOf(token)).toBe(200);
  const flipped = token.slice(0, -8) + (token.at(-8) === 'a' ? 'b' : 'a') + token.slice(-7);
  expect(await statusOf(flipped)).toBe(401);
  await server.deps.sql`update api_tokens set expires_at = ${new Date(now)} where user_id = ${id}`;
  expect(await statusOf(token)).toBe(401);
  await server.deps.sql`update api_tokens set expires_at = null where user_id = ${id}`;
  expect(await statusOf(token)).toBe(200);
  await server.deps.sql`update api_tokens set revoked_at = now() where user_id = ${id}`;
  expect(await statusOf(token)).toBe(401);
});

test('the id of a token is not enough: the secret must be its own', async () => {
  const { id } = await server.addUser('holder', 'viewer');
  const forged = makeToken('hyu');
  await server.deps.sql`update api_tokens set token_id = ${forged.id} where user_id = ${id}`;
  expect(await statusOf(forged.token)).toBe(401);
});

test.each([
  [{ authorization: 'Basic YWRtaW46YWRtaW4=' }],
  [{ authorization: 'Bearer ' }],
  [{ authorization: 'Bearer nonsense' }],
  [{ cookie: 'access_token=nonsense' }],
  [{}],
])('%j is not a login', async (headers: Record<string, string>) => {
  expect((await me(headers)).status).toBe(401);
});

test('a change by cookie must come from our own pages', async () => {
  const { url } = server;
  const cookie = `access_token=${(await login('admin')).body.access_token}`;
  let sites = 0;
  const post = async (headers: Record<string, string>) => {
    sites += 1;
    const body = { name: `csrf-${sites}` };
    return (await server.call('POST', '/api/sites', { body, headers: { cookie, ...headers } }))
      .status;
  };
  expect(await post({ 'sec-fetch-site': 'same-origin' })).toBe(200);
  expect(await post({ origin: url })).toBe(200);
  expect(await post({ 'sec-fetch-site': 'cross-site', origin: url })).toBe(403);
  expect(await post({ 'sec-fetch-site': 'same-site' })).toBe(403);
  expect(await post({ 'sec-fetch-site': 'none' })).toBe(403);
  expect(await post({ origin: 'https://evil.example' })).toBe(403);
  expect(await post({ origin: 'null' })).toBe(403);
  // Not a browser: a script that keeps the cookie of its login.
  expect(await post({})).toBe(200);
  // Reading needs no such proof: the answer cannot be read across origins.
  expect((await me({ cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(200);
});

test('over https the cookie is Secure', async () => {
  await using behindTls = await startTestServer({
    config: { publicUrl: 'https://hashyard.example' },
  });
  const answer = await behindTls.call('POST', '/api/auth/login', {
    body: { username: 'admin', password: TEST_PASSWORD },
  });
  expect(answer.headers.get('set-cookie')).toContain('; Secure;');
});

test('users are listed for administrators, without their hashes', async () => {
  const answer = await server.call('GET', '/api/users', { token: server.adminToken });
  expect(answer.status).toBe(200);
  expect(answer.body[0]).toEqual({
    id: 1,
    username: 'admin',
    email: null,
    role: 'admin',
    is_active: true,
    created_at: expect.any(String),
  });
});

test('granting a container: once, and both must exist', async () => {
  const token = server.adminToken;
  const { id } = await server.addUser('tenant', 'client');
  const container = await server.call('POST', '/api/containers', { token, body: { name: 'C-1' } });
  const path = `/api/users/${id}/containers/${container.body.id}`;
  const said = async (method: string, at: string) => {
    const { status, body } = await server.call(method, at, { token });
    return [status, body.message ?? body.detail];
  };
  expect(await said('POST', path)).toEqual([200, 'Access granted']);
  expect(await said('POST', path)).toEqual([400, 'Access already granted']);
  expect(await said('POST', `/api/users/${id}/containers/9999`)).toEqual([
    404,
    'Container not found',
  ]);
  expect(await said('POST', '/api/users/9999/containers/1')).toEqual([404, 'User not found']);
  expect((await server.call('POST', `/api/users/x/containers/1`, { token })).body).toMatchObject({
    status: 422,
    errors: [{ path: 'id' }],
  });
  expect(await said('DELETE', path)).toEqual([200, 'Access revoked']);
  expect(await said('DELETE', path)).toEqual([404, 'Access not found']);
});
