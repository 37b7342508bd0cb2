import { createHash } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import type { Sql, TransactionSql } from 'postgres';
import type { QuarantineCode } from '#contract/refusals.ts';
import { cleanInPlace } from './clean-text.ts';

/** Rows one agent may fill; beyond, what it sends wrong is only answered and logged. */
const ROWS_PER_AGENT = 100_000;

export interface QuarantineRow {
  idx: number;
  code: QuarantineCode;
  detail: string;
  sample: object;
}

/** Keeps refused items with their reasons; the same item again, in whatever batch, is the same row. */
export async function quarantine(
  sql: Sql | TransactionSql,
  from: { agentId: number; scope: string; batch: { queue: string; seq: number } | undefined },
  rows: readonly QuarantineRow[],
  log: FastifyBaseLogger,
): Promise<void> {
  if (rows.length === 0) return;
  const [held] = await sql<{ count: number }[]>`
    SELECT count(*)::int AS count FROM ingest_quarantine WHERE agent_id = ${from.agentId}`;
  const room = ROWS_PER_AGENT - (held?.count ?? 0);
  if (room < rows.length) {
    log.error(
      { agent: from.agentId, refused: rows.length, kept: Math.max(0, room) },
      'quarantine is full: refused samples are no longer kept',
    );
  }
  const records = rows.slice(0, Math.max(0, room)).map(({ idx, code, detail, sample }) => {
    cleanInPlace(sample);
    const digest = createHash('sha256')
      .update(`${code}\n${JSON.stringify(sample)}`)
      .digest('hex');
    return { idx, code, detail, sample, digest };
  });
  await sql`
    INSERT INTO ingest_quarantine (agent_id, scope, queue_id, seq, idx, code, detail, sample, digest)
    SELECT ${from.agentId}, ${from.scope}, ${from.batch?.queue ?? null}::uuid, ${from.batch?.seq ?? null}::bigint,
      idx, code, detail, sample, decode(digest, 'hex')
    FROM json_to_recordset(${JSON.stringify(records)}::text::json) AS x (
      idx int, code text, detail text, sample jsonb, digest text)
    ORDER BY digest
    ON CONFLICT (agent_id, digest) DO NOTHING`;
}
