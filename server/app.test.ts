import { brotliCompressSync, gzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../tests/support/server.ts';
import { installErrorHandler } from './failures.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Bytes as they are, which fetch would not send with a made-up encoding. */
async function post(path: string, body: Buffer | string, headers: Record<string, string>) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { authorization: `Bearer ${server.adminToken}`, ...headers },
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}
const JSON_TYPE = { 'content-type': 'application/json' };
const GZIP = { ...JSON_TYPE, 'content-encoding': 'gzip' };

test.each([
  ['broken JSON', '{"name": ', JSON_TYPE, 422, 'invalid_json'],
  ['an empty body', '', JSON_TYPE, 422, 'invalid_body'],
  [
    'a form',
    'name=x',
    { 'content-type': 'application/x-www-form-urlencoded' },
    415,
    'unsupported_encoding',
  ],
  ['text', '{"name":"x"}', { 'content-type': 'text/plain' }, 415, 'unsupported_encoding'],
  ['prototype poison', '{"name":"x","__proto__":{"admin":true}}', JSON_TYPE, 422, 'invalid_json'],
  ['half a gzip', gzipSync('{"name":"half"}').subarray(0, 20), GZIP, 422, 'invalid_json'],
  ['no gzip at all', '{"name":"plain"}', GZIP, 422, 'invalid_json'],
  [
    'brotli',
    brotliCompressSync('{"name":"br"}'),
    { ...GZIP, 'content-encoding': 'br' },
    415,
    'unsupported_encoding',
  ],
  [
    'two encodings',
    gzipSync(gzipSync('{"name":"2"}')),
    { ...GZIP, 'content-encoding': 'gzip, gzip' },
    415,
    'unsupported_encoding',
  ],
  ['more than 256 KiB', JSON.stringify({ name: 'x'.repeat(300_000) }), JSON_TYPE, 413, 'too_large'],
  ['a gzip bomb', gzipSync(Buffer.alloc(64 << 20, ' ')), GZIP, 413, 'too_large'],
])('%s is refused', async (_what, body, headers, status, code) => {
  const answer = await post('/api/sites', body, headers);
  expect(answer).toMatchObject({
    status,
    body: {
      type: `urn:hashyard:problem:${code}`,
      code,
      status,
      detail: expect.stringMatching(/\S/),
    },
  });
});

test('a gzip body is read', async () => {
  const answer = await post('/api/sites', gzipSync('{"name":"zipped"}'), GZIP);
  expect(answer).toMatchObject({ status: 200, body: { name: 'zipped' } });
});

test('nobody without a credential gets to send a body', async () => {
  const response = await fetch(`${server.url}/api/sites`, {
    method: 'POST',
    body: gzipSync(Buffer.alloc(64 << 20, ' ')),
    headers: GZIP,
  });
  expect(response.status).toBe(401);
});

test('a wrong field deep in a batch is named, with what is expected there', async () => {
  const agent = await server.registerAgent('paths');
  const ok = { ip_address: '10.0.0.1', timestamp: '2026-11-22T07:12:05' };
  const answer = await server.call('POST', '/api/agent/sync', {
    headers: { 'x-api-key': agent.apiKey },
    body: {
      miner_stats: [
        ok,
        ok,
        ok,
        { ...ok, hash_rate: 'fast' },
        { ...ok, hash_rate: {} },
        { ip_address: 5 },
      ],
    },
  });
  expect(answer.status).toBe(422);
  expect(answer.body.errors).toEqual([
    {
      path: 'miner_stats.3.hash_rate',
      message: expect.stringMatching(/expected number, received string/),
    },
    {
      path: 'miner_stats.4.hash_rate',
      message: expect.stringMatching(/expected number, received object/),
    },
    {
      path: 'miner_stats.5.ip_address',
      message: expect.stringMatching(/expected string, received number/),
    },
    { path: 'miner_stats.5.timestamp', message: expect.stringMatching(/expected string/) },
  ]);
  expect(answer.body.detail).toBe(
    'miner_stats.3.hash_rate: Invalid input: expected number, received string (and 3 more)',
  );
});

