import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, TEST_PASSWORD, type TestServer } from '../../../tests/support/server.ts';
import { createApiToken } from './api-tokens.ts';
import { PERMISSIONS } from './permissions.ts';

/**
 * Who passes, written down a second time, by letter: a admin, o operator, v viewer, l viewer limited to a site,
 * m viewer limited to a container, k accountant, c client. After it: "!" the password again in every session,
 * "?" of browsers only; "s" sessions only. A change of the permissions is a change here, with a thought.
 */
const PASSES: Record<string, string> = {
  'GET /api/auth/me': 'aovlmkc',
  'GET /api/auth/session': 'aovlmkc',
  'POST /api/auth/confirm': 'aovlmkc s',
  'POST /api/auth/password': 'aovlmkc s',
  'GET /api/auth/sessions': 'aovlmkc s',
  'DELETE /api/auth/sessions/:id': 'aovlmkc s',
  'GET /api/auth/tokens': 'aovlmkc s',
  'POST /api/auth/tokens': 'aovlmkc s!',
  'DELETE /api/auth/tokens/:id': 'aovlmkc s!',
  'GET /api/people': 'a',
  'POST /api/people': 'a !',
  'PATCH /api/people/:id': 'a !',
  'GET /api/people/:id/sessions': 'a',
  'DELETE /api/people/:id/sessions': 'a !',
  'GET /api/people/:id/tokens': 'a',
  'DELETE /api/people/:id/tokens/:tokenId': 'a !',
  'GET /api/audit': 'a',
  'GET /api/users': 'a',
  'POST /api/users/:id/containers/:containerId': 'a ?',
  'DELETE /api/users/:id/containers/:containerId': 'a ?',

  'GET /api/sites': 'aovlmkc',
  'POST /api/sites': 'a',
  'GET /api/sites/:id': 'aovlmkc',
  'PATCH /api/sites/:id': 'a',
  'DELETE /api/sites/:id': 'a',
  'GET /api/containers': 'aovlmkc',
  'POST /api/containers': 'a',
  'GET /api/containers/:id': 'aovlmkc',
  'PATCH /api/containers/:id': 'ao',
  'DELETE /api/containers/:id': 'a',
  'GET /api/pools': 'aovlmkc',
  'POST /api/pools': 'a',
  'GET /api/pools/:id': 'aovlmkc',
  'DELETE /api/pools/:id': 'a',
  'GET /api/miners': 'aovlmkc',
  'POST /api/miners': 'a',
  'GET /api/miners/latest': 'aovlmkc',
  'GET /api/miners/tags': 'aovlmkc',
  'GET /api/miners/manufacturers': 'aovlmkc',
  'GET /api/miners/models/:manufacturer': 'aovlmkc',
  'GET /api/miners/:id': 'aovlmkc',
  'PUT /api/miners/:id': 'ao',
  'DELETE /api/miners/:id': 'a',
  'GET /api/stats/miners/:id': 'aovlmkc',
  'GET /api/stats/sites/:id': 'aovlmkc',
  'GET /api/stats/containers/:id': 'aovlmkc',
  'GET /api/stats/pools/:id': 'aovlmkc',
  'GET /api/stats/overview': 'aovlmkc',

  'GET /api/agents': 'aovlmk',
  'GET /api/agents/:id': 'aovlmk',
  'GET /api/agents/:id/scan': 'aovlmk',
  'GET /api/agents/:id/scan/unknown': 'aovlmk',
  'GET /api/install': 'aovlmk',
  'PATCH /api/agents/:id': 'a',
  'POST /api/agents/:id/retire': 'a !',
  'POST /api/agents/:id/restore': 'a',
  'POST /api/agents/:id/keys': 'a !',
  'DELETE /api/agents/:id/keys/:keyId': 'a !',
  'POST /api/agent/register': 'a ?',

  'GET /api/fleet': 'aovlmkc',
  'GET /api/fleet/sites': 'aovlmkc',
  'GET /api/fleet/miners': 'aovlmkc',
  'GET /api/fleet/miners/facets': 'aovlmkc',
  'GET /api/fleet/miners/export': 'aovlmkc',
  'POST /api/fleet/miners/change': 'ao',
  'GET /api/fleet/miners/:id': 'aovlmkc',
  'PATCH /api/fleet/miners/:id': 'ao',
  'POST /api/fleet/miners/:id/merge': 'a',
  'POST /api/fleet/miners/:id/retire': 'a',
  'POST /api/fleet/miners/:id/restore': 'a',
  'GET /api/fleet/agents/:id': 'aovlmk',
  'GET /api/system': 'ao',
  'GET /api/problems': 'aovlmkc',
  'POST /api/problems/acknowledge': 'ao',
  'POST /api/problems/unacknowledge': 'ao',

  'GET /api/ingest/pending': 'aovk',
  'GET /api/ingest/gaps': 'aovk',
  'GET /api/ingest/refusals': 'aovk',
  'GET /api/ingest/quarantine': 'aovk',
  'GET /api/ingest/quarantine/download': 'aovk',
  'POST /api/ingest/quarantine/reinject': 'a',
};

