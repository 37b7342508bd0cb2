import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { ServerConfig } from '../../server/config.ts';
import { buildApp } from '../../server/app.ts';
import type { Deps } from '../../server/deps.ts';
import { createApiToken } from '../../server/features/people/api-tokens.ts';
import { makeGuard } from '../../server/features/people/guard.ts';
import type { Role } from '../../server/features/people/permissions.ts';
import { hashPassword } from '../../server/features/people/password.ts';
import { insertUser } from '../../server/features/people/store.ts';
import { openInflux } from '../../server/influx/open-influx.ts';
import { openPostgres } from '../../server/resources/postgres.ts';
import { freshDatabase } from './database.ts';
import { freshInflux } from './influx.ts';

export interface TestServer {
  url: string;
  deps: Deps;
  app: FastifyInstance;
  /** API token of an administrator. */
  adminToken: string;
  registerAgent(name: string, siteId?: number): Promise<{ id: number; apiKey: string }>;
  /** One request, JSON in and out. `token` goes as Bearer; a body makes it a JSON request. */
  call(method: string, path: string, request?: CallOptions): Promise<Answer>;
  /** A user with an API token; no two share a name. The password is `TEST_PASSWORD`. */
  addUser(username: string, role: Role): Promise<{ id: number; token: string }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface CallOptions {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON, else the text; tests say what they expect of it. */
  // oxlint-disable-next-line typescript/no-explicit-any -- an answer is looked into by path; each test asserts what it finds
  body: any;
}

export const TEST_PASSWORD = 'correct horse battery';
/** Hashed once per worker: a hash takes 40 ms and the tests do not care which. */
let passwordHash: Promise<string> | undefined;

/**
 * The server on 127.0.0.1 and a free port, with real databases of its own; closed and dropped on dispose.
 * `overrides` replace what would be made here, `config` key by key.
 */
export async function startTestServer(
  overrides: Partial<Omit<Deps, 'config'>> & { config?: Partial<ServerConfig> } = {},
): Promise<TestServer> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await freshDatabase());
  const influxDatabases = stack.use(await freshInflux());
  const config: ServerConfig = {
    databaseUrl: database.url,
    influx: influxDatabases.config,
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    grafanaUrl: undefined,
    trustProxy: [],
    logLevel: 'silent',
    ...overrides.config,
  };
  const log = overrides.log ?? pino({ level: 'silent' });
  const sql =
    overrides.sql ?? stack.adopt(openPostgres(config.databaseUrl, log), (pool) => pool.end());
  const influx =
    overrides.influx ?? stack.adopt(openInflux(config.influx, log), (client) => client.close());
  const clock = overrides.clock ?? (() => new Date());
  const guard = overrides.guard ?? makeGuard({ sql, clock, publicUrl: config.publicUrl });
  const deps: Deps = { sql, influx, guard, config, log, clock };

  const app = stack.adopt(await buildApp(deps), (built) => built.close());
  const url = await app.listen({ host: config.host, port: config.port });

  passwordHash ??= hashPassword(TEST_PASSWORD);
  const hash = await passwordHash;
  const addUser = async (username: string, role: Role) => {
    const id = await insertUser(database.sql, { username, role, passwordHash: hash });
    if (id === undefined) throw new Error(`there is a user ${username} already`);
    const { token } = await createApiToken(database.sql, {
      userId: id,
      name: 'test',
      expiresAt: null,
    });
    return { id, token };
  };
  const { token: adminToken } = await addUser('admin', 'admin');

  const owned = stack.move();
  return {
    url,
    deps,
    app,
    adminToken,
    addUser,
    call: (method, path, request) => call(url, method, path, request),
    async registerAgent(name, siteId) {
      const answer = await call(url, 'POST', '/api/agent/register', {
        token: adminToken,
        body: { name, site_id: siteId },
      });
      if (answer.status !== 200) {
        throw new Error(`register answered ${answer.status}: ${answer.body.detail}`);
      }
      return { id: answer.body.id, apiKey: answer.body.api_key };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function call(
  url: string,
  method: string,
  path: string,
  { token, body, headers = {} }: CallOptions = {},
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    body: json ? JSON.parse(text) : text,
  };
}
