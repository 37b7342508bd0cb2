import { createServer } from 'node:net';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { announce } from '../../tests/support/announce.ts';
import { docker, findInflux, findPostgres } from './find.ts';
import { startInfluxd } from './influxd.ts';
import { refuseTakenPort } from './ports.ts';
import { startPostgres } from './postgres.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hashyard-services-'));
  await chmod(dir, 0o711);
});
afterAll(() => rm(dir, { recursive: true }));

test('Postgres keeps what was committed when it is killed and started again on its folder', async () => {
  const first = await startPostgres({ dir: join(dir, 'kept') });
  const before = postgres(first.url, { onnotice: () => undefined });
  await before`create table kept (n integer)`;
  await before`insert into kept values (42)`;
  await first.kill();
  await before.end({ timeout: 1 });

  const second = await startPostgres({ dir: join(dir, 'kept') });
  const after = postgres(second.url);
  expect(await after`select n from kept`).toEqual([{ n: 42 }]);
  await after.end();
  await second.stop();
});

test('Postgres folds Cyrillic case, so that a login is one login in any spelling', async () => {
  const service = await startPostgres({ dir: join(dir, 'folds'), durable: false });
  const sql = postgres(service.url);
  expect(await sql`select lower('ИВАН') as folded`).toEqual([{ folded: 'иван' }]);
  await sql.end();
  await service.stop();
});

test('InfluxDB keeps what it answered when it is killed and started again on its folder', async () => {
  const first = await startInfluxd({ dir: join(dir, 'influx') });
  const headers = {
    authorization: `Basic ${Buffer.from(`${first.user}:${first.password}`).toString('base64')}`,
  };
  const post = (url: string, path: string, body: string | URLSearchParams) =>
    fetch(`${url}${path}`, { method: 'POST', headers, body });
  await post(first.url, '/query', new URLSearchParams({ q: 'CREATE DATABASE kept' }));
  // 1.6.7 has been seen to say 404 to a write just after it has made the database.
  await expect
    .poll(async () => (await post(first.url, '/write?db=kept&precision=s', 'm v=42 1')).status, {
      timeout: 10_000,
    })
    .toBe(204);
  await first.kill();

  const second = await startInfluxd({ dir: join(dir, 'influx') });
  const answer = await post(
    second.url,
    '/query?db=kept',
    new URLSearchParams({ q: 'SELECT v FROM m' }),
  );
  expect(await answer.text()).toContain('42');
  expect((await fetch(`${second.url}/query?q=SHOW+DATABASES`)).status).toBe(401);
  await second.stop();
});

test('a taken port is refused by name', async () => {
  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as { port: number };
  await expect(refuseTakenPort(port)).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
  await expect(startPostgres({ dir: join(dir, 'taken'), port })).rejects.toThrow('is taken');
  await expect(startInfluxd({ dir: join(dir, 'taken'), port })).rejects.toThrow('is taken');
  stranger.close();
  await once(stranger, 'close');
  await expect(refuseTakenPort(port)).resolves.toBeUndefined();
});

test('the environment names the services before anything is started', async () => {
  const said: string[] = [];
  const options = {
    dir: join(dir, 'unused'),
    env: {
      TEST_DATABASE_URL: 'postgres://db.example/x',
      TEST_INFLUX_URL: 'http://influx.example/',
    },
    say: (line: string) => void said.push(line),
  };
  expect((await findPostgres(options)).url).toBe('postgres://db.example/x');
  expect(await findInflux(options)).toMatchObject({ url: 'http://influx.example', user: 'admin' });
  expect(said).toEqual([
    'Postgres: the server of TEST_DATABASE_URL',
    'InfluxDB: the server of TEST_INFLUX_URL',
  ]);
  expect(await readdir(dir)).not.toContain('unused');
});

test('without the environment: Docker when it answers, else programs of this machine', async () => {
  const said: string[] = [];
  const options = { dir: join(dir, 'found'), env: {}, say: (line: string) => void said.push(line) };
  const found = [await findPostgres(options), await findInflux(options)];
  const inDocker = (await docker()) !== null;
  if (!inDocker)
    announce('LEFT OUT: containers of postgres:17 and influxdb:2.7 (no Docker engine answers)');
  expect(said).toEqual([
    expect.stringMatching(
      inDocker ? /^Postgres: postgres:17 in Docker$/ : /^Postgres: Postgres \d+/,
    ),
    expect.stringMatching(
      inDocker ? /^InfluxDB: influxdb:2.7 in Docker$/ : /^InfluxDB: InfluxDB 1\./,
    ),
  ]);
  for (const service of found) await service.stop();
});
