import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import postgres from 'postgres';
import { migrate } from '../../migrations/migrate.ts';
import { ensureDatabases } from '../../server/influx/databases.ts';
import { startInfluxd } from '../../simulator/services/influxd.ts';
import { startPostgres } from '../../simulator/services/postgres.ts';
import { dashboards, show } from '../testing/dashboards.ts';
import { farmOn } from '../testing/farm/loaded-farm.ts';
import { draw } from './draw.ts';

const OUT = new URL('../../docs/dashboards/', import.meta.url);

/** Draws every dashboard with the data of the simulated farm, on databases of its own, into docs/dashboards/. */
async function main(): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'hashyard-layout-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const [cluster, influxd] = await Promise.all([
    startPostgres({ dir: join(dir, 'postgres'), durable: false }),
    startInfluxd({ dir: join(dir, 'influxd') }),
  ]);
  stack.defer(() => cluster.stop());
  stack.defer(() => influxd.stop());
  const name = `layout_${randomBytes(4).toString('hex')}`;
  const config = { ...influxd, database: name, rollupDatabase: `${name}_rollup` };
  await ensureDatabases(config, pino({ level: 'silent' }));
  const sql = postgres(cluster.url, { max: 4, onnotice: () => undefined });
  await migrate(sql);
  await using farm = await farmOn(
    { url: cluster.url, sql, [Symbol.asyncDispose]: () => sql.end() },
    { config, [Symbol.asyncDispose]: () => Promise.resolve() },
  );
  const site = farm.scopes.North;
  const chosen: Record<string, Record<string, string>> = {
    site: { site },
    heat: { site },
    miner: { miner: String(farm.miners['restarted']) },
  };
  await mkdir(OUT, { recursive: true });
  for (const [file, dashboard] of Object.entries(dashboards)) {
    const shown = await show(farm, file, '24 h', chosen[file]);
    for (const theme of ['dark', 'light'] as const) {
      await writeFile(new URL(`${file}-${theme}.svg`, OUT), await draw(dashboard, shown, theme));
    }
    process.stdout.write(`docs/dashboards/${file}-dark.svg, ${file}-light.svg\n`);
  }
}

await main();
