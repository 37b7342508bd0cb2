import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestServer, TEST_PASSWORD, type TestServer } from '../../../tests/support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

let count = 0;
let username: string;
beforeEach(() => {
  count += 1;
  username = `vera-${count}`;
});
const call = (method: string, path: string, body?: unknown, token = server.adminToken) =>
  server.call(method, path, { token, ...(body === undefined ? {} : { body }) });
const logIn = async (password = TEST_PASSWORD) =>
  server.call('POST', '/api/auth/login', { body: { username, password } });
const add = (more: object = {}) =>
  call('POST', '/api/people', { username, password: TEST_PASSWORD, role: 'viewer', ...more });

const demote = (id: number | undefined) => call('PATCH', `/api/people/${id}`, { role: 'viewer' });

test('a user is made, changed and disabled, and nothing of it is secret to the audit log', async () => {
  const site = (await call('POST', '/api/sites', { name: 'North' })).body.id;
  const hall = (await call('POST', '/api/containers', { name: 'hall', site_id: site })).body.id;
  const made = await add({ limited: true, site_ids: [site, site], email: 'vera@example.org' });
  expect([made.status, made.body]).toMatchObject([
    200,
    {
      username,
      role: 'viewer',
      email: 'vera@example.org',
      limited: true,
      sites: [{ id: site, name: 'North' }],
      containers: [],
      sessions: 0,
      last_login_at: null,
    },
  ]);
  const path = `/api/people/${made.body.id}`;
  const session = (await logIn()).body.access_token;
  expect((await call('GET', '/api/sites', undefined, session)).body).toHaveLength(1);

  const changed = await call('PATCH', path, { site_ids: [], container_ids: [hall] });
  expect(changed.body).toMatchObject({
    sites: [],
    containers: [{ name: 'hall' }],
    email: 'vera@example.org',
    sessions: 1,
    last_login_at: expect.any(String),
  });
  expect((await call('PATCH', path, { role: 'operator' })).body.limited).toBe(false);

  const next = 'another horse, another battery';
  expect((await call('PATCH', path, { password: next })).body.sessions).toBe(0);
  expect((await call('GET', '/api/auth/me', undefined, session)).status).toBe(401);
  expect((await logIn()).status).toBe(401);
  const again = (await logIn(next)).body.access_token;
  expect((await call('PATCH', path, { is_active: false })).body.is_active).toBe(false);
  expect((await call('GET', '/api/auth/me', undefined, again)).status).toBe(401);
  expect((await logIn(next)).status).toBe(401);

  const { body } = await call('GET', `/api/audit?object_id=${made.body.id}&object_type=user`);
  expect(body.entries).toMatchObject([
    { action: 'user.change', before: { is_active: true }, after: { is_active: false } },
    { action: 'user.password' },
    { action: 'user.change', after: { role: 'operator', limited: false } },
    { action: 'user.change', before: { site_ids: [site] }, after: { container_ids: [hall] } },
    { action: 'user.create', username: 'admin', via: 'token', object_name: username },
  ]);
  const everything = JSON.stringify((await call('GET', '/api/audit?limit=500')).body);
  for (const secret of [TEST_PASSWORD, next, session, again]) {
    expect(everything).not.toContain(secret);
  }
});

test.each([
  ['a name twice', { username: 'ADMIN' }, 400, 'name_taken'],
  ['a short password', { password: 'short' }, 422, 'invalid_body'],
  ['a role nobody has', { role: 'owner' }, 422, 'invalid_body'],
  ['a name with spaces', { username: 'a b' }, 422, 'invalid_body'],
  ['a site that is not there', { site_ids: [4711] }, 404, 'not_found'],
  ['a container that is not there', { container_ids: [4711] }, 404, 'not_found'],
])('%s is refused, and leaves no user', async (_what, more, status, code) => {
  const answer = await add(more);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  const people = (await call('GET', '/api/people')).body;
  expect(people.some((person: { username: string }) => person.username === username)).toBe(false);
});

test('the last administrator stays one, however many try at once', async () => {
  const boss = (await add({ role: 'admin' })).body;
  const [row] = await server.deps.sql<
    { id: number }[]
  >`select id from users where username = 'admin'`;
  const answers = await Promise.all([demote(boss.id), demote(row?.id)]);
  expect(answers.map((answer) => answer.body.code)).toContain('last_admin');
  const [left] = await server.deps.sql`
    select count(*)::int as admins from users where role = 'admin' and is_active`;
  expect(left).toEqual({ admins: 1 });
  await server.deps.sql`update users set role = 'admin' where username = 'admin'`;
});

test('sessions and tokens of others are seen and ended', async () => {
  const { id } = (await add()).body;
  const session = (await logIn()).body.access_token;
  const token = await call('POST', '/api/auth/tokens', { name: 't', scope: 'write' }, session);
  expect(token.status).toBe(200);
  const sessions = (await call('GET', `/api/people/${id}/sessions`)).body;
  expect(sessions).toMatchObject([{ current: false, user_agent: 'node' }]);
  const tokens = (await call('GET', `/api/people/${id}/tokens`)).body;
  expect(tokens).toMatchObject([{ name: 't', scope: 'write', revoked_at: null }]);
  const path = `/api/people/${id}/tokens/${tokens[0].id}`;
  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('GET', '/api/auth/me', undefined, token.body.token)).status).toBe(401);
  expect((await call('DELETE', `/api/people/${id}/sessions`)).status).toBe(204);
  expect((await call('GET', '/api/auth/me', undefined, session)).status).toBe(401);
  expect((await call('GET', '/api/people/4711/sessions')).status).toBe(404);
});

test('logins, right and wrong, and what people do stand in the log, and stay', async () => {
  const { id } = (await add()).body;
  await logIn('wrong');
  const session = (await logIn()).body.access_token;
  await call('POST', '/api/auth/logout', undefined, session);
  await server.call('POST', '/api/auth/login', {
    body: { username: 'nobody\ud800\n<b>', password: 'x' },
  });
  const { body } = await call('GET', '/api/audit?limit=4');
  expect(body.entries).toMatchObject([
    { action: 'session.login_failed', user_id: null, username: null },
    { action: 'session.logout', user_id: id },
    { action: 'session.login', user_id: id, via: 'login', ip: '127.0.0.1' },
    { action: 'session.login_failed', user_id: id, username },
  ]);
  const older = await call('GET', `/api/audit?limit=1&before=${body.next_before}`);
  expect(older.body.entries[0].action).toBe('user.create');
  const { sql } = server.deps;
  for (const change of [
    sql`update audit_log set username = 'somebody else'`,
    sql`delete from audit_log`,
    sql`truncate audit_log`,
  ]) {
    await expect(change).rejects.toThrow('audit_log takes new rows only');
  }
});

test('a change that fails leaves no entry, and an entry that fails no change', async () => {
  const { sql } = server.deps;
  const entries = async () => {
    const [row] = await sql<{ count: number }[]>`select count(*)::int as count from audit_log`;
    return row?.count;
  };
  const before = await entries();
  expect((await add({ site_ids: [4711] })).status).toBe(404);
  expect(await entries()).toBe(before);
  await sql`alter table audit_log add constraint full_up check (action <> 'user.create') not valid`;
  try {
    expect((await add()).status).toBe(500);
    const made = await sql`select from users where username = ${username}`;
    expect(made).toHaveLength(0);
  } finally {
    await sql`alter table audit_log drop constraint full_up`;
  }
});
