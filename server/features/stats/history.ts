import type { Influx } from '../../influx/influx.ts';

/** One reading as the old API gives it; `null` = not reported. */
export interface HistoryPoint {
  timestamp: Date;
  hash_rate: number | null;
  accepted_shares: number | null;
  rejected_shares: number | null;
  pool_switches: number | null;
  temperature: number | null;
  fan_speed: number | null;
  power_consumption: number | null;
}

/** Names in the answer → fields of the measurement `miner` (docs/samples.md). */
const FIELDS = {
  hash_rate: 'hashrate_ths',
  accepted_shares: 'accepted',
  rejected_shares: 'rejected',
  pool_switches: 'pool_switches',
  temperature: 'temp_c',
  fan_speed: 'fan_rpm',
  power_consumption: 'power_w',
} as const satisfies Record<Exclude<keyof HistoryPoint, 'timestamp'>, string>;

/**
 * The newest readings of a miner over every series it has been written to, newest first. Slots in which it did not
 * answer hold none of these fields, so InfluxDB leaves them out. Throws `InfluxError`.
 */
export async function readHistory(
  influx: Influx,
  database: string,
  asked: { keys: readonly { scope: string; key: string }[]; since: Date; limit: number },
): Promise<HistoryPoint[]> {
  if (asked.keys.length === 0) return [];
  const columns = Object.entries(FIELDS).map(([name, field]) => `"${field}" AS "${name}"`);
  const answer = await influx.query(
    database,
    `SELECT ${columns.join(', ')} FROM "miner" WHERE (${seriesCondition(asked.keys)})` +
      ` AND time >= ${Math.floor(asked.since.getTime() / 1000)}s ORDER BY time DESC LIMIT ${asked.limit}`,
  );
  return answer.flatMap(({ columns, values }) =>
    values.map((row) => {
      const value = (name: string) => numberOrNull(row[columns.indexOf(name)]);
      return {
        timestamp: new Date((value('time') ?? 0) * 1000),
        hash_rate: value('hash_rate'),
        accepted_shares: value('accepted_shares'),
        rejected_shares: value('rejected_shares'),
        pool_switches: value('pool_switches'),
        temperature: value('temperature'),
        fan_speed: value('fan_speed'),
        power_consumption: value('power_consumption'),
      };
    }),
  );
}

/** InfluxQL: the points of any of these series. */
export function seriesCondition(keys: readonly { scope: string; key: string }[]): string {
  return keys
    .map(({ scope, key }) => `("site" = ${quoted(scope)} AND "miner" = ${quoted(key)})`)
    .join(' OR ');
}

/** Keys are made of a-z, 0-9 and "-"; quoted all the same, as everything that goes into a query. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
