import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestServer, TEST_PASSWORD, type TestServer } from '../../../tests/support/server.ts';

const MINUTE = 60_000;
let now = Date.parse('2026-11-22T08:00:00Z');
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ clock: () => new Date(now) });
});
afterAll(() => server[Symbol.asyncDispose]());

const NEXT_PASSWORD = 'another horse, another battery';
let count = 0;
let user: { id: number; username: string; token: string };
beforeEach(async () => {
  count += 1;
  const username = `olga-${count}`;
  user = { ...(await server.addUser(username, 'operator')), username };
});

/** A browser's session: the cookie, and where the page comes from. */
async function logIn(password = TEST_PASSWORD) {
  const answer = await server.call('POST', '/api/auth/login', {
    body: { username: user.username, password },
  });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  return {
    status: answer.status,
    call: (method: string, path: string, body?: unknown) =>
      server.call(method, path, {
        headers: { cookie, origin: server.url },
        ...(body === undefined ? {} : { body }),
      }),
  };
}
const bearer = (token: string, method = 'GET', path = '/api/auth/me', body?: unknown) =>
  server.call(method, path, { token, ...(body === undefined ? {} : { body }) });
const auditOf = async () =>
  (
    await server.call('GET', `/api/audit?user_id=${user.id}`, { token: server.adminToken })
  ).body.entries.map(({ action }: { action: string }) => action);

test('a session says who it is, until when, and what it may do', async () => {
  const browser = await logIn();
  const { body } = await browser.call('GET', '/api/auth/session');
  expect(body).toMatchObject({
    user: { id: user.id, username: user.username, role: 'operator', limited: false },
    session: { confirmed_until: new Date(now + 10 * MINUTE).toISOString() },
  });
  expect(body.can).toContain('POST /api/problems/acknowledge');
  expect(body.can).toContain('POST /api/auth/tokens');
  expect(body.can).not.toContain('POST /api/sites');
  expect((await bearer(user.token, 'GET', '/api/auth/session')).body.session).toBeNull();
});

test('the password again opens what it closes after ten minutes', async () => {
  const browser = await logIn();
  const make = () => browser.call('POST', '/api/auth/tokens', { name: 'backup', scope: 'read' });
  expect((await make()).status).toBe(200);
  now += 10 * MINUTE;
  expect((await make()).body.code).toBe('password_needed');
  const wrong = await browser.call('POST', '/api/auth/confirm', { password: 'guess' });
  expect([wrong.status, wrong.body.detail]).toEqual([403, 'password: is wrong']);
  expect((await make()).body.code).toBe('password_needed');
  const right = await browser.call('POST', '/api/auth/confirm', { password: TEST_PASSWORD });
  expect(right.body).toEqual({ confirmed_until: new Date(now + 10 * MINUTE).toISOString() });
  expect((await make()).status).toBe(200);
  expect(await auditOf()).toEqual([
    'token.create',
    'session.confirm_failed',
    'token.create',
    'session.login',
  ]);
});

test('guesses at the password again are slowed down like those at the login', async () => {
  const browser = await logIn();
  for (let i = 0; i < 5; i++) await browser.call('POST', '/api/auth/confirm', { password: 'x' });
  const answer = await browser.call('POST', '/api/auth/confirm', { password: TEST_PASSWORD });
  expect([answer.status, answer.body.code]).toEqual([429, 'slow_down']);
  expect((await logIn()).status).toBe(429);
});

test('a new password ends all other sessions, and only they', async () => {
  const [browser, other] = [await logIn(), await logIn()];
  const change = (body: object) => browser.call('POST', '/api/auth/password', body);
  expect((await change({ password: 'x', new_password: NEXT_PASSWORD })).status).toBe(403);
  expect((await change({ password: TEST_PASSWORD, new_password: 'short' })).status).toBe(422);
  const body = { password: TEST_PASSWORD, new_password: NEXT_PASSWORD };
  expect((await change(body)).body).toEqual({ message: 'Password changed' });
  expect((await browser.call('GET', '/api/auth/me')).status).toBe(200);
  expect((await other.call('GET', '/api/auth/me')).status).toBe(401);
  expect((await logIn()).status).toBe(401);
  expect((await logIn(NEXT_PASSWORD)).status).toBe(200);
});

test('own sessions are listed and ended, those of others are nobody', async () => {
  const [browser, other] = [await logIn(), await logIn()];
  const { body } = await browser.call('GET', '/api/auth/sessions');
  expect(body).toHaveLength(2);
  expect(body[0]).toMatchObject({ ip: '127.0.0.1', user_agent: 'node' });
  const mine = body.find((session: { current: boolean }) => session.current);
  const theirs = body.find((session: { current: boolean }) => !session.current);
  expect((await browser.call('DELETE', `/api/auth/sessions/${theirs.id}`)).status).toBe(204);
  expect((await other.call('GET', '/api/auth/me')).status).toBe(401);
  user = { ...(await server.addUser(`else-${count}`, 'admin')), username: `else-${count}` };
  const stranger = await logIn();
  expect((await stranger.call('DELETE', `/api/auth/sessions/${mine.id}`)).status).toBe(404);
  expect((await browser.call('GET', '/api/auth/me')).status).toBe(200);
});

test('tokens: shown once, as far as asked, until they expire or are revoked', async () => {
  const browser = await logIn();
  const make = (body: object) => browser.call('POST', '/api/auth/tokens', body);
  const read = await make({ name: 'reads', scope: 'read', days: 1 });
  expect(read.body).toMatchObject({
    token: expect.stringMatching(/^hyu_/),
    scope: 'read',
    role: null,
    expires_at: new Date(now + 24 * 60 * MINUTE).toISOString(),
  });
  const bound = await make({ name: 'looks', scope: 'write', role: 'viewer' });
  expect(bound.status).toBe(200);
  expect((await make({ name: 'more', scope: 'write', role: 'operator' })).status).toBe(422);
  expect((await make({ name: 'x', scope: 'all' })).status).toBe(422);

  const acknowledge = (token: string) =>
    bearer(token, 'POST', '/api/problems/acknowledge', { ids: ['1'], note: null });
  expect((await bearer(read.body.token)).status).toBe(200);
  expect((await acknowledge(read.body.token)).status).toBe(403);
  expect((await acknowledge(bound.body.token)).status).toBe(403);
  expect((await acknowledge(user.token)).status).toBe(200);

  const list = await browser.call('GET', '/api/auth/tokens');
  expect(list.body.map((token: { name: string }) => token.name)).toEqual([
    'looks',
    'reads',
    'test',
  ]);
  expect(JSON.stringify(list.body)).not.toContain(read.body.token.slice(17));
  const gone = await browser.call('DELETE', `/api/auth/tokens/${bound.body.id}`);
  expect(gone.status).toBe(204);
  expect((await bearer(bound.body.token)).status).toBe(401);
  expect((await browser.call('DELETE', '/api/auth/tokens/4711')).status).toBe(404);
  now += 24 * 60 * MINUTE;
  expect((await bearer(read.body.token)).status).toBe(401);
});

test('a token makes no tokens', async () => {
  const made = await bearer(user.token, 'POST', '/api/auth/tokens', { name: 'x', scope: 'write' });
  expect([made.status, made.body.detail]).toEqual([403, 'An API token cannot do this; log in']);
});
