import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../tests/support/server.ts';
import { PERMISSIONS, wordsOf } from '../features/people/permissions.ts';
import { declares, publicScope, requireCredentials } from './credentials.ts';

/** Every route of the API that people and their tokens do not open, and what it asks for instead. */
const OTHERS: Record<string, string> = {
  'POST /api/auth/login': 'public: logging in',
  'GET /api/setup': 'public: there is no user yet; 404 once there is',
  'POST /api/setup': 'public: the token printed at the start is the credential',
  'POST /api/auth/logout': 'public: ends the session it is given, live or dead',
  'POST /api/agent/sync': 'agent key',
  'GET /api/agent/info': 'agent key',
  'GET /healthz': 'public: asked by supervisors, which have no credential',
  'GET /api/install': 'admin or operator or viewer or accountant',
  'GET /install.sh': 'public: the agent, which holds no secret',
  'GET /install/hashyard-agent.mjs': 'public: the agent, which holds no secret',
  'GET /install/miners-agent.service': 'public: the agent, which holds no secret',
  'GET /readyz': 'public: asked by load balancers, which have no credential',
};
/** Files for browsers, which ask before anybody has logged in. */
const FILES = /^\/(docs(\/|$)|openapi\.json$|assets\/|[^/]*$)/;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const routes = () =>
  server.app.routeCredentials.filter(({ method, url }) => method !== 'HEAD' && !isFile(url));
const isFile = (url: string) => FILES.test(url) && !(`GET ${url}` in OTHERS);
const concrete = (url: string) => url.replaceAll(/:\w+/g, '1');

test('every route demands what the tables say, and they name no other', () => {
  const found = routes().map(({ method, url, credential }) => [`${method} ${url}`, credential]);
  const people = Object.entries(PERMISSIONS).map(([route, one]) => [route, wordsOf(one)]);
  expect(Object.fromEntries(found)).toEqual({ ...OTHERS, ...Object.fromEntries(people) });
  const files = server.app.routeCredentials.filter(({ url }) => isFile(url));
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter(({ credential }) => !credential.startsWith('public: '))).toEqual([]);
});

test('no route but the public ones answers without a credential, or with a wrong one', async () => {
  const wrong: Record<string, string>[] = [
    { authorization: 'Bearer nonsense', 'x-api-key': 'nonsense' },
    { authorization: `Bearer hyu_${'0'.repeat(12)}_${'0'.repeat(49)}`, 'x-api-key': 'hy_x' },
  ];
  const agent = await server.registerAgent('elsewhere');
  for (const { method, url, credential } of routes()) {
    if (credential.startsWith('public: ')) continue;
    const statuses = [];
    for (const headers of wrong) {
      statuses.push((await server.call(method, concrete(url), { headers })).status);
    }
    // An agent's key opens nothing that is for people, and the other way round.
    const headers: Record<string, string> =
      credential === 'agent key'
        ? { 'x-api-key': server.adminToken }
        : { 'x-api-key': agent.apiKey, authorization: `Bearer ${agent.apiKey}` };
    statuses.push((await server.call(method, concrete(url), { headers })).status);
    expect([method, url, ...statuses]).toEqual([method, url, 401, 401, 401]);
  }
});

test('an application with a route that declares nothing does not become ready', async () => {
  await using app = Fastify();
  requireCredentials(app);
  app.get('/forgotten', () => 'x');
  await expect(app.ready()).rejects.toThrow('/forgotten declares no credential and is not public');
});

test('what a scope or a hook declares is found, HEAD included', async () => {
  await using app = Fastify();
  requireCredentials(app);
  await app.register(async (scope) => {
    publicScope(scope, 'a test');
    scope.get('/open', () => 'x');
  });
  const hook = declares('a key', async () => undefined);
  app.get('/closed', { onRequest: [async () => undefined, hook] }, () => 'x');
  app.get('/later', { preHandler: hook }, () => 'x');
  await app.ready();
  expect(app.routeCredentials).toEqual(
    ['/open', '/closed', '/later']
      .flatMap((url) =>
        ['GET', 'HEAD'].map((method) => ({
          method,
          url,
          credential: url === '/open' ? 'public: a test' : 'a key',
        })),
      )
      .map((route) => expect.objectContaining(route)),
  );
});
