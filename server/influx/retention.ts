import { RAW_RETENTION_DAYS } from './databases.ts';
import type { Influx } from './influx.ts';

/** Days a database keeps its points by default; null: for ever, or InfluxDB does not say. */
export async function readRetentionDays(influx: Influx, name: string): Promise<number | null> {
  const policies = await influx.query(name, `SHOW RETENTION POLICIES ON "${name}"`).catch(() => []);
  const days = policies.flatMap(({ columns, values }) =>
    values
      .filter((row) => row[columns.indexOf('default')] === true)
      .map((row) => hoursOf(String(row[columns.indexOf('duration')])) / 24),
  );
  return days[0] || null;
}

/** Days raw samples are there for sure: an administrator may keep them for less than we do. */
export async function rawRetentionDays(influx: Influx, name: string): Promise<number> {
  return Math.min(RAW_RETENTION_DAYS, (await readRetentionDays(influx, name)) ?? Infinity);
}

/** "720h0m0s" → 720. */
function hoursOf(duration: string): number {
  return Number(/^(\d+)h/.exec(duration)?.[1] ?? 0);
}
