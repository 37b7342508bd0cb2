import type { Sql } from 'postgres';
import { askInflux, type InfluxAccess } from '../../../simulator/services/influxql.ts';

/** Everything a farm's batches leave behind, one text for each row, by table: to be compared, not read. */
export type StoredState = Record<string, string[]>;

/**
 * Left out is what tells when and how often something was delivered, and numbers given in the order of arrival.
 * `miners.seen_at` moves in steps of an hour, so rows hold only whether it is within one of the newest sample.
 */
export async function storedState(sql: Sql, influx: InfluxAccess): Promise<StoredState> {
  const points = async (measurement: string): Promise<string[]> => {
    const series = await askInflux(influx, 'hashyard', `SELECT * FROM ${measurement} GROUP BY *`);
    return series
      .flatMap(({ tags, columns, values }) =>
        values.map((row) =>
          JSON.stringify([tags, columns.map((column, index) => [column, row[index]])]),
        ),
      )
      .sort((a, b) => (a < b ? -1 : 1));
  };
  return {
    'points of miner': await points('miner'),
    'points of board': await points('board'),
    miners: await rows(sql`
      select k.key, to_jsonb(m) - 'id' - 'created_at' - 'seen_at' as miner,
        l.at - m.seen_at <= interval '1 hour' as seen
      from miner_keys k join miners m on m.id = k.miner_id left join miner_latest l on l.miner_id = m.id
      order by k.scope, k.key`),
    'rows of miners': await rows(sql`select count(*) from miners`),
    'latest states': await rows(sql`
      select k.key, to_jsonb(l) - 'miner_id' as latest
      from miner_keys k join miner_latest l on l.miner_id = k.miner_id order by k.scope, k.key`),
    agents: await rows(sql`select id, report from agents order by id`),
    gaps: await rows(
      sql`select to_jsonb(g) - 'at' as gap from ingest_gaps g order by agent_id, gap_id`,
    ),
    quarantine: await rows(sql`
      select to_jsonb(q) - 'id' - 'at' as item from ingest_quarantine q order by queue_id, seq, idx`),
    scans: await rows(sql`select to_jsonb(s) as scan from scan_reports s order by agent_id`),
    receipts: await rows(sql`
      select queue_id, seq, encode(sha256, 'hex'), samples from ingest_receipts order by queue_id, seq`),
  };
}

async function rows(query: Promise<readonly object[]>): Promise<string[]> {
  return (await query).map((row) => JSON.stringify(row));
}

/** In words, what of `other` is not as in `reference`; empty when nothing. */
export function differences(reference: StoredState, other: StoredState): string[] {
  const found: string[] = [];
  for (const [table, expected] of Object.entries(reference)) {
    const actual = other[table] ?? [];
    const wrong = expected.findIndex((row, index) => row !== actual[index]);
    if (wrong === -1 && actual.length === expected.length) continue;
    const count = expected.filter((row, index) => row !== actual[index]).length;
    found.push(
      `${table}: ${count} of ${expected.length} rows differ (${actual.length} are there), e.g. ${actual[wrong]} instead of ${expected[wrong]}`,
    );
  }
  return found;
}
