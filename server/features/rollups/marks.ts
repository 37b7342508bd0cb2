import type { ISql, Sql, TransactionSql } from 'postgres';
import type { MinerSample } from '#contract/miner.ts';
import { modelTag } from '../ingest/series-key.ts';
import { HOUR_S } from './hour.ts';
import { rowOf, storedSample, type Row, type StoredSample } from './samples.ts';

/** Samples of the last minutes are handed to the rollups directly. */
const FRESH_S = 15 * 60;

/** The rows that say which hours a sync touches. */
export interface Mark {
  id: string;
  scope: string;
  hourS: number;
  fromS: number;
  toS: number;
}

/** What the rollups need of a sample that is being stored. */
export interface MarkedSample {
  key: string;
  timeS: number;
  sample: MinerSample;
}

/**
 * Says that samples of these times are about to be written to InfluxDB. To be committed before the first of them is, so
 * that a crash at any moment leaves a mark: what may have been written is looked at.
 */
export async function markBegun(
  tx: TransactionSql,
  scope: string,
  times: Iterable<number>,
  now: Date,
): Promise<Mark[]> {
  const hours = hoursOf(scope, times);
  if (hours.length === 0) return [];
  return tx<Mark[]>`
    INSERT INTO rollup_marks (scope, hour_s, from_s, to_s, at)
    SELECT scope, "hourS", "fromS", "toS", ${now} FROM ${recordset(tx, hours)}
    RETURNING id::text, scope, hour_s::float8 AS "hourS", from_s::float8 AS "fromS", to_s::float8 AS "toS"`;
}

/**
 * Says that they are written. `samples` are all of them as InfluxDB has them; null when that is not known for sure: the
 * rollups then read InfluxDB.
 */
export async function markWritten(
  sql: Sql,
  marks: readonly Mark[],
  samples: readonly MarkedSample[] | null,
  now: Date,
): Promise<void> {
  if (marks.length === 0) return;
  const sinceS = now.getTime() / 1000 - FRESH_S;
  for (const { id, hourS, fromS } of samples === null ? [] : marks) {
    if (fromS < sinceS) continue;
    const ofHour = samples?.filter(({ timeS }) => timeS >= hourS && timeS < hourS + HOUR_S) ?? [];
    await sql`
      INSERT INTO rollup_fresh (mark_id, samples)
      SELECT id, ${textOf(ofHour)} FROM rollup_marks WHERE id = ${id}::bigint
      ON CONFLICT DO NOTHING`;
  }
  const ids = marks.map(({ id }) => id);
  const there = await sql<{ id: string }[]>`
    UPDATE rollup_marks SET written = true WHERE id = ANY(${ids}::bigint[]) RETURNING id::text`;
  if (there.length === marks.length) return;
  // The rollups did not wait any longer, and may have looked before the last sample was written.
  const gone = marks.filter(({ id }) => !there.some((one) => one.id === id));
  await markAgain(sql, gone, now);
}

/** Marks for the same hours once more, of samples that are written. */
export async function markAgain(
  sql: ISql,
  marks: readonly Omit<Mark, 'id'>[],
  now: Date,
): Promise<void> {
  await sql`
    INSERT INTO rollup_marks (scope, hour_s, from_s, to_s, at, written)
    SELECT scope, "hourS", "fromS", "toS", ${now}, true FROM ${recordset(sql, marks)}`;
}

/** One for each hour the times (epoch seconds) lie in. */
export function hoursOf(scope: string, times: Iterable<number>): Omit<Mark, 'id'>[] {
  const hours = new Map<number, Omit<Mark, 'id'>>();
  for (const timeS of times) {
    const hourS = timeS - (timeS % HOUR_S);
    const hour = hours.get(hourS);
    if (!hour) hours.set(hourS, { scope, hourS, fromS: timeS, toS: timeS });
    else {
      hour.fromS = Math.min(hour.fromS, timeS);
      hour.toS = Math.max(hour.toS, timeS);
    }
  }
  return [...hours.values()];
}

function recordset(sql: ISql, marks: readonly Omit<Mark, 'id'>[]) {
  return sql`json_to_recordset(${JSON.stringify(marks)}::text::json)
    AS x (scope text, "hourS" bigint, "fromS" bigint, "toS" bigint)`;
}

type Kept = [miner: string, model: string, row: Row];

function textOf(samples: readonly MarkedSample[]): string {
  const models = new Map<string, string>();
  const modelOf = ({ manufacturer, model }: MinerSample): string => {
    const name = `${manufacturer ?? ''}\n${model ?? ''}`;
    const tag = models.get(name) ?? modelTag(manufacturer, model);
    models.set(name, tag);
    return tag;
  };
  return JSON.stringify(
    samples.map(({ key, timeS, sample }): Kept => [key, modelOf(sample), rowOf(sample, timeS)]),
  );
}

/** The samples as `markWritten` kept them. */
export function freshSamples(text: string): StoredSample[] {
  return (JSON.parse(text) as Kept[]).map(([miner, model, row]) => storedSample(miner, model, row));
}
