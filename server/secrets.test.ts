import { once } from 'node:events';
import { createConnection } from 'node:net';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { startTestServer, TEST_PASSWORD } from '../tests/support/server.ts';
import { offerSetup } from './features/people/setup-token.ts';

/** The answer to bytes that need not be HTTP. */
async function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = createConnection(Number(port), hostname);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.end(text);
  await once(socket, 'close');
  return answer;
}

/**
 * Every secret there is, used as it should be and as it should not: none of them may be in what the server logs, in
 * what it answers (but for the one answer that shows it), or in a dump of its database.
 */
test('no secret is in a log line, in an answer that does not make it, or in the database', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
  await using server = await startTestServer({ log });
  const { sql, config } = server.deps;
  await sql`delete from users`;

  const secrets = new Map<string, string>();
  const answers: string[] = [];
  let session = '(none yet)';
  /** `shows`: where the answer holds a new secret, and its name. */
  const call = async (
    method: string,
    path: string,
    request: Parameters<typeof server.call>[2] = {},
    shows?: [field: string, name: string],
  ) => {
    const answer = await server.call(method, path, request);
    if (shows) {
      const [field, name] = shows;
      const secret = answer.body[field];
      if (typeof secret !== 'string') throw new Error(`${path} shows no ${name}`);
      secrets.set(name, secret);
    }
    const shown = shows ? secrets.get(shows[1]) : undefined;
    const text = `${JSON.stringify(answer.body)} ${JSON.stringify([...answer.headers])}`;
    answers.push(
      `${method} ${path.replaceAll(session, '…')}: ${shown ? text.replaceAll(shown, '') : text}`,
    );
    return answer;
  };

  secrets.set('set-up token', (await offerSetup(sql, new Date())) ?? '');
  secrets.set('password', TEST_PASSWORD);
  secrets.set('wrong password', 'never-anybody-has-this');
  const olga = { username: 'olga', password: TEST_PASSWORD };
  const wrong = { username: 'olga', password: secrets.get('wrong password') };
  const token = secrets.get('set-up token');
  await call('POST', '/api/setup', { body: { token, ...olga } }, [
    'access_token',
    'set-up session',
  ]);
  await call('POST', '/api/setup', { body: { token, ...olga } });
  await call('POST', '/api/auth/login', { body: wrong });
  await call('POST', '/api/auth/login', { body: { ...olga, username: secrets.get('password') } });
  await call('POST', '/api/auth/login', { body: { username: ['olga'], password: TEST_PASSWORD } });
  await call('POST', '/api/auth/login', { body: olga }, ['access_token', 'session']);
  session = secrets.get('session') ?? '';
  const cookie = { headers: { cookie: `access_token=${session}` } };
  await call('POST', '/api/auth/confirm', { ...cookie, body: wrong });
  await call('POST', '/api/auth/confirm', { ...cookie, body: olga });
  const hers = { name: 'backup', scope: 'write' };
  await call('POST', '/api/auth/tokens', { ...cookie, body: hers }, ['token', 'API token']);
  const api = { token: secrets.get('API token') ?? '' };
  const agent = { ...api, body: { name: 'north-1' } };
  const { body: made } = await call('POST', '/api/agent/register', agent, ['api_key', 'agent key']);
  const keys = `/api/agents/${made.id}/keys`;
  await call('POST', keys, cookie, ['api_key', 'second agent key']);
  secrets.set('new password', 'a horse of another colour');
  const ivan = { username: 'ivan', password: secrets.get('new password'), role: 'viewer' };
  await call('POST', '/api/people', { ...cookie, body: ivan });
  await call('POST', '/api/people', { ...cookie, body: { ...ivan, role: 'emperor' } });

  const key = { headers: { 'x-api-key': secrets.get('agent key') ?? '' } };
  await call('POST', '/api/agent/sync', { ...key, body: { discovered_miners: 'none' } });
  await call('POST', '/api/agent/sync', { ...key, body: {} });
  await call('GET', '/api/agent/info', key);
  await call('GET', '/api/agent/info', {
    headers: { 'x-api-key': `${secrets.get('agent key')}x` },
  });
  // Bodies and addresses that are not read to their end.
  await call('GET', `/api/miners/${session}`, api);
  await call('GET', `/nowhere?token=${session}`, cookie);
  const head = `Host: x\r\nCookie: access_token=${session}\r\nConnection: close`;
  const json = `Content-Type: application/json\r\nContent-Length: 60`;
  const broken = `{"username": "olga", "password": "${TEST_PASSWORD}"`.padEnd(60);
  answers.push(
    await raw(server.url, `POST /api/auth/login HTTP/1.1\r\n${head}\r\n${json}\r\n\r\n${broken}`),
    await raw(server.url, `GET / HTTP/1.1\r\n${head}\r\nCookie access_token=${session}\r\n\r\n`),
  );

  for (const path of ['/api/people', '/api/audit', '/api/agents', '/api/system', '/docs/json']) {
    await call('GET', path, api);
  }
  await call('GET', `/api/fleet/agents/${made.id}`, api);
  for (const path of ['session', 'sessions', 'tokens'])
    await call('GET', `/api/auth/${path}`, cookie);
  await call('POST', '/api/auth/logout', cookie);
  await call('GET', '/api/auth/me', cookie);

  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`;
  expect(tables.length).toBeGreaterThan(15);
  const dump: string[] = [];
  for (const { name } of tables) {
    const rows = await sql<{ row: string }[]>`select to_jsonb(t)::text as row from ${sql(name)} t`;
    dump.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  expect(lines.length).toBeGreaterThan(20);

  const database = new URL(config.databaseUrl).password;
  if (database.length >= 8) secrets.set('password of the database', database);
  if (config.influx.password) secrets.set('password of InfluxDB', config.influx.password);
  const found = [...secrets].flatMap(([name, secret]) =>
    [...lines, ...answers, ...dump]
      .filter((text) => text.includes(secret))
      .map((text) => `${name} in ${text.slice(0, 200)}`),
  );
  expect(found).toEqual([]);
});
