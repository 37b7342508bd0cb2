import type { Sql, TransactionSql } from 'postgres';
import type { SyncBody } from '#contract/sync.ts';
import { cleanText } from './clean-text.ts';
import { readTime } from './read-time.ts';

/** More of them in one body come again with the next: their ids are not among those taken. */
const GAPS_PER_SYNC = 1_000;

/** Records what an agent lost and said so; returns the ids it need not repeat. */
export async function storeGaps(
  tx: TransactionSql,
  agentId: number,
  body: SyncBody,
): Promise<string[]> {
  const gaps = (body.agent?.gaps ?? []).slice(0, GAPS_PER_SYNC).flatMap((gap) => {
    const from = readTime(gap.from);
    const to = readTime(gap.to);
    if (from === null || to === null) return [];
    return [
      {
        id: cleanText(gap.id) ?? '',
        reason: cleanText(gap.reason) ?? 'unknown',
        batches: Math.min(gap.batches, 2 ** 31 - 1),
        samples: Math.min(gap.samples, 2 ** 31 - 1),
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        sent: gap.id,
      },
    ];
  });
  if (gaps.length === 0) return [];
  await tx`
    INSERT INTO ingest_gaps (agent_id, gap_id, from_at, to_at, batches, samples, reason)
    SELECT DISTINCT ON (id) ${agentId}::int, id, "from", "to", batches, samples, reason
    FROM json_to_recordset(${JSON.stringify(gaps)}::text::json) AS x (
      id text, "from" timestamptz, "to" timestamptz, batches int, samples int, reason text)
    ORDER BY id
    ON CONFLICT (agent_id, gap_id) DO NOTHING`;
  return gaps.map(({ sent }) => sent);
}

/** Losses the agents have named, the newest first, and their sums by agent. `agentId` null: of all. */
export async function listGaps(sql: Sql, agentId: number | null, limit: number) {
  const totals = await sql<
    { agent_id: number; agent_name: string; count: number; batches: number; samples: number }[]
  >`
    SELECT g.agent_id, a.name AS agent_name, count(*)::int AS count, sum(g.batches)::float8 AS batches,
      sum(g.samples)::float8 AS samples
    FROM ingest_gaps g JOIN agents a ON a.id = g.agent_id
    WHERE ${agentId}::int IS NULL OR g.agent_id = ${agentId}
    GROUP BY g.agent_id, a.name ORDER BY samples DESC, a.name`;
  const newest = await sql<
    {
      agent_id: number;
      agent_name: string;
      gap_id: string;
      from: Date;
      to: Date;
      batches: number;
      samples: number;
      reason: string;
      at: Date;
    }[]
  >`
    SELECT g.agent_id, a.name AS agent_name, g.gap_id, g.from_at AS "from", g.to_at AS "to", g.batches, g.samples,
      g.reason, g.at
    FROM ingest_gaps g JOIN agents a ON a.id = g.agent_id
    WHERE ${agentId}::int IS NULL OR g.agent_id = ${agentId}
    ORDER BY g.at DESC, g.to_at DESC, g.gap_id LIMIT ${limit}`;
  const sum = (of: 'count' | 'batches' | 'samples') =>
    totals.reduce((total, agent) => total + agent[of], 0);
  return {
    total: { count: sum('count'), batches: sum('batches'), samples: sum('samples') },
    agents: [...totals],
    newest: newest.map(({ from, to, at, ...gap }) =>
      Object.assign(gap, {
        from: from.toISOString(),
        to: to.toISOString(),
        at: at.toISOString(),
      }),
    ),
  };
}
