import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../migrations/migrate.ts';
import { findInflux, findPostgres } from '../../simulator/services/find.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Superuser's URL, and the migrated database that tests copy. */
    postgres: { url: string; template: string };
    /** Administrator's access. */
    influx: { url: string; user: string; password: string };
  }
}

/** Real services, once per run; each test has databases of its own in them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const release = new AsyncDisposableStack();
  try {
    const dir = await mkdtemp(join(tmpdir(), 'hashyard-tests-'));
    release.defer(() => rm(dir, { recursive: true, force: true }));
    // Root's Postgres runs as somebody else, who must get through.
    await chmod(dir, 0o711);
    const options = {
      dir,
      env: process.env,
      say: (line: string) => void process.stdout.write(`${line}\n`),
    };
    const database = await findPostgres(options);
    release.defer(() => database.stop());
    const influx = await findInflux(options);
    release.defer(() => influx.stop());

    const template = `template_${randomBytes(6).toString('hex')}`;
    const quiet = { max: 1, onnotice: () => undefined };
    const admin = postgres(database.url, quiet);
    await admin`create database ${admin(template)}`;
    await admin.end();
    release.defer(async () => {
      const sql = postgres(database.url, quiet);
      await sql`drop database if exists ${sql(template)} with (force)`;
      await sql.end();
    });
    const url = new URL(database.url);
    url.pathname = `/${template}`;
    const sql = postgres(url.href, { ...quiet, max: 2 });
    await migrate(sql);
    await sql.end();

    project.provide('postgres', { url: database.url, template });
    project.provide('influx', { url: influx.url, user: influx.user, password: influx.password });
  } catch (error) {
    await release.disposeAsync();
    throw error;
  }
  return () => release.disposeAsync();
}
