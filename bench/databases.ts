import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInfluxd, type InfluxService } from '../simulator/services/influxd.ts';
import { startPostgres, type PostgresService } from '../simulator/services/postgres.ts';

/** Postgres and influxd of one run alone, which end with the stack and leave nothing behind. */
export async function startDatabases(
  stack: AsyncDisposableStack,
  { durable = true }: { durable?: boolean } = {},
): Promise<{ database: PostgresService; influxd: InfluxService }> {
  const dir = await mkdtemp(join(tmpdir(), 'hashyard-bench-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  // Postgres runs as another user when we are root.
  await chmod(dir, 0o711);
  const database = await startPostgres({ dir: join(dir, 'postgres'), durable });
  stack.defer(() => database.stop());
  const influxd = await startInfluxd({ dir: join(dir, 'influxd') });
  stack.defer(() => influxd.stop());
  return { database, influxd };
}
