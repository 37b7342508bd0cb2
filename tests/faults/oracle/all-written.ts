import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { askInflux } from '../../../simulator/services/influxql.ts';
import type { Rig } from '../rig/rig.ts';
import type { Heard } from './leaks.ts';

/** Everything in Postgres as text, and everything in InfluxDB. */
export async function dump(rig: Rig): Promise<Heard[]> {
  const dumped: Heard[] = [];
  const tables = await rig.sql<{ schema: string; name: string }[]>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_schema in ('public', 'grafana')`;
  for (const { schema, name } of tables) {
    const rows = await rig.sql<{ row: string }[]>`
      select t::text as row from ${rig.sql(schema)}.${rig.sql(name)} t`;
    dumped.push({ where: `table ${schema}.${name}`, text: rows.map(({ row }) => row).join('\n') });
  }
  for (const database of ['hashyard', 'hashyard_rollup']) {
    const series = await askInflux(rig.influx, database, 'SELECT * FROM /.*/ GROUP BY *');
    dumped.push({ where: `InfluxDB ${database}`, text: JSON.stringify(series) });
  }
  return dumped;
}

/** Logs and batch files under the run's folder. */
export async function written(dir: string): Promise<Heard[]> {
  const found: Heard[] = [];
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.parentPath.includes('/cluster/')) continue;
    const path = join(entry.parentPath, entry.name);
    if (path.includes('/build/')) continue;
    if (entry.name.endsWith('.log')) {
      // The one line that is meant for the eyes of whoever started the server.
      const text = (await readFile(path, 'utf8')).replaceAll(/One-time token: \w+$/gm, '');
      found.push({ where: path.slice(dir.length + 1), text });
    } else if (entry.name.endsWith('.json.gz')) {
      const text = gunzipSync(await readFile(path)).toString();
      found.push({ where: path.slice(dir.length + 1), text });
    }
  }
  return found;
}

/** A program of the project with this configuration; what it says, however it ends. */
export function output(
  project: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Heard> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(project, args[0]!), ...args.slice(1)],
      { env: { PATH: process.env['PATH'], ...env }, timeout: 30_000 },
      (_error, stdout, stderr) => {
        resolve({ where: `the output of ${args.slice(0, 2).join(' ')}`, text: stdout + stderr });
      },
    );
  });
}
