import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApiToken } from '../../../server/features/people/api-tokens.ts';
import { startServerProcess } from '../../../simulator/services/server-process.ts';
import { makeBuild } from '../builds/build.ts';
import { HASTY_AGENT } from '../builds/patches.ts';
import { fuzzCase } from '../fuzz/cases.ts';
import { dump, output, written } from '../oracle/all-written.ts';
import { leaksIn, secretOfToken, type Heard, type Secret } from '../oracle/leaks.ts';
import { printedToken } from '../rig/printed-token.ts';
import { startRig } from '../rig/rig.ts';
import { startSite } from '../rig/site.ts';
import { until } from '../rig/until.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

const PASSWORD = 'correct horse battery secrets';
const WRONG = 'another horse, another battery';
/** What these answer is a secret, once. */
const SHOWN_ONCE = new Set(['/api/auth/login', '/api/setup', '/api/agent/register']);
const isKeys = (path: string): boolean => /^\/api\/agents\/\d+\/keys$/.test(path);
const READS = [
  '/api/agents',
  '/api/users',
  '/api/auth/me',
  '/api/sites',
  '/api/miners',
  '/api/ingest/quarantine',
  '/api/ingest/pending',
  '/api/setup',
  '/readyz',
  '/openapi.json',
  '/api/nothing-here',
];

/** Asks like fetch, and remembers what was said. */
function makeAsker(url: string, heard: Heard[]) {
  return async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string | Buffer,
  ): Promise<{ status: number; text: string }> => {
    const answer = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    }).catch(() => null);
    if (!answer) return { status: 0, text: '' };
    const text = await answer.text();
    if (!(answer.ok && (SHOWN_ONCE.has(path) || isKeys(path)))) {
      const said = JSON.stringify([...answer.headers]);
      heard.push({ where: `the answer to ${method} ${path}`, text: `${said}\n${text}` });
    }
    return { status: answer.status, text };
  };
}

