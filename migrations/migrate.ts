import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReservedSql, Sql } from 'postgres';

/** What of the two histories does not fit; file names, and when the database ran its own (ISO 8601). */
export type MigrationMismatch =
  | { kind: 'newer'; database: string; program: string }
  | { kind: 'edited'; file: string; ranAs: string; ranAt: string };

/** The history in the database and the files do not fit, or a file failed; the message says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly mismatch: MigrationMismatch | undefined;

  constructor(message: string, options?: ErrorOptions & { mismatch?: MigrationMismatch }) {
    super(message, options);
    this.mismatch = options?.mismatch;
  }
}

interface Migration {
  version: number;
  /** File name, e.g. "0001_init.sql". */
  name: string;
  /** Of the file's bytes, hex. */
  sha256: string;
  text: string;
}

export interface MigrationStatus {
  /** In the database, oldest first. */
  applied: { name: string; appliedAt: Date; ms: number }[];
  /** In the files and not in the database, in the order they would run. */
  pending: string[];
}

interface Options {
  log?: { info(fields: object, message: string): void };
  /** Where the numbered files are; the folder of this file unless a test says otherwise. */
  dir?: URL;
}

interface Row {
  version: number;
  name: string;
  sha256: string;
  applied_at: Date;
  ms: number;
}

const HERE = new URL('./', import.meta.url);
const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
/** Not a migration: the dump made by dump.ts. */
const DUMP = 'schema.sql';
/** Any number, as long as nobody else in this database uses it. */
const LOCK = 7_202_611_221;
const LOCK_POLL_MS = 100;
const NO_TRANSACTION = /^-- no-transaction\b/;

/**
 * Brings the database to the newest migration. Safe when several processes start at once: one works,
 * the others wait and find nothing to do. Throws `MigrationError`.
 */
export async function migrate(sql: Sql, options: Options = {}): Promise<{ applied: string[] }> {
  const files = await readMigrations(options.dir ?? HERE);
  if (pendingOf(files, await readHistory(sql)).length === 0) return { applied: [] };

  const connection = await sql.reserve();
  try {
    await lock(connection, options.log);
    try {
      return { applied: await applyPending(connection, files, options.log) };
    } finally {
      await connection`select pg_advisory_unlock(${LOCK})`;
    }
  } finally {
    connection.release();
  }
}

/** What has run and what would run; changes nothing. Throws `MigrationError` as `migrate` would. */
export async function migrationStatus(sql: Sql, options: Options = {}): Promise<MigrationStatus> {
  const files = await readMigrations(options.dir ?? HERE);
  const history = await readHistory(sql);
  return {
    applied: history.map((row) => ({ name: row.name, appliedAt: row.applied_at, ms: row.ms })),
    pending: pendingOf(files, history).map((file) => file.name),
  };
}

async function readMigrations(dir: URL): Promise<Migration[]> {
  const names = (await readdir(dir))
    .filter((name) => name.endsWith('.sql') && name !== DUMP)
    .sort();
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number(FILE_NAME.exec(name)?.[1]);
      if (version !== index + 1) {
        const expected = String(index + 1).padStart(4, '0');
        throw new MigrationError(
          `migrations/${name}: expected the number ${expected}; rename it to ${expected}_what_it_does.sql`,
        );
      }
      const bytes = await readFile(new URL(name, dir));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { version, name, sha256, text: bytes.toString('utf8') };
    }),
  );
}

async function hasHistory(sql: Sql): Promise<boolean> {
  const [row] = await sql`select to_regclass('schema_migrations') is not null as exists`;
  return row?.['exists'] === true;
}

async function readHistory(sql: Sql): Promise<Row[]> {
  if (!(await hasHistory(sql))) return [];
  return sql<
    Row[]
  >`select version, name, sha256, applied_at, ms from schema_migrations order by version`;
}

/** The files still to run, once the history is known to be a beginning of them. */
function pendingOf(files: readonly Migration[], history: readonly Row[]): Migration[] {
  for (const row of history) {
    const file = files[row.version - 1];
    if (!file) {
      const database = history.at(-1)?.name ?? row.name;
      const program = files.at(-1)?.name ?? 'none';
      throw new MigrationError(
        `The database is at migration ${database}, this program knows ${program} at most. ` +
          'Run the newer version of Hashyard that migrated it, or restore a backup made before that.',
        { mismatch: { kind: 'newer', database, program } },
      );
    }
    if (file.sha256 !== row.sha256) {
      const ranAt = row.applied_at.toISOString();
      throw new MigrationError(
        `migrations/${file.name} differs from what this database ran as ${row.name} on ${ranAt}. ` +
          'Restore the file as it was and put the change into a new migration.',
        { mismatch: { kind: 'edited', file: file.name, ranAs: row.name, ranAt } },
      );
    }
  }
  return files.slice(history.length);
}

/**
 * Polls instead of waiting in `pg_advisory_lock`: a waiting statement holds a snapshot, and
 * CREATE INDEX CONCURRENTLY in the process that has the lock would wait for it for ever.
 */
async function lock(connection: ReservedSql, log: Options['log']): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const [row] = await connection`select pg_try_advisory_lock(${LOCK}) as locked`;
    if (row?.['locked']) return;
    if (attempt === 0) log?.info({}, 'another process is migrating the database; waiting for it');
    await sleep(LOCK_POLL_MS);
  }
}

async function applyPending(
  connection: ReservedSql,
  files: readonly Migration[],
  log: Options['log'],
): Promise<string[]> {
  if (!(await hasHistory(connection))) {
    await connection`
      create table schema_migrations (
        version    integer PRIMARY KEY,
        name       text NOT NULL,
        sha256     text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(),
        ms         integer NOT NULL
      )`;
  }
  const pending = pendingOf(files, await readHistory(connection));
  for (const file of pending) {
    const began = performance.now();
    const record = () => connection`
      insert into schema_migrations (version, name, sha256, ms)
      values (${file.version}, ${file.name}, ${file.sha256}, ${Math.round(performance.now() - began)})`;
    await (NO_TRANSACTION.test(file.text) ? applyBare : applyWhole)(connection, file, record);
    log?.info({ migration: file.name, ms: Math.round(performance.now() - began) }, 'migrated');
  }
  return pending.map((file) => file.name);
}

/** One file, one transaction: all of it or nothing. */
async function applyWhole(
  connection: ReservedSql,
  file: Migration,
  record: () => Promise<unknown>,
) {
  try {
    await connection.unsafe('begin');
    await connection.unsafe(file.text);
    await record();
    await connection.unsafe('commit');
  } catch (cause) {
    // On a lost connection the rollback has already happened.
    await connection.unsafe('rollback').catch(() => undefined);
    throw new MigrationError(
      `migrations/${file.name} failed, nothing of it was kept: ${String(cause)}`,
      {
        cause,
      },
    );
  }
}

/** For the single statement of a "-- no-transaction" file, such as CREATE INDEX CONCURRENTLY. */
async function applyBare(connection: ReservedSql, file: Migration, record: () => Promise<unknown>) {
  try {
    await connection.unsafe(file.text);
    await record();
  } catch (cause) {
    throw new MigrationError(
      `migrations/${file.name} failed: ${String(cause)}. It runs without a transaction: remove what it left behind ` +
        '(an INVALID index, for instance), then migrate again.',
      { cause },
    );
  }
}
