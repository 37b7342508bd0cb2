import type { Sql } from 'postgres';
import { migrationStatus } from '../../../migrations/migrate.ts';
import { withDeadline } from '../../deadline.ts';
import type { Influx } from '../../influx/influx.ts';

/** Whoever asks does so every few seconds and must hear soon. */
const DEADLINE_MS = 2_000;

export type Check = { ok: true } | { ok: false; reason: string };
export interface Readiness {
  postgres: Check;
  migrations: Check;
  influxdb: Check;
}

/** What this server needs in order to take samples and show them; never throws. */
export async function readiness({ sql, influx }: { sql: Sql; influx: Influx }): Promise<Readiness> {
  const [postgres, migrations, influxdb] = await Promise.all([
    check(() => sql`select 1`),
    check(async () => {
      const { pending } = await migrationStatus(sql);
      if (pending.length > 0) {
        throw new Error(`${pending.join(', ')} not applied; run: hashyard migrate`);
      }
    }),
    check(() => influx.ping()),
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
