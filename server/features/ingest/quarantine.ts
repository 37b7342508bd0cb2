import { createHash } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import type { TransactionSql } from 'postgres';
import type { QuarantineCode } from '#contract/refusals.ts';
import { cleanInPlace } from './clean-text.ts';

/** What one agent may fill. Beyond, what it sends wrong is counted, answered and logged, but not kept. */
const MAX_ROWS = 100_000;
const MAX_BYTES = 200_000_000;

/** Where an item came from: a list of the body, or the lines made of one, of which InfluxDB refused this. */
export type QuarantineList = 'miner_stats' | 'discovered_miners' | 'lines';

export interface QuarantineRow {
  list: QuarantineList;
  idx: number;
  code: QuarantineCode;
  detail: string;
  /** For `lines`: `{ line }`. */
  sample: object;
}

/**
 * Keeps refused items with their reasons; the same item again, in whatever batch, is the same row. The agent's
 * totals are locked first, so that no two transactions find the same room.
 */
export async function quarantine(
  tx: TransactionSql,
  from: { agentId: number; scope: string; batch: { queue: string; seq: number } | undefined },
  rows: readonly QuarantineRow[],
  log: FastifyBaseLogger,
): Promise<void> {
  if (rows.length === 0) return;
  const { agentId, scope, batch } = from;
  const [totals] = await tx<{ held: number; bytes: number }[]>`
    INSERT INTO ingest_quarantine_totals AS t (agent_id) VALUES (${agentId})
    ON CONFLICT (agent_id) DO UPDATE SET held = t.held
    RETURNING held, bytes::float8 AS bytes`;
  let { held, bytes } = totals ?? { held: 0, bytes: 0 };

  const records = new Map(rows.map(recordOf).map((record) => [record.digest, record]));
  const known = await tx<{ digest: string }[]>`
    SELECT encode(digest, 'hex') AS digest FROM ingest_quarantine
    WHERE agent_id = ${agentId}
      AND digest IN (SELECT decode(hex, 'hex') FROM unnest(${[...records.keys()]}::text[]) AS x (hex))`;
  for (const { digest } of known) records.delete(digest);
  const kept = [...records.values()].filter((record) => {
    if (held + 1 > MAX_ROWS || bytes + record.bytes > MAX_BYTES) return false;
    held += 1;
    bytes += record.bytes;
    return true;
  });
  const notKept = records.size - kept.length;
  if (notKept > 0) {
    log.error({ agent: agentId, notKept }, 'quarantine is full: refused items are only counted');
  }
  await tx`
    INSERT INTO ingest_quarantine (agent_id, scope, queue_id, seq, list, idx, code, detail, sample, bytes, digest)
    SELECT ${agentId}, ${scope}, ${batch?.queue ?? null}::uuid, ${batch?.seq ?? null}::bigint,
      list, idx, code, detail, sample, bytes, decode(digest, 'hex')
    FROM json_to_recordset(${JSON.stringify(kept)}::text::json) AS x (
      list text, idx int, code text, detail text, sample jsonb, bytes int, digest text)`;
  await tx`
    UPDATE ingest_quarantine_totals
    SET held = ${held}, bytes = ${bytes}, set_aside = set_aside + ${records.size}, not_kept = not_kept + ${notKept}
    WHERE agent_id = ${agentId}`;
}

function recordOf({ list, idx, code, detail, sample }: QuarantineRow) {
  cleanInPlace(sample);
  const text = JSON.stringify(sample);
  // Not the reason: an item that is refused again for another one is still the same.
  const digest = createHash('sha256').update(`${list}\n${text}`).digest('hex');
  return { list, idx, code, detail, sample, bytes: Buffer.byteLength(text), digest };
}
