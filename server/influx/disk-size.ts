import type { Influx } from './influx.ts';

/**
 * Bytes each database takes on disk, as InfluxDB 1.x tells (SHOW STATS; with authentication only to its
 * administrators). Undefined: this version, or these credentials, cannot say. Throws nothing.
 */
export async function diskSizes(
  influx: Influx,
  database: string,
): Promise<Map<string, number> | undefined> {
  const shards = await influx.query(database, "SHOW STATS FOR 'shard'").catch(() => undefined);
  if (!shards || shards.length === 0) return undefined;
  const sizes = new Map<string, number>();
  for (const { tags, columns, values } of shards) {
    const name = tags['database'] ?? '';
    const bytes = values[0]?.[columns.indexOf('diskBytes')];
    if (typeof bytes === 'number') sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  }
  return sizes;
}
