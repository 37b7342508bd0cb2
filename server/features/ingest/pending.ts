import { createHash } from 'node:crypto';
import type { Sql } from 'postgres';
import { Failure } from '../../failures.ts';

/** A day of a thousand miners that poll each minute is about 1,440 rows and 300 MB. */
export const PENDING_MAX_ROWS = 20_000;
export const PENDING_MAX_BYTES = 1024 ** 3;

/**
 * Keeps line protocol for agents that do not retry, until InfluxDB is back. The same lines again are one row.
 * When the room is used up it refuses (Failure `metrics_unavailable`) rather than dropping what it has promised.
 */
export async function keepPending(
  sql: Sql,
  from: { agentId: number; scope: string },
  lines: readonly string[],
  samples: number,
): Promise<void> {
  const text = lines.join('\n');
  const [held] = await sql<{ rows: number; bytes: number }[]>`
    SELECT count(*)::int AS rows, coalesce(sum(octet_length(lines)), 0)::float8 AS bytes FROM pending_samples`;
  const { rows = 0, bytes = 0 } = held ?? {};
  if (rows >= PENDING_MAX_ROWS || bytes + text.length > PENDING_MAX_BYTES) {
    throw new Failure(
      'metrics_unavailable',
      `InfluxDB is unavailable, and the ${rows} syncs kept until it is back fill their room`,
      { retryAfterS: 60 },
    );
  }
  const digest = createHash('sha256').update(text).digest();
  await sql`
    INSERT INTO pending_samples (agent_id, scope, samples, lines, digest)
    VALUES (${from.agentId}, ${from.scope}, ${samples}, ${text}, ${digest})
    ON CONFLICT (digest) DO NOTHING`;
}