let now = Date.parse('2026-11-22T08:00:00Z');
let server: TestServer;
const tokens: Record<string, string> = {};
let agentKey: string;
beforeAll(async () => {
  server = await startTestServer({ clock: () => new Date(now) });
  agentKey = (await server.registerAgent('north')).apiKey;
  const { sql } = server.deps;
  tokens['a'] = server.adminToken;
  for (const [letter, name, role] of [
    ['o', 'olga', 'operator'],
    ['v', 'vera', 'viewer'],
    ['l', 'lena', 'viewer'],
    ['m', 'mila', 'viewer'],
    ['k', 'kira', 'accountant'],
    ['c', 'clio', 'client'],
  ] as const) {
    tokens[letter] = (await server.addUser(name, role)).token;
  }
  await sql`update users set is_limited = true where username in ('lena', 'mila')`;
  await sql`insert into sites (name) values ('North')`;
  await sql`insert into containers (name) values ('C')`;
  await sql`insert into site_grants select users.id, sites.id from users, sites where username = 'lena'`;
  await sql`
    insert into container_grants select users.id, containers.id from users, containers
    where username in ('mila', 'clio')`;
});
afterAll(() => server[Symbol.asyncDispose]());

/** The answer's status of a route for ids that nobody has; bodies are empty, so that nothing happens. */
async function statusOf(route: string, headers: Record<string, string>): Promise<number> {
  const [method = '', url = ''] = route.split(' ');
  const sends = method !== 'GET' && method !== 'DELETE';
  const answer = await fetch(server.url + url.replaceAll(/:\w+/g, '4711'), {
    method,
    headers: { ...headers, ...(sends ? { 'content-type': 'application/json' } : {}) },
    ...(sends ? { body: '{}' } : {}),
  });
  await answer.body?.cancel();
  return answer.status;
}
async function logIn(username: string): Promise<string> {
  const body = { username, password: TEST_PASSWORD };
  return (await server.call('POST', '/api/auth/login', { body })).body.access_token;
}
const passes = (status: number) => status !== 401 && status !== 403;
const bearer = (token = '') => ({ authorization: `Bearer ${token}` });

test('the table here names every route of the table there', () => {
  expect(Object.keys(PASSES)).toEqual(Object.keys(PERMISSIONS));
});

test('sessions, by Bearer and by cookie: with the password not older than 10 minutes', async () => {
  for (const [letter, username] of [
    ['a', 'admin'],
    ['l', 'lena'],
  ] as const) {
    const token = await logIn(username);
    const cookie = { cookie: `access_token=${token}` };
    const browser = { ...cookie, 'sec-fetch-site': 'same-origin' };
    const found: Record<string, boolean[]> = {};
    const expected: Record<string, boolean[]> = {};
    for (const late of [false, true]) {
      if (late) now += 10 * 60_000;
      for (const [route, passing] of Object.entries(PASSES)) {
        const [letters = '', flags = ''] = passing.split(' ');
        const may = letters.includes(letter);
        (expected[route] ??= []).push(
          may && !(late && flags.includes('!')),
          may && !(late && flags.includes('!')),
          may && !(late && /[!?]/.test(flags)),
        );
        (found[route] ??= []).push(
          passes(await statusOf(route, bearer(token))),
          passes(await statusOf(route, cookie)),
          passes(await statusOf(route, browser)),
        );
      }
    }
    expect(found).toEqual(expected);
  }
});

test.for(['a', 'o', 'v', 'l', 'm', 'k', 'c'])(
  'API tokens of "%s", with the scope write and read',
  async (letter) => {
    const { sql } = server.deps;
    const name = { a: 'admin', o: 'olga', v: 'vera', l: 'lena', m: 'mila', k: 'kira', c: 'clio' };
    const [user] = await sql<{ id: number }[]>`
      select id from users where username = ${name[letter as 'a']}`;
    const read = await createApiToken(sql, {
      userId: user?.id ?? 0,
      name: 'reads',
      expiresAt: null,
      scope: 'read',
    });
    const found: Record<string, [boolean, boolean]> = {};
    const expected: Record<string, [boolean, boolean]> = {};
    for (const [route, passing] of Object.entries(PASSES)) {
      const [letters = '', flags = ''] = passing.split(' ');
      const may = letters.includes(letter) && !flags.includes('s');
      expected[route] = [may, may && route.startsWith('GET ')];
      found[route] = [
        passes(await statusOf(route, bearer(tokens[letter]))),
        passes(await statusOf(route, bearer(read.token))),
      ];
    }
    expect(found).toEqual(expected);
  },
);

test('a token bound to a role does no more than it, nor more than its user', async () => {
  const { sql } = server.deps;
  const boss = await server.addUser('boss', 'admin');
  const bound = (role: 'operator' | 'viewer') =>
    createApiToken(sql, { userId: boss.id, name: 'bound', expiresAt: null, role });
  const [asOperator, asViewer] = [await bound('operator'), await bound('viewer')];
  const route = 'PUT /api/miners/:id';
  expect(await statusOf(route, bearer(asOperator.token))).toBe(404);
  expect(await statusOf(route, bearer(asViewer.token))).toBe(403);
  expect(await statusOf('POST /api/sites', bearer(asOperator.token))).toBe(403);
  await sql`update users set role = 'viewer' where username = 'boss'`;
  expect(await statusOf(route, bearer(asOperator.token))).toBe(403);
});

test("nobody and an agent's key pass nowhere", async () => {
  for (const route of Object.keys(PASSES)) {
    const statuses = [
      await statusOf(route, {}),
      await statusOf(route, { 'x-api-key': agentKey, ...bearer(agentKey) }),
    ];
    expect([route, ...statuses]).toEqual([route, 401, 401]);
  }
});
