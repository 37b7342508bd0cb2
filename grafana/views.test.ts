import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { migrate } from '../migrations/migrate.ts';
import { modelTag } from '../server/features/ingest/series-key.ts';
import { listLatest } from '../server/features/miners/view.ts';
import { startPostgres } from '../simulator/services/postgres.ts';
import { freshDatabase, type FreshDatabase } from '../tests/support/database.ts';

const QUIET = { max: 1, onnotice: () => undefined };

describe('the role hashyard_grafana', () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test('reads every view, and no table', async () => {
    const grafana = await database.sql.reserve();
    try {
      const relations = await grafana<{ name: string; view: boolean }[]>`
        select quote_ident(table_schema) || '.' || quote_ident(table_name) as name, table_schema = 'grafana' as view
        from information_schema.tables where table_schema in ('public', 'grafana')`;
      expect(relations.filter(({ view }) => view).length).toBeGreaterThanOrEqual(5);
      expect(relations.filter(({ view }) => !view).length).toBeGreaterThan(10);
      await grafana`set role hashyard_grafana`;
      for (const { name, view } of relations) {
        const outcome = await grafana.unsafe(`select from ${name}`).then(
          () => 'read',
          (error: unknown) => (error instanceof postgres.PostgresError ? error.code : error),
        );
        expect(`${name} ${String(outcome)}`).toBe(`${name} ${view ? 'read' : '42501'}`);
      }
      await expect(grafana`create table grafana.mine ()`).rejects.toThrow('permission denied');
      await grafana`reset role`;
    } finally {
      grafana.release();
    }
  });

  test('shows no hash, key or address of people', async () => {
    const columns = await database.sql<{ column_name: string }[]>`
      select column_name from information_schema.columns where table_schema = 'grafana'`;
    const names = columns.map((column) => column.column_name);
    expect(names.filter((name) => /sha256|password|key_id|secret|email/.test(name))).toEqual([]);
  });

  test('sees views of later migrations', async () => {
    await database.sql`create view grafana.later as select 1 as one`;
    const grafana = await database.sql.reserve();
    await grafana`set role hashyard_grafana`;
    expect(await grafana`select one from grafana.later`).toEqual([{ one: 1 }]);
    await grafana`reset role`;
    grafana.release();
  });
});

test('databases of one new cluster may be migrated at the same moment', async () => {
  // A cluster of its own: in the shared one the role exists already, and the race is over.
  const dir = await mkdtemp(join(tmpdir(), 'hashyard-cluster-'));
  const cluster = await startPostgres({ dir });
  const admin = postgres(cluster.url, QUIET);
  try {
    const names = ['one', 'two', 'three', 'four'];
    for (const name of names) await admin`create database ${admin(name)}`;
    const outcomes = await Promise.all(names.map((name) => migrated(inCluster(cluster.url, name))));
    for (const applied of outcomes) expect(applied).toContain('0002_grafana_views.sql');
    const roles = await admin`select rolcanlogin from pg_roles where rolname = 'hashyard_grafana'`;
    expect(roles).toEqual([{ rolcanlogin: false }]);
  } finally {
    await admin.end();
    await cluster.stop();
    await rm(dir, { recursive: true });
  }
});

test('an owner who may not create roles migrates all the same', async () => {
  const name = `owner_${randomBytes(4).toString('hex')}`;
  await asAdmin(async (admin) => {
    await admin.unsafe(`create role ${name} login password 'test' nosuperuser nocreaterole`);
    await admin.unsafe(`create database ${name} owner ${name}`);
  });
  try {
    const url = new URL(inCluster(inject('postgres').url, name));
    url.username = name;
    url.password = 'test';
    expect(await migrated(url.href)).toContain('0002_grafana_views.sql');
  } finally {
    await asAdmin(async (admin) => {
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.unsafe(`drop role ${name}`);
    });
  }
});

test('a state in the view is the state of the API', async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const now = Date.now();
  const ago = (seconds: number) => new Date(now - seconds * 1000);
  const agents = await sql<{ id: number }[]>`
    insert into agents ${sql([
      { name: 'speaking', last_seen_at: ago(30) },
      { name: 'silent', last_seen_at: ago(600) },
    ])} returning id`;
  const cases = [false, true].flatMap((agentSilent) =>
    [false, true].flatMap((sampleStale) =>
      [false, true].flatMap((reachable) =>
        [null, 0, 50, 95].flatMap((hashrateThs) =>
          [null, 100].flatMap((expectedThs) =>
            [null, false, true].map((mining) => ({
              agentSilent,
              sampleStale,
              reachable,
              hashrateThs,
              expectedThs,
              mining,
            })),
          ),
        ),
      ),
    ),
  );
  const agentId = (silent: boolean) => agents[silent ? 1 : 0]?.id ?? 0;
  const miners = await sql<{ id: number }[]>`
    insert into miners ${sql(
      cases.map((each, index) => ({
        scope: `agent-${agentId(each.agentSilent)}`,
        agent_id: agentId(each.agentSilent),
        name: String(index),
        ip_address: '10.0.0.1',
        port: index + 1,
        seen_at: ago(0),
      })),
    )} returning id`;
  await sql`insert into miner_latest ${sql(
    cases.map((each, index) => ({
      miner_id: miners[index]?.id ?? 0,
      at: ago(each.sampleStale ? 3600 : 60),
      reachable: each.reachable,
      hashrate_ths: each.hashrateThs,
      expected_ths: each.expectedThs,
      mining: each.mining,
    })),
  )}`;
  // What people expect of every fifth one outweighs what it says.
  await sql`update miners set expected_ths = 50 where id % 5 = 0`;
  const rows = await sql<
    { id: number; state: string; expected_hash_rate: number | null }[]
  >`select id, state, expected_ths as expected_hash_rate from grafana.miners order by id`;
  const listed = await listLatest(sql, null, {}, new Date(now));
  const expected = listed
    .map(({ id, state, expected_hash_rate }) => ({ id, state, expected_hash_rate }))
    .sort((a, b) => a.id - b.id);
  expect(rows).toEqual(expected);
  expect(new Set(rows.map(({ state }) => state)).size).toBe(5);
});

test('a model has the tag its samples have', async () => {
  await using database = await freshDatabase();
  const models = [
    ['AntMiner', 'S19j Pro+'],
    ['WhatsMiner', 'M30S++_VE40'],
    ['Bitaxe', 'Gamma 601 (rev. 2)'],
    [null, 'T17'],
    ['Канаан', 'Авалон'],
    ['', '+'],
    [null, null],
    ['x'.repeat(40), 'y'.repeat(40)],
    ['x'.repeat(63), '. z'],
  ] as const;
  for (const [manufacturer, model] of models) {
    const [row] = await database.sql<{ tag: string }[]>`
      select model_tag(${manufacturer}, ${model}) as tag`;
    expect(row?.tag).toBe(modelTag(manufacturer, model));
  }
});

async function migrated(url: string): Promise<string[]> {
  const sql = postgres(url, { ...QUIET, max: 2 });
  try {
    return (await migrate(sql)).applied;
  } finally {
    await sql.end();
  }
}

function inCluster(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href;
}

async function asAdmin(work: (admin: postgres.Sql) => Promise<unknown>): Promise<void> {
  const admin = postgres(inject('postgres').url, QUIET);
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
