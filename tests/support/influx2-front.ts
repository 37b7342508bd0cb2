import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { ServerConfig } from '../../server/config.ts';

export interface Influx2Front {
  /** Access as 2.x gives it: any user, a token as the password. */
  config: ServerConfig['influx'];
  /** Buckets as they are now. */
  buckets: Set<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

const FRONT_TOKEN = 'front-token-of-the-tests==';
/** A token that may write and read, and create nothing. */
export const FRONT_WRITE_TOKEN = 'front-token-without-rights==';
const VERSION = 'v2.9.1';
const ORG = { id: '0000000000000001', name: 'farm' };

/**
 * InfluxDB 2.x as far as we speak to it, before a real 1.x that stores: a token as the Basic password, 404 for a
 * write to a bucket that is not there, a whole batch refused for one unparsable line, 422 where 1.x says "partial
 * write", the bucket API, and no CREATE DATABASE. Statuses and bodies are those of a real 2.9.1 (decision 0006).
 * `buckets` exist from the start and must exist in `backend`.
 */
export async function startInflux2Front(
  backend: ServerConfig['influx'],
  buckets: readonly string[],
): Promise<Influx2Front> {
  const known = new Set(buckets);
  const server = createServer((request, response) => {
    answer(request, response, backend, known).catch((error: unknown) => {
      send(response, 500, { code: 'internal error', message: String(error) });
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    config: {
      ...backend,
      url: `http://127.0.0.1:${port}`,
      user: 'hashyard',
      password: FRONT_TOKEN,
    },
    buckets: known,
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  backend: ServerConfig['influx'],
  buckets: Set<string>,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://front');
  const body = await bodyOf(request);
  if (url.pathname === '/ping') return send(response, 204);
  if (url.pathname === '/health') {
    return send(response, 200, { name: 'influxdb', status: 'pass', version: VERSION });
  }
  const isApi = url.pathname.startsWith('/api/v2/');
  const token = isApi ? apiToken(request) : basicPassword(request);
  if (token !== FRONT_TOKEN && token !== FRONT_WRITE_TOKEN) {
    const message = isApi || token === undefined ? 'unauthorized access' : 'Unauthorized';
    return send(response, 401, { code: 'unauthorized', message });
  }
  if (url.pathname === '/write') return write(url, body, response, backend, buckets);
  if (url.pathname === '/query') return query(url, body, response, backend, buckets);
  if (url.pathname === '/api/v2/orgs') {
    // A token for buckets alone sees no organisation.
    return send(response, 200, { orgs: token === FRONT_TOKEN ? [ORG] : [] });
  }
  if (url.pathname === '/api/v2/buckets') {
    if (request.method === 'GET') {
      const name = url.searchParams.get('name');
      const list = [...buckets].filter((bucket) => name === null || bucket === name);
      return send(response, 200, { buckets: list.map((bucket) => ({ id: bucket, name: bucket })) });
    }
    if (token !== FRONT_TOKEN) {
      return send(response, 401, {
        code: 'unauthorized',
        message: `write:orgs/${ORG.id}/buckets is unauthorized`,
      });
    }
    const { name, orgID } = JSON.parse(body.toString()) as { name: string; orgID: string };
    if (orgID !== ORG.id) {
      return send(response, 404, { code: 'not found', message: 'organization not found' });
    }
    if (buckets.has(name)) {
      const message = `bucket with name ${name} already exists`;
      return send(response, 422, { code: 'conflict', message });
    }
    buckets.add(name);
    await backendQuery(backend, new URLSearchParams({ q: `CREATE DATABASE "${name}"` }));
    return send(response, 201, { id: name, name });
  }
  return send(response, 404, { code: 'not found', message: 'path not found' });
}

async function write(
  url: URL,
  body: Buffer,
  response: ServerResponse,
  backend: ServerConfig['influx'],
  buckets: Set<string>,
): Promise<void> {
  const bucket = url.searchParams.get('db') ?? '';
  if (!buckets.has(bucket)) {
    return send(response, 404, { code: 'not found', message: 'no dbrp mapping found' });
  }
  // 2.x parses all before it stores any, and names every line it could not.
  const unparsable = body
    .toString()
    .split('\n')
    .filter((line) => !isParsable(line));
  if (unparsable.length > 0) {
    const message = unparsable.map((line) => `unable to parse '${line}': invalid boolean`);
    return send(response, 400, { code: 'invalid', message: message.join('\n') });
  }
  const stored = await fetch(`${backend.url}/write${url.search}`, {
    method: 'POST',
    headers: { authorization: basic(backend) },
    body: new Uint8Array(body),
  });
  const text = await stored.text();
  if (stored.status === 204) return send(response, 204);
  if (text.includes('partial write')) {
    const { error } = JSON.parse(text) as { error: string };
    return send(response, 422, {
      code: 'unprocessable entity',
      message: `failure writing points to database: ${error}`,
    });
  }
  return send(response, stored.status, { code: 'internal error', message: text });
}

async function query(
  url: URL,
  body: Buffer,
  response: ServerResponse,
  backend: ServerConfig['influx'],
  buckets: Set<string>,
): Promise<void> {
  const asked = new URLSearchParams([...url.searchParams, ...new URLSearchParams(body.toString())]);
  const failed = (error: string) => send(response, 200, { results: [{ statement_id: 0, error }] });
  const administers = /^\s*((?:create|drop) (?:database|user))\b/i.exec(asked.get('q') ?? '');
  if (administers) return failed(`not implemented: ${String(administers[1]).toUpperCase()}`);
  const database = asked.get('db') ?? '';
  if (!buckets.has(database)) return failed(`database not found: ${database}`);
  const stored = await backendQuery(backend, asked);
  return send(response, stored.status, (await stored.json()) as Record<string, unknown>);
}

function backendQuery(backend: ServerConfig['influx'], asked: URLSearchParams): Promise<Response> {
  return fetch(`${backend.url}/query`, {
    method: 'POST',
    headers: { authorization: basic(backend) },
    body: asked,
  });
}

function isParsable(line: string): boolean {
  // Measurement and tags, fields, time: each without unescaped spaces; enough for what the tests send.
  return /^\w+(,[^\s,=]+=[^\s,=]+)* ([\w.]+=[^\s,=]+)(,[\w.]+=[^\s,=]+)* \d+$/.test(line);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

function basicPassword(request: IncomingMessage): string | undefined {
  const [kind, value = ''] = (request.headers.authorization ?? '').split(' ');
  if (kind !== 'Basic') return undefined;
  return Buffer.from(value, 'base64').toString().split(':').slice(1).join(':');
}

function apiToken(request: IncomingMessage): string | undefined {
  return /^Token (.+)$/.exec(request.headers.authorization ?? '')?.[1];
}

function basic({ user, password }: ServerConfig['influx']): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function send(response: ServerResponse, status: number, body?: Record<string, unknown>): void {
  const code = body?.['code'];
  response.writeHead(status, {
    ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...(typeof code === 'string' ? { 'x-platform-error-code': code } : {}),
    'x-influxdb-version': VERSION,
    'x-influxdb-build': 'OSS',
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
