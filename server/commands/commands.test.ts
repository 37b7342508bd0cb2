import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../../tests/support/database.ts';
import { freshInflux, type FreshInflux } from '../../tests/support/influx.ts';
import { languageOf } from '#contract/language.ts';
import { messagesIn } from '../messages.ts';
import { runProgram } from './program.ts';
import { verifyPassword } from '../features/people/password.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const PASSWORD = 'correct horse battery';

let database: FreshDatabase;
let influx: FreshInflux;
let env: Record<string, string>;
beforeAll(async () => {
  database = await freshDatabase();
  influx = await freshInflux();
  const { url, user, password, database: raw, rollupDatabase } = influx.config;
  env = {
    DATABASE_URL: database.url,
    INFLUX_URL: url,
    INFLUX_USER: user,
    INFLUX_PASSWORD: password,
    INFLUX_DATABASE: raw,
    INFLUX_ROLLUP_DATABASE: rollupDatabase,
    PORT: String(await freePort()),
    LOG_LEVEL: 'info',
  };
});
afterAll(async () => {
  await influx[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}

/** The command in this process; standard input is never a terminal. */
async function hashyard(
  args: string[],
  { stdin = '', ...more }: { stdin?: string } & Record<string, string | undefined> = {},
) {
  const lines = { out: '', err: '' };
  const merged = { ...env, ...more };
  const code = await runProgram(
    {
      env: merged,
      say: messagesIn(languageOf(merged)),
      stdin: Readable.from([stdin]),
      out: (line) => void (lines.out += `${line}\n`),
      err: (line) => void (lines.err += `${line}\n`),
    },
    args,
  );
  return { code, ...lines };
}

/** The command as a process of its own. */
function start(args: string[], more: Record<string, string> = {}): ChildProcess {
  const merged = { PATH: process.env['PATH'], ...env, ...more };
  return spawn(process.execPath, [MAIN, ...args], { env: merged });
}

test('help has examples, in English and Russian, and ends well', async () => {
  const english = await hashyard(['--help']);
  expect(english).toMatchObject({ code: 0, err: '' });
  for (const word of ['Usage:', 'serve', 'migrate', 'admin', 'token', 'check', 'Examples:']) {
    expect(english.out).toContain(word);
  }
  const russian = await hashyard(['admin', 'create', '--help'], { LANG: 'ru_RU.UTF-8' });
  expect(russian.out).toContain('Использование: hashyard admin create');
  expect(russian.out).toContain('Примеры:');
});

test('a newer or an edited history is refused in the language asked for', async () => {
  await using own = await freshDatabase();
  const said = async (LANG: string) =>
    (await hashyard(['migrate'], { DATABASE_URL: own.url, LANG })).err;
  await own.sql`insert into schema_migrations (version, name, sha256, ms) values (99, '0099_x.sql', '', 1)`;
  expect(await said('C')).toContain('The database is at migration 0099_x.sql, this program knows');
  expect(await said('ru_RU.UTF-8')).toContain('В базе выполнена миграция 0099_x.sql');
  await own.sql`update schema_migrations set sha256 = '' where version = 1`;
  expect(await said('C')).toContain('migrations/0001_init.sql differs from what this database ran');
  expect(await said('ru_RU.UTF-8')).toContain('migrations/0001_init.sql отличается от выполненной');
});

test.each([
  [['nonsense'], /unknown command 'nonsense'/],
  [['serve', '--nonsense'], /unknown option '--nonsense'/],
  [['admin', 'create'], /missing required argument 'username'/],
  [['admin', 'create', 'x', '--role', 'god'], /Allowed choices are admin/],
  [['token', 'create', 'x'], /required option '--name <name>'/],
  [['token', 'create', 'x', '--name', 'y', '--days', '0'], /whole number of days from 1/],
  [['migrate', '--status', '--dry-run'], /cannot be used with/],
])('%j is a wrong command line: status 2', async (args, message) => {
  const result = await hashyard(args);
  expect(result).toMatchObject({ code: 2, out: '' });
  expect(result.err).toMatch(message);
});

test('what is missing in the configuration is named, its values are not', async () => {
  const none = await hashyard(['serve'], { DATABASE_URL: undefined, INFLUX_URL: undefined });
  expect(none.code).toBe(1);
  expect(none.err).toMatch(/DATABASE_URL is not set\nINFLUX_URL is not set/);
  const wrong = await hashyard(['serve'], { DATABASE_URL: 'mysql://root:hunter2@db/x' });
  expect(wrong.err).toContain('DATABASE_URL: expected postgres://');
  expect(wrong.err).not.toContain('hunter2');
});

test('Postgres that is away, refuses the password or lacks the database: a sentence each', async () => {
  const url = new URL(database.url);
  const away = await hashyard(['serve'], { DATABASE_URL: 'postgres://u:p@127.0.0.1:9/x' });
  expect(away).toMatchObject({ code: 1 });
  expect(away.err).toMatch(/^Postgres at 127\.0\.0\.1:9 does not answer .*\n$/);
  url.pathname = '/nowhere';
  const absent = await hashyard(['migrate'], { DATABASE_URL: url.href });
  expect(absent.err).toMatch(/^Postgres has no database "nowhere"\. Create it: createdb nowhere/);
  const russian = await hashyard(['migrate'], { DATABASE_URL: url.href, HASHYARD_LANG: 'ru' });
  expect(russian.err).toMatch(/^В Postgres нет базы «nowhere»/);
  url.username = 'nobody-of-this-name';
  url.password = 'hunter2';
  const refused = await hashyard(['admin', 'create', 'x'], {
    DATABASE_URL: url.href,
    stdin: PASSWORD,
  });
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).not.toContain('hunter2');
});

test('migrate says what it did, would do, and has done', async () => {
  const current = await hashyard(['migrate']);
  expect(current).toMatchObject({ code: 0, out: 'The database is up to date.\n', err: '' });
  const status = await hashyard(['migrate', '--status']);
  expect(status.out).toMatch(/^applied {2}0001_init\.sql {2}\d{4}-.*Z$/m);
  await database.sql.unsafe(
    'create table kept as table schema_migrations; delete from schema_migrations',
  );
  const dry = await hashyard(['migrate', '--dry-run']);
  expect(dry.out).toMatch(/^Would apply: 0001_init\.sql/);
  await database.sql.unsafe('insert into schema_migrations table kept; drop table kept');
});

test('admin create takes the password from standard input or a file, never from the arguments', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hashyard-password-'));
  try {
    const file = join(folder, 'password');
    await writeFile(file, `${PASSWORD}\nsecond line\n`);
    const piped = await hashyard(['admin', 'create', 'olga'], { stdin: `${PASSWORD}\n` });
    expect(piped).toMatchObject({ code: 0, out: 'User "olga" created (admin).\n' });
    const fromFile = await hashyard([
      'admin',
      'create',
      'tenant',
      '--role',
      'client',
      '--password-file',
      file,
    ]);
    expect(fromFile).toMatchObject({ code: 0, out: 'User "tenant" created (client).\n' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const rows = await database.sql<{ username: string; role: string; password_hash: string }[]>`
    select username, role, password_hash from users order by username`;
  expect(rows.map(({ username, role }) => [username, role])).toEqual([
    ['olga', 'admin'],
    ['tenant', 'client'],
  ]);
  for (const row of rows) expect(await verifyPassword(PASSWORD, row.password_hash)).toBe(true);
});

test.each([
  ['a name that is taken', ['Olga'], PASSWORD, /There is a user "Olga" already/],
  ['a short password', ['petr'], 'short', /12 to 128 characters/],
  ['a long password', ['petr'], 'x'.repeat(129), /12 to 128 characters/],
  ['the name as password', ['petr-the-great'], 'Petr-the-Great', /must not be the user name/],
  ['no password', ['petr'], '', /12 to 128 characters/],
  [
    'a file that is not there',
    ['petr', '--password-file', '/nowhere/x'],
    '',
    /Cannot read the password file/,
  ],
])('admin create refuses %s', async (_what, args, stdin, message) => {
  const result = await hashyard(['admin', 'create', ...args], { stdin });
  expect(result).toMatchObject({ code: 1, out: '' });
  expect(result.err).toMatch(message);
});

test('token create prints the token alone, and it is stored as a hash', async () => {
  const made = await hashyard(['token', 'create', 'OLGA', '--name', 'script', '--days', '30']);
  expect(made).toMatchObject({ code: 0, err: 'This is the only time the token is shown:\n' });
  expect(made.out).toMatch(/^hyu_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\n$/);
  const [row] = await database.sql`
    select name, round(extract(epoch from expires_at - now()) / 86400)::int as days, length(secret_sha256) as bytes
    from api_tokens`;
  expect(row).toEqual({ name: 'script', days: 30, bytes: 32 });
  const missing = await hashyard(['token', 'create', 'nobody', '--name', 'x']);
  expect(missing).toMatchObject({ code: 1, out: '' });
  expect(missing.err).toContain('hashyard admin create nobody');
});

test('check goes through everything, with a remedy for what is wrong', async () => {
  const well = await hashyard(['check']);
  expect(well).toMatchObject({ code: 0, err: '' });
  expect(well.out.trimEnd().split('\n')).toHaveLength(7);
  expect(well.out).not.toMatch(/FAIL/);

  const ill = await hashyard(['check'], {
    INFLUX_URL: 'http://127.0.0.1:9',
    DATABASE_URL: 'postgres://u:p@127.0.0.1:9/x',
    HOST: '192.0.2.1',
  });
  expect(ill.code).toBe(1);
  expect(ill.out).toMatch(
    /^FAIL +Postgres: .* does not answer .*Start it, or correct DATABASE_URL/m,
  );
  expect(ill.out).toMatch(/^FAIL +InfluxDB: .* does not answer .*correct INFLUX_URL/m);
  expect(ill.out).toMatch(/^FAIL +port: 192\.0\.2\.1 is not an address of this machine/m);
  expect((await hashyard(['check'], { DATABASE_URL: undefined })).out).toMatch(
    /^FAIL +configuration: /,
  );

  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as { port: number };
  const taken = await hashyard(['check'], { PORT: String(port) });
  stranger.close();
  expect(taken.out).toMatch(/^FAIL +port: .* in use by another program/m);
});

test('serve prints the set-up token while there is no user, and not in its log', async () => {
  await using own = await freshDatabase();
  const server = start(['serve'], { DATABASE_URL: own.url });
  const log = text(server.stdout!);
  const [line] = (await once(createInterface(server.stderr!), 'line')) as [string];
  const token = /One-time token: ([0-9a-f]{64})$/.exec(line)?.[1] ?? '';
  expect(line).toContain(`http://127.0.0.1:${env['PORT']}/setup`);
  const answer = await fetch(`http://127.0.0.1:${env['PORT']}/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, username: 'olga', password: PASSWORD }),
  });
  expect(answer.status).toBe(200);
  server.kill('SIGTERM');
  await once(server, 'exit');
  expect(await log).not.toContain(token);
});

test('serve listens, tells a second one the port is taken, and stops at SIGTERM with status 0', async () => {
  const server = start(['serve']);
  const log = text(server.stdout!);
  try {
    for (;;) {
      const up = await fetch(`http://127.0.0.1:${env['PORT']}/readyz`).catch(() => undefined);
      if (up?.status === 200) break;
      if (server.exitCode !== null) throw new Error(`the server ended: ${await log}`);
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
    const second = start(['serve']);
    const [said, [status]] = await Promise.all([text(second.stderr!), once(second, 'exit')]);
    expect(status).toBe(1);
    expect(said).toContain(`127.0.0.1:${env['PORT']} is in use by another program`);
    expect((await hashyard(['check'])).out).toMatch(/^ok +port: .* a Hashyard server is running/m);
  } finally {
    server.kill('SIGTERM');
  }
  const [code] = await once(server, 'exit');
  expect(code).toBe(0);
  expect(await log).toContain('"msg":"stopped"');
});
