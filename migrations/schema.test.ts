import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { freshDatabase } from '../tests/support/database.ts';
import { dumpSchema } from './dump.ts';

test('schema.sql is what the migrations make', async () => {
  await using database = await freshDatabase();
  const committed = await readFile(new URL('schema.sql', import.meta.url), 'utf8');
  expect(await dumpSchema(database.sql), 'run: npm run schema:dump').toBe(committed);
});

test('refuses to leave out what it cannot write', async () => {
  await using database = await freshDatabase();
  await database.sql`create materialized view everything as select 1 as one`;
  await database.sql`create type colour as enum ('red')`;
  await expect(dumpSchema(database.sql)).rejects.toThrow(/relation everything, type colour/);
});