test('an answer to a body wrong throughout is not longer than the body', async () => {
  const answer = await post(
    '/api/miners',
    JSON.stringify({ ip_address: '10.0.0.1', tags: Array(90).fill(1) }),
    JSON_TYPE,
  );
  expect(answer.status).toBe(422);
  expect(answer.body.errors).toHaveLength(50);
  expect(answer.body.detail).toMatch(/\(and 89 more\)$/);
});

test('an unknown route and an unknown method are 404 as a problem', async () => {
  for (const [method, path] of [
    ['GET', '/api/nothing'],
    ['PATCH', '/api/sites'],
    ['GET', '/assets/gone.js'],
    ['GET', '/docs/gone'],
  ] as const) {
    const answer = await server.call(method, path);
    expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'not_found']);
  }
});

test('a fault of ours says nothing of itself', async () => {
  await using app = Fastify();
  installErrorHandler(app);
  app.get('/', () => {
    throw new Error('secret detail');
  });
  const answer = await app.inject('/');
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain('secret');
  expect(answer.json()).toMatchObject({ code: 'internal' });
});

test('Postgres away is 503 with Retry-After, never 401', async () => {
  await using cut = await startTestServer();
  await cut.deps.sql.end();
  for (const path of ['/api/auth/me', '/api/sites']) {
    const answer = await cut.call('GET', path, { token: cut.adminToken });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.body.code).toBe('database_unavailable');
  }
});

const CSP =
  "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';" +
  "connect-src 'self';manifest-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'";

test('every answer carries the strict headers; over plain http none that insists on https', async () => {
  for (const path of ['/', '/api/sites', '/docs/', '/api/nothing']) {
    const { headers } = await server.call('GET', path);
    expect([path, headers.get('content-security-policy')]).toEqual([path, CSP]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('over https browsers are told to stay there', async () => {
  await using https = await startTestServer({ config: { publicUrl: 'https://hashyard.example' } });
  const { headers } = await https.call('GET', '/');
  expect(headers.get('content-security-policy')).toBe(`${CSP};upgrade-insecure-requests`);
  expect(headers.get('strict-transport-security')).toMatch(/max-age=\d+/);
});

/** The address the server takes a login to come from. */
const addressSeen = async (from: TestServer) => {
  const body = { username: 'admin', password: 'correct horse battery' };
  const headers = { 'x-forwarded-for': '203.0.113.9' };
  await from.call('POST', '/api/auth/login', { body, headers });
  const [row] = await from.deps.sql`select ip from sessions order by id desc limit 1`;
  return row?.['ip'];
};

test('a forwarded address is believed only from a proxy named in the configuration', async () => {
  expect(await addressSeen(server)).toBe('127.0.0.1');
  await using behind = await startTestServer({ config: { trustProxy: ['127.0.0.1'] } });
  expect(await addressSeen(behind)).toBe('203.0.113.9');
});

test('the API is described as OpenAPI 3.1 with every route and its credential', async () => {
  const { status, body } = await server.call('GET', '/openapi.json');
  expect(status).toBe(200);
  expect(body.openapi).toBe('3.1.0');
  expect(body.paths['/api/sites'].post.security).toEqual([{ bearer: [] }, { session: [] }]);
  expect(body.paths['/api/agent/sync'].post.security).toEqual([{ agentKey: [] }]);
  expect(body.paths['/healthz'].get.security).toEqual([]);
  const described = Object.keys(body.paths).map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1'));
  const served = server.app.routeCredentials
    .map((route) => route.url)
    .filter((url) => /^\/(api|healthz|readyz)/.test(url));
  expect(new Set(described)).toEqual(new Set(served));
  expect((await server.call('GET', '/docs/')).body).toContain('swagger-ui');
});

test('a slow sender does not hold a socket for ever', () => {
  expect(server.app.server.requestTimeout).toBe(20_000);
  expect(server.app.server.timeout).toBe(30_000);
  expect(server.app.server.keepAliveTimeout).toBe(72_000);
  expect(server.app.server.maxRequestsPerSocket).toBe(1_000);
});