async function run(options: RunOptions): Promise<Outcome> {
  const { dir, seed, isControl, amount, patches } = options;
  const bodies = isControl ? 20 : amount === 'ci' ? 100 : 500;
  const project = await makeBuild(join(dir, 'build'), [...HASTY_AGENT, ...patches]);
  await using rig = await startRig({ dir, project });
  const heard: Heard[] = [];
  const { DATABASE_URL, INFLUX_PASSWORD } = rig.server.environment;
  const secrets: Secret[] = [
    { name: 'the password of Postgres', text: new URL(DATABASE_URL).password },
    { name: 'the password of InfluxDB', text: INFLUX_PASSWORD },
    { name: 'the password of an administrator', text: PASSWORD },
    { name: 'a wrong password', text: WRONG },
  ];

  // A new installation, set up with the token, and talkative.
  await rig.server.kill();
  await rig.sql`truncate users cascade`;
  const environment = { ...rig.server.environment, LOG_LEVEL: 'trace' };
  const serverDir = join(dir, 'talkative');
  const server = await startServerProcess({ dir: serverDir, environment, project });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => server.stop());
  const ask = makeAsker(server.url, heard);
  const setupToken = await printedToken(serverDir);
  const person = { username: 'olga', password: PASSWORD };
  const made = await ask(
    'POST',
    '/api/setup',
    {},
    JSON.stringify({ token: setupToken, ...person }),
  );
  const session = (JSON.parse(made.text) as { access_token: string }).access_token;
  const [olga] = await rig.sql<{ id: number }[]>`select id from users`;
  const { token: apiToken } = await createApiToken(rig.sql, {
    userId: olga!.id,
    name: 'x',
    expiresAt: null,
  });
  const bearer = { authorization: `Bearer ${session}` };
  const registered = await ask('POST', '/api/agent/register', bearer, '{"name":"agent"}');
  const agent = JSON.parse(registered.text) as { id: number; api_key: string };
  const second = await ask('POST', `/api/agents/${agent.id}/keys`, bearer);
  const { api_key: secondKey, key_id: keyId } = JSON.parse(second.text) as Record<string, string>;
  secrets.push(
    { name: 'the set-up token', text: setupToken },
    { name: 'a session', text: session },
    secretOfToken('an API token', apiToken),
    secretOfToken('the key of an agent', agent.api_key),
    secretOfToken('its second key', secondKey!),
  );

  // Everyday work, and everything wrong that can be done with a secret in hand.
  const key = { 'x-api-key': agent.api_key };
  const credentials = [
    bearer,
    { cookie: `access_token=${session}` },
    {
      authorization: `Bearer ${apiToken}`,
    },
  ];
  const everyRead = async (): Promise<void> => {
    for (const path of READS) {
      for (const credential of credentials) await ask('GET', path, credential);
    }
    await ask('GET', '/api/agent/info', key);
    await ask('GET', '/api/agent/info', { 'x-api-key': `${agent.api_key}x` });
    // Its answer repeats the path to whoever has just said it; the log must not.
    await fetch(`${server.url}/api/nothing/${agent.api_key}?token=${session}`).then(
      (answer) => answer.arrayBuffer(),
      () => undefined,
    );
    for (const body of [
      { username: 'olga', password: WRONG },
      { username: PASSWORD, password: WRONG },
      { username: 'olga', password: { text: PASSWORD } },
      { username: 'olga', password: PASSWORD.repeat(40) },
    ]) {
      await ask('POST', '/api/auth/login', {}, JSON.stringify(body));
    }
    await ask('POST', '/api/auth/login', {}, `{"username":"olga","password":"${PASSWORD}"`);
    await ask('POST', '/api/setup', {}, JSON.stringify({ token: setupToken, ...person }));
  };
  const at = new Date(Date.now() - 86_400_000);
  const everyBody = async (from: number, count: number): Promise<void> => {
    for (let index = from; index < from + count; index += 1) {
      const { method, path, headers, body } = fuzzCase(seed, index, at);
      // A false length is nothing that fetch would send.
      const { 'content-length': _, expect: _1, ...sent } = headers;
      await ask(method, path, { ...(path === '/api/agent/sync' ? key : bearer), ...sent }, body);
    }
  };
  await everyRead();
  await everyBody(0, bodies);

  // An agent that works, meets a server without databases, and has its key revoked.
  const site = await startSite({
    site: 1,
    miners: 5,
    tickMs: 300,
    firstS: Math.floor(at.getTime() / 60_000) * 60,
    serverUrl: server.url,
    apiKey: agent.api_key,
    dir: join(dir, 'site'),
    oracle: rig.oracle,
    project,
  });
  stack.defer(() => site.stop());
  if (!isControl) {
    await rig.influx.kill();
    await everyBody(bodies, 10);
    await everyRead();
    await rig.influx.start();
    await rig.postgres.kill();
    await everyBody(bodies + 10, 10);
    await everyRead();
    await rig.postgres.start();
    await until(
      'the server is ready again',
      60_000,
      async () => (await ask('GET', '/readyz', {})).status === 200,
    );
  }

  const [first] = await rig.sql<{ id: number }[]>`
    select id from agent_keys where agent_id = ${agent.id} order by id`;
  await ask('DELETE', `/api/agents/${agent.id}/keys/${first!.id}`, bearer);
  await until('the agent is refused', 30_000, async () =>
    (await readFile(join(dir, 'site/agent.log'), 'utf8')).includes('key_refused'),
  );

  // Programs with a configuration that is wrong, and with one that is right.
  const bad = new URL(DATABASE_URL);
  bad.username = 'nobody';
  const closed = new URL(DATABASE_URL);
  closed.port = '9';
  const environments: Record<string, string>[] = [
    { ...environment, DATABASE_URL: bad.href },
    { ...environment, DATABASE_URL: closed.href },
    { ...environment, DATABASE_URL: `mysql://root:${bad.password}@127.0.0.1/x` },
    { ...environment, INFLUX_USER: 'nobody' },
    { ...environment, INFLUX_URL: `http://x:${INFLUX_PASSWORD}@127.0.0.1:9` },
    { ...environment, PORT: new URL(server.url).port },
  ];
  for (const env of isControl ? [] : environments) {
    heard.push(await output(project, ['server/main.ts', 'check'], env));
    if (env['INFLUX_USER'] !== 'nobody' && !env['INFLUX_URL']?.includes('@')) {
      heard.push(await output(project, ['server/main.ts', 'serve'], env));
    }
  }
  const config = join(dir, 'agent.json');
  for (const apiKey of isControl ? [] : [secondKey, `${secondKey}x`]) {
    const settings = {
      server_url: server.url,
      api_key: apiKey,
      network_cidr: '127.9.9.9/32',
      allow: 'loopback',
      credentials: { 'antminer-stock': { user: 'root', password: WRONG } },
    };
    await writeFile(config, JSON.stringify(settings), { mode: 0o644 });
    for (const command of ['check', 'queue']) {
      heard.push(await output(project, ['agent/main.ts', command, '--config', config], {}));
    }
  }

  await site.stop();
  await server.stop();
  const files = await written(dir);
  heard.push(...files, ...(await dump(rig)));
  const violations = leaksIn(heard, secrets);
  // What is public must be there, or nothing was searched at all.
  if (leaksIn(files, [{ name: 'id', text: keyId! }]).length === 0) {
    violations.push('the public id of a key is in no log: the wrong places were searched');
  }
  const bytes = heard.reduce((sum, { text }) => sum + text.length, 0);
  return {
    injected: `${secrets.length} secrets, ${heard.length} answers, logs, tables and outputs searched`,
    kept: null,
    stored: null,
    duplicates: null,
    lost: null,
    violations: violations.slice(0, 10),
    figures: { searched: `${(bytes / 1e6).toFixed(1)} MB` },
  };
}

export const secrets: FaultRow = {
  number: 21,
  name: 'secrets',
  fault: 'errors of every kind with known secrets in hand',
  inCi: false,
  control: {
    without: 'keeping headers out of the log',
    patches: [
      {
        file: 'server/http/request-log.ts',
        find: '      ip: request.ip,',
        replace: '      ip: request.ip,\n      headers: request.headers,',
      },
    ],
  },
  run,
};
