import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../tests/support/server.ts';
import { declares, publicScope, requireCredentials } from './credentials.ts';

/** Every route of the API and what it asks for. A new route belongs here, with a thought. */
const TABLE: Record<string, string> = {
  'POST /api/auth/login': 'public: logging in',
  'GET /api/setup': 'public: there is no user yet; 404 once there is',
  'POST /api/setup': 'public: the token printed at the start is the credential',
  'POST /api/auth/logout': 'public: ends the session it is given, live or dead',
  'GET /api/auth/me': 'any user',
  'GET /api/users': 'admin',
  'POST /api/users/:id/containers/:containerId': 'admin',
  'DELETE /api/users/:id/containers/:containerId': 'admin',

  'GET /api/sites': 'any user',
  'POST /api/sites': 'admin',
  'GET /api/sites/:id': 'any user',
  'DELETE /api/sites/:id': 'admin',
  'GET /api/containers': 'any user',
  'POST /api/containers': 'admin',
  'GET /api/containers/:id': 'any user',
  'DELETE /api/containers/:id': 'admin',
  'GET /api/pools': 'any user',
  'POST /api/pools': 'admin',
  'GET /api/pools/:id': 'any user',
  'DELETE /api/pools/:id': 'admin',
  'GET /api/miners': 'any user',
  'POST /api/miners': 'admin',
  'GET /api/miners/latest': 'any user',
  'GET /api/miners/tags': 'any user',
  'GET /api/miners/manufacturers': 'any user',
  'GET /api/miners/models/:manufacturer': 'any user',
  'GET /api/miners/:id': 'any user',
  'PUT /api/miners/:id': 'admin or operator',
  'DELETE /api/miners/:id': 'admin',
  'GET /api/stats/miners/:id': 'any user',
  'GET /api/stats/sites/:id': 'any user',
  'GET /api/stats/containers/:id': 'any user',
  'GET /api/stats/pools/:id': 'any user',
  'GET /api/stats/overview': 'any user',

  'GET /api/agents': 'admin or operator or viewer or accountant',
  'GET /api/agents/:id': 'admin or operator or viewer or accountant',
  'GET /api/agents/:id/scan': 'admin or operator or viewer or accountant',
  'GET /api/agents/:id/scan/unknown': 'admin or operator or viewer or accountant',
  'POST /api/agents/:id/keys': 'admin',
  'DELETE /api/agents/:id/keys/:keyId': 'admin',
  'POST /api/agent/register': 'admin',
  'POST /api/agent/sync': 'agent key',
  'GET /api/agent/info': 'agent key',
  'GET /api/ingest/pending': 'admin or operator or viewer or accountant',
  'GET /api/ingest/gaps': 'admin or operator or viewer or accountant',
  'GET /api/ingest/refusals': 'admin or operator or viewer or accountant',
  'GET /api/ingest/quarantine': 'admin or operator or viewer or accountant',
  'GET /api/ingest/quarantine/download': 'admin or operator or viewer or accountant',
  'POST /api/ingest/quarantine/reinject': 'admin',

  'GET /healthz': 'public: asked by supervisors, which have no credential',
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
const isFile = (url: string) => FILES.test(url) && !(`GET ${url}` in TABLE);
const concrete = (url: string) => url.replaceAll(/:\w+/g, '1');

test('every route demands what the table says', () => {
  const found = routes().map(({ method, url, credential }) => [`${method} ${url}`, credential]);
  expect(Object.fromEntries(found)).toEqual(TABLE);
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

test('a role that is not named is refused', async () => {
  const client = await server.addUser('a-client', 'client');
  for (const { method, url, credential } of routes()) {
    if (!credential.startsWith('admin')) continue;
    const answer = await server.call(method, concrete(url), { token: client.token });
    expect([method, url, answer.status, answer.body.code]).toEqual([method, url, 403, 'forbidden']);
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
