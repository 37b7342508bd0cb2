import type { ISql } from 'postgres';
import type { Deps } from '../../deps.ts';
import { every } from '../../every.ts';
import { diskSizes } from '../../influx/disk-size.ts';

type StorageDeps = Pick<Deps, 'sql' | 'influx' | 'config' | 'clock'>;

/** What is measured: Postgres as a whole, and each InfluxDB database that says how large it is. */
export interface Size {
  what: string;
  bytes: number;
}

export async function readSizes({ sql, influx, config }: StorageDeps): Promise<Size[]> {
  const [[postgres], influxSizes] = await Promise.all([
    sql<{ bytes: number }[]>`select pg_database_size(current_database())::float8 as bytes`,
    diskSizes(influx, config.influx.database),
  ]);
  const { database, rollupDatabase } = config.influx;
  return [
    { what: 'postgres', bytes: postgres?.bytes ?? 0 },
    ...[database, rollupDatabase].flatMap((name) => {
      const bytes = influxSizes?.get(name);
      return bytes === undefined ? [] : [{ what: `influx ${name}`, bytes }];
    }),
  ];
}

/** Keeps the sizes of today, the last of the day counting, and forgets those older than 400 days. */
export async function noteSizes(deps: StorageDeps): Promise<void> {
  const sizes = await readSizes(deps);
  const day = deps.clock();
  await deps.sql`
    insert into storage_sizes (day, what, bytes)
    select (${day}::timestamptz at time zone 'UTC')::date, what, bytes
    from json_to_recordset(${JSON.stringify(sizes)}::text::json) as x (what text, bytes bigint)
    on conflict (day, what) do update set bytes = excluded.bytes`;
  await deps.sql`
    delete from storage_sizes where day < (${day}::timestamptz at time zone 'UTC')::date - 400`;
}

const HOUR_MS = 3_600_000;

/** Each hour; a server that was off on a day has no size of it. */
export function startNotingSizes(deps: StorageDeps & Pick<Deps, 'log'>): { stop(): Promise<void> } {
  return every(
    HOUR_MS,
    () => noteSizes(deps),
    (error) => deps.log.warn({ err: error }, 'sizes on disk could not be noted'),
  );
}

export interface Growth extends Size {
  /** Bytes a day over the last 30 days at most; null: it is not known for two days yet. */
  per_day: number | null;
  /** At that speed; what is deleted after `retentionDays` stops growing by then. null: not known. */
  in_30_days: number | null;
  in_365_days: number | null;
  history: { day: string; bytes: number }[];
}

const DAYS = 30;

/** Sizes now and to come. `retentionDays` by what is measured: how long it keeps anything. */
export async function forecast(
  sql: ISql,
  sizes: readonly Size[],
  retentionDays: ReadonlyMap<string, number>,
): Promise<Growth[]> {
  const days = await sql<{ what: string; day: string; bytes: number; ago: number }[]>`
    select what, day::text, bytes::float8 as bytes, (max(day) over () - day)::int as ago from storage_sizes
    order by day`;
  return sizes.map(({ what, bytes }) => {
    const history = days.filter((row) => row.what === what);
    const recent = history.filter(({ ago }) => ago <= DAYS);
    const [first, last] = [recent[0], recent.at(-1)];
    const span = first && last ? first.ago - last.ago : 0;
    const perDay = first && last && span > 0 ? (last.bytes - first.bytes) / span : null;
    const limit = retentionDays.get(what) ?? Number.POSITIVE_INFINITY;
    const after = (count: number) => {
      if (perDay === null) return null;
      const most = Math.max(bytes, perDay * limit);
      return Math.max(0, Math.round(Math.min(bytes + perDay * count, most)));
    };
    return {
      what,
      bytes,
      per_day: perDay,
      in_30_days: after(30),
      in_365_days: after(365),
      history: history.map((row) => ({ day: row.day, bytes: row.bytes })),
    };
  });
}
