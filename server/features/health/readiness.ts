import { migrationStatus } from '../../../migrations/migrate.ts';
import { withDeadline } from '../../deadline.ts';
import type { Deps } from '../../deps.ts';

/** Whoever asks does so every few seconds and must hear soon. */
const DEADLINE_MS = 2_000;

export type Check = { ok: true } | { ok: false; reason: string };
export interface Readiness {
  postgres: Check;
  migrations: Check;
  influxdb: Check;
}

/** What this server needs in order to take samples and show them; never throws. */
export async function readiness({
  sql,
  influx,
  config,
}: Pick<Deps, 'sql' | 'influx' | 'config'>): Promise<Readiness> {
  const [postgres, migrations, influxdb] = await Promise.all([
    check(() => sql`select 1`),
    check(async () => {
      const { pending } = await migrationStatus(sql);
      if (pending.length > 0) {
        throw new Error(`${pending.join(', ')} not applied; run: hashyard migrate`);
      }
    }),
    // Not /ping and no SHOW: the one answers without a password, the other without the database.
    check(() =>
      influx.query(config.influx.database, 'SELECT "up" FROM "miner" WHERE time > now() LIMIT 1'),
    ),
  ]);
  return { postgres, migrations, influxdb };
}

async function check(work: () => PromiseLike<unknown>): Promise<Check> {
  try {
    await withDeadline(
      Promise.resolve(work()),
      DEADLINE_MS,
      () => new Error(`no answer within ${DEADLINE_MS} ms`),
    );
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

/** Node puts the text of a refused connection to several addresses into the code only. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
