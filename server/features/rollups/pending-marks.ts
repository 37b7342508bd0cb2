import type { ISql, Sql } from 'postgres';
import { HOUR_S } from './hour.ts';
import type { Mark } from './marks.ts';

/** Scopes of marks that sites' points have been written, and those of the fleet have not. */
export const FLEET = 'fleet';
export const FLEET_HOURS = 'fleet 1h';

/** A sync takes less; samples of one that has not ended by then may be in InfluxDB or not. */
const LOST_MS = 30_000;
/** Marks looked at in one round. */
const MOST = 20_000;

export interface PendingMark extends Mark {
  at: Date;
  written: boolean;
  /** Its samples lie in `rollup_fresh`. */
  fresh: boolean;
}

/** This server leads no longer; what it was at is done by the one that does. */
export class LeadLost extends Error {
  override readonly name = 'LeadLost';
  constructor() {
    super('another server may compute the rollups now');
  }
}

/** All that waits, by scope, the present hours first: however long the past takes, they are not held up by it. */
export async function pendingMarks(sql: Sql): Promise<Map<string, PendingMark[]>> {
  const rows = await sql<PendingMark[]>`
    SELECT m.id::text, m.scope, m.hour_s::float8 AS "hourS", m.from_s::float8 AS "fromS", m.to_s::float8 AS "toS",
      m.at, m.written, f.mark_id IS NOT NULL AS fresh
    FROM rollup_marks m LEFT JOIN rollup_fresh f ON f.mark_id = m.id
    ORDER BY m.hour_s DESC, m.id LIMIT ${MOST}`;
  return Map.groupBy(rows, ({ scope }) => scope);
}

/** Stored samples that are not in the rollups yet, as so many marks, and when the first of them was made. */
export async function rollupsWaiting(sql: ISql): Promise<{ waiting: number; oldest: Date | null }> {
  const [row] = await sql<{ waiting: number; oldest: Date | null }[]>`
    SELECT count(*)::int AS waiting, min(at) AS oldest FROM rollup_marks`;
  return row ?? { waiting: 0, oldest: null };
}

/** Hours of which minutes have been written and the hour itself has not, by scope, oldest first. */
export async function openHours(sql: Sql): Promise<Map<string, number[]>> {
  const rows = await sql<{ scope: string; hourS: number }[]>`
    SELECT scope, hour_s::float8 AS "hourS" FROM rollup_open_hours ORDER BY hour_s`;
  const byScope = Map.groupBy(rows, ({ scope }) => scope);
  return new Map(
    [...byScope].map(([scope, ofScope]) => [scope, ofScope.map(({ hourS }) => hourS)]),
  );
}

/** Samples are being written at this moment. */
export function isUnderWay(mark: PendingMark, now: Date): boolean {
  return !mark.written && now.getTime() - mark.at.getTime() < LOST_MS;
}

/**
 * What has been written, as one step: the marks it took, hours it opened or closed, and what the fleet has to do. Throws
 * `LeadLost` instead when another server may have taken over meanwhile.
 */
export async function settle(
  { sql, holds }: { sql: Sql; holds: () => Promise<boolean> },
  done: {
    scope: string;
    marks: readonly PendingMark[];
    opened?: number;
    closed?: readonly number[];
    /** Minutes, first and last, and hours of which the site has points now. */
    minutes?: { fromS: number; toS: number } | undefined;
    hours?: readonly number[];
  },
  now: Date,
): Promise<void> {
  const { scope, marks, opened, closed = [], minutes, hours = [] } = done;
  if (!(await holds())) throw new LeadLost();
  await sql.begin(async (tx) => {
    if (minutes) await markFleet(tx, FLEET, [minutes], now);
    await markFleet(
      tx,
      FLEET_HOURS,
      hours.map((hourS) => ({ fromS: hourS, toS: hourS })),
      now,
    );
    if (opened !== undefined) {
      await tx`INSERT INTO rollup_open_hours (scope, hour_s) VALUES (${scope}, ${opened}) ON CONFLICT DO NOTHING`;
    }
    if (closed.length > 0) {
      await tx`DELETE FROM rollup_open_hours WHERE scope = ${scope} AND hour_s = ANY(${[...closed]}::bigint[])`;
    }
    await forget(tx, marks);
  });
}

export async function forget(sql: ISql, marks: readonly PendingMark[]): Promise<void> {
  if (marks.length === 0) return;
  await sql`DELETE FROM rollup_marks WHERE id = ANY(${marks.map(({ id }) => id)}::bigint[])`;
}

async function markFleet(
  tx: ISql,
  scope: string,
  ranges: readonly { fromS: number; toS: number }[],
  now: Date,
): Promise<void> {
  for (const { fromS, toS } of ranges) {
    await tx`
      INSERT INTO rollup_marks (scope, hour_s, from_s, to_s, at, written)
      VALUES (${scope}, ${fromS - (fromS % HOUR_S)}, ${fromS}, ${toS}, ${now}, true)`;
  }
}
