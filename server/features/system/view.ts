import type { ISql } from 'postgres';
import type { Influx } from '../../influx/influx.ts';

const HOUR_MS = 3_600_000;

export async function readTables(sql: ISql) {
  return sql<{ name: string; rows: number; bytes: number }[]>`
    select relname as name, greatest(reltuples, 0)::float8 as rows, pg_total_relation_size(oid)::float8 as bytes
    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
    order by bytes desc, relname`;
}

/** What came in within the last hour, and what waits. */
export async function readIngest(sql: ISql, now: Date) {
  const [row] = await sql<
    {
      batches: number;
      samples: number;
      agents: number;
      backlog_batches: number;
      quarantine: number;
      pending_syncs: number;
      last_batch_at: Date | null;
    }[]
  >`
    select count(*)::float8 as batches, coalesce(sum(samples), 0)::float8 as samples,
      count(distinct agent_id)::int as agents, max(first_at) as last_batch_at,
      (select coalesce(sum(case when jsonb_typeof(report #> '{backlog,batches}') = 'number'
        then (report #>> '{backlog,batches}')::float8 end), 0) from agents where is_active) as backlog_batches,
      (select coalesce(sum(held), 0)::float8 from ingest_quarantine_totals) as quarantine,
      (select count(*)::float8 from pending_samples) as pending_syncs
    from ingest_receipts where first_at > ${new Date(now.getTime() - HOUR_MS)}`;
  if (!row) throw new Error('an aggregate without GROUP BY gives one row');
  return row;
}

/** Fields that every point of the measurement has. */
const ALWAYS = { miner: 'up', agent: 'silence_s', board: 'hashrate_ths' } as const;

export async function readPoints(influx: Influx, database: string, now: Date) {
  const sinceS = Math.floor((now.getTime() - HOUR_MS) / 1000);
  return Promise.all(
    Object.entries(ALWAYS).map(async ([measurement, field]) => {
      const answer = await influx
        .query(database, `SELECT count("${field}") FROM "${measurement}" WHERE time >= ${sinceS}s`)
        .catch(() => undefined);
      const value = answer === undefined ? null : (answer[0]?.values[0]?.[1] ?? 0);
      return { measurement, last_hour: typeof value === 'number' ? value : null };
    }),
  );
}
