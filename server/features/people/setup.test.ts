import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/support/server.ts';
import { offerSetup } from './setup-token.ts';

const HOUR_MS = 3_600_000;
const PASSWORD = 'correct horse battery';
let now = Date.parse('2026-11-22T08:00:00Z');
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ clock: () => new Date(now) });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  await server.deps.sql`truncate users, setup_tokens cascade`;
});

const offer = async (): Promise<string> => {
  const token = await offerSetup(server.deps.sql, new Date(now));
  if (token === null) throw new Error('no token was offered');
  return token;
};
const setUp = (body: object) => server.call('POST', '/api/setup', { body });
const state = async () => {
  const { status, body } = await server.call('GET', '/api/setup');
  return { status, open: body.open };
};
const admins = () => server.deps.sql`select username, role from users`;

test('the token makes one administrator, who is logged in; then the routes are gone', async () => {
  const token = await offer();
  expect(await state()).toEqual({ status: 200, open: true });
  const made = await setUp({ token: ` ${token}\n`, username: 'olga', password: PASSWORD });
  expect(made.status).toBe(200);
  const cookie = made.headers.get('set-cookie') ?? '';
  expect(cookie).toContain(`access_token=${made.body.access_token}; `);
  const me = await server.call('GET', '/api/auth/me', { headers: { cookie } });
  expect(me.body).toMatchObject({ username: 'olga', role: 'admin' });
  const login = { username: 'olga', password: PASSWORD };
  expect((await server.call('POST', '/api/auth/login', { body: login })).status).toBe(200);

  expect((await state()).status).toBe(404);
  const again = await setUp({ token, username: 'ivan', password: PASSWORD });
  expect(again).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect(await admins()).toEqual([{ username: 'olga', role: 'admin' }]);
});

test('a wrong token, and one older than an hour, make nobody', async () => {
  const token = await offer();
  const olga = { username: 'olga', password: PASSWORD };
  const wrong = await setUp({
    ...olga,
    token: token.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
  });
  expect(wrong).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  now += HOUR_MS;
  expect(await state()).toEqual({ status: 200, open: false });
  expect((await setUp({ ...olga, token })).status).toBe(403);
  expect(await admins()).toEqual([]);
  // A restart makes a new one.
  expect((await setUp({ ...olga, token: await offer() })).status).toBe(200);
});

test.each([
  ['a short password', { username: 'olga', password: 'short' }, 'password: expected 12 to 128'],
  ['the name as password', { username: 'Olga-the-admin', password: 'olga-the-admin' }, 'password:'],
  ['no name', { username: ' ', password: PASSWORD }, 'username:'],
])('%s is refused, and the token still works', async (_what, body, detail) => {
  const token = await offer();
  const refused = await setUp({ ...body, token });
  expect(refused).toMatchObject({
    status: 422,
    body: { code: 'invalid_body', detail: expect.stringContaining(detail) },
  });
  expect((await setUp({ token, username: 'olga', password: PASSWORD })).status).toBe(200);
});

test('the tokens of two servers both work, only their hashes are stored, and the first use ends them all', async () => {
  const [first, second] = [await offer(), await offer()];
  const rows = await server.deps.sql`select encode(token_sha256, 'hex') as hash from setup_tokens`;
  expect(rows).toHaveLength(2);
  expect(JSON.stringify(rows)).not.toContain(first);
  expect((await setUp({ token: first, username: 'olga', password: PASSWORD })).status).toBe(200);
  expect((await setUp({ token: second, username: 'ivan', password: PASSWORD })).status).toBe(404);
  expect(await server.deps.sql`select from setup_tokens`).toHaveLength(0);
});

test('with a user there is no token, and those from before are gone', async () => {
  await offer();
  await server.deps
    .sql`insert into users (username, role, password_hash) values ('x', 'viewer', '')`;
  expect(await offerSetup(server.deps.sql, new Date(now))).toBeNull();
  expect(await server.deps.sql`select from setup_tokens`).toHaveLength(0);
  expect((await state()).status).toBe(404);
});

test('many at once make one administrator', async () => {
  const token = await offer();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      setUp({ token, username: `admin-${n}`, password: PASSWORD }),
    ),
  );
  const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
  expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 404)]);
  expect(await admins()).toHaveLength(1);
});
