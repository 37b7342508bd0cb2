import { expect, test } from 'vitest';
import { freshDatabase } from './database.ts';
import { freshInflux } from './influx.ts';

test('a fresh database is migrated, empty, and nobody else sees it', async () => {
  await using one = await freshDatabase();
  await using other = await freshDatabase();
  await one.sql`insert into sites (name) values ('North')`;
  expect(await one.sql`select name from sites`).toHaveLength(1);
  expect(await other.sql`select name from sites`).toHaveLength(0);
});

test('a disposed database is gone, also while connections are open', async () => {
  const gone = await freshDatabase();
  await gone.sql`select 1`;
  await gone[Symbol.asyncDispose]();
  await using other = await freshDatabase();
  const name = new URL(gone.url).pathname.slice(1);
  expect(await other.sql`select 1 from pg_database where datname = ${name}`).toHaveLength(0);
});

test('two fresh InfluxDB databases exist, and are gone after dispose', async () => {
  const influx = await freshInflux();
  const { url, user, password, database, rollupDatabase } = influx.config;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const databases = async () => {
    const answer = await fetch(`${url}/query?q=SHOW%20DATABASES`, { headers: { authorization } });
    return answer.text();
  };
  expect(await databases()).toContain(`"${database}"`);
  expect(await databases()).toContain(`"${rollupDatabase}"`);
  await influx[Symbol.asyncDispose]();
  expect(await databases()).not.toContain(database);
});
