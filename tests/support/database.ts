import { randomBytes } from 'node:crypto';
import postgres, { type Sql } from 'postgres';
import { inject } from 'vitest';

export interface FreshDatabase {
  url: string;
  sql: Sql;
  [Symbol.asyncDispose](): Promise<void>;
}

const QUIET = { onnotice: () => undefined };

/** A database of the test's own, migrated, in 30–40 ms; dropped on dispose. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const { url: adminUrl, template } = inject('postgres');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(
    adminUrl,
    (admin) => admin`create database ${admin(name)} template ${admin(template)}`,
  );
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const sql = postgres(url.href, { max: 5, ...QUIET });
  return {
    url: url.href,
    sql,
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 });
      await asAdmin(
        adminUrl,
        (admin) => admin`drop database if exists ${admin(name)} with (force)`,
      );
    },
  };
}

async function asAdmin(url: string, work: (admin: Sql) => Promise<unknown>): Promise<void> {
  const admin = postgres(url, { max: 1, ...QUIET });
  try {
    await work(admin);
  } finally {
    await admin.end({ timeout: 1 });
  }
}
