import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import postgres, { type Sql } from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../tests/support/database.ts';
import { migrate, migrationStatus, MigrationError } from './migrate.ts';

const HERE = new URL('./', import.meta.url);

let database: FreshDatabase;
let sql: Sql;
let folder: string;
let dir: URL;

/** An empty database and a folder of migrations of the test's own. */
beforeEach(async () => {
  database = await freshDatabase();
  ({ sql } = database);
  await sql.unsafe(
    'set client_min_messages = warning; drop schema grafana cascade; drop schema public cascade; create schema public',
  );
  folder = await mkdtemp(join(tmpdir(), 'hashyard-migrate-'));
  dir = pathToFileURL(`${folder}/`);
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const put = (name: string, text: string) => writeFile(join(folder, name), text);
const tables = async () => {
  const rows = await sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`;
  return rows.map((row) => row.name);
};

test('takes an empty database to the newest migration, and does nothing the second time', async () => {
  const files = (await readdir(HERE)).filter((name) => /^\d.*\.sql$/.test(name)).sort();
  expect(await migrate(sql)).toEqual({ applied: files });
  expect(await tables()).toEqual(expect.arrayContaining(['miners', 'schema_migrations', 'sites']));
  expect(await migrate(sql)).toEqual({ applied: [] });
  const status = await migrationStatus(sql);
  expect(status.applied.map((row) => row.name)).toEqual(files);
  expect(status.pending).toEqual([]);
});

test('ten at once: one works, the others find it done', async () => {
  await put('0001_first.sql', 'create table a (id integer primary key); select pg_sleep(0.3);');
  await put('0002_second.sql', 'create table b (id integer primary key);');
  const pools = Array.from({ length: 10 }, () => postgres(database.url, { max: 1 }));
  try {
    const results = await Promise.all(pools.map((pool) => migrate(pool, { dir })));
    expect(results.flatMap((result) => result.applied)).toEqual([
      '0001_first.sql',
      '0002_second.sql',
    ]);
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
  }
  expect(await tables()).toEqual(['a', 'b', 'schema_migrations']);
});

test('an index built concurrently while another process waits does not deadlock', async () => {
  await put('0001_table.sql', 'create table a (id integer primary key);');
  await put('0002_index.sql', '-- no-transaction\ncreate index concurrently a_again on a (id);');
  const pools = Array.from({ length: 3 }, () => postgres(database.url, { max: 1 }));
  try {
    await Promise.all(pools.map((pool) => migrate(pool, { dir })));
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
  }
  const [index] = await sql`select indisvalid from pg_index where indexrelid = 'a_again'::regclass`;
  expect(index).toEqual({ indisvalid: true });
});

test('status names what would run, and changes nothing', async () => {
  await put('0001_first.sql', 'create table a (id integer primary key);');
  expect(await migrationStatus(sql, { dir })).toEqual({ applied: [], pending: ['0001_first.sql'] });
  expect(await tables()).toEqual([]);
});

test('a failing file leaves nothing behind, and earlier files stay', async () => {
  await put('0001_first.sql', 'create table a (id integer primary key);');
  await put('0002_second.sql', 'create table b (id integer primary key); select 1/0;');
  await expect(migrate(sql, { dir })).rejects.toThrow(
    /^migrations\/0002_second\.sql failed, nothing of it was kept: .*division by zero/,
  );
  expect(await tables()).toEqual(['a', 'schema_migrations']);
  expect((await migrationStatus(sql, { dir })).pending).toEqual(['0002_second.sql']);

  await put('0002_second.sql', 'create table b (id integer primary key);');
  expect(await migrate(sql, { dir })).toEqual({ applied: ['0002_second.sql'] });
});

test('refuses a file that was edited after it ran', async () => {
  await put('0001_first.sql', 'create table a (id integer primary key);');
  await migrate(sql, { dir });
  await put('0001_first.sql', 'create table a (id bigint primary key);');
  await expect(migrate(sql, { dir })).rejects.toThrow(
    /0001_first\.sql differs .* Restore the file/,
  );
  await expect(migrationStatus(sql, { dir })).rejects.toBeInstanceOf(MigrationError);
});

test('refuses a database that a newer version migrated', async () => {
  await put('0001_first.sql', 'create table a (id integer primary key);');
  await put('0002_second.sql', 'create table b (id integer primary key);');
  await migrate(sql, { dir });
  await rm(join(folder, '0002_second.sql'));
  await expect(migrate(sql, { dir })).rejects.toThrow(
    /at migration 0002_second\.sql, this program knows 0001_first\.sql at most\. Run the newer version/,
  );
});

test('refuses a gap in the numbers', async () => {
  await copyFile(new URL('0001_init.sql', HERE), join(folder, '0001_init.sql'));
  await put('0003_third.sql', 'select 1;');
  await expect(migrate(sql, { dir })).rejects.toThrow(/0003_third\.sql: expected the number 0002/);
});
