import type { Sql } from 'postgres';
import { PENDING_MAX_BYTES, PENDING_MAX_ROWS } from './pending.ts';
import type { QuarantineList } from './quarantine.ts';

/** Rows read at once for a download: a batch of bad samples is about 1 kB a row. */
const DOWNLOAD_ROWS = 500;

/** Which items of the quarantine; null: whatever it is. */
export interface QuarantineFilter {
  agentId: number | null;
  code: string | null;
}

interface HeldRow {
  id: string;
  agent_id: number;
  agent_name: string;
  scope: string;
  list: QuarantineList;
  index: number;
  code: string;
  detail: string;
  sample: unknown;
  at: Date;
}

/** What lies in quarantine: counts by agent and reason, and a page of it, newest first, below the id `before`. */
export async function listQuarantine(
  sql: Sql,
  { agentId, code }: QuarantineFilter,
  { before, limit }: { before: string | null; limit: number },
) {
  const agents = await sql<
    { agent_id: number; agent_name: string; held: number; bytes: number; not_kept: number }[]
  >`
    SELECT t.agent_id, a.name AS agent_name, t.held, t.bytes::float8 AS bytes, t.not_kept::float8 AS not_kept
    FROM ingest_quarantine_totals t JOIN agents a ON a.id = t.agent_id
    WHERE ${agentId}::int IS NULL OR t.agent_id = ${agentId}
    ORDER BY t.held DESC, a.name`;
  const counts = await sql<
    { agent_id: number; agent_name: string; scope: string; code: string; count: number }[]
  >`
    SELECT q.agent_id, a.name AS agent_name, q.scope, q.code, count(*)::int AS count
    FROM ingest_quarantine q JOIN agents a ON a.id = q.agent_id
    WHERE (${agentId}::int IS NULL OR q.agent_id = ${agentId}) AND (${code}::text IS NULL OR q.code = ${code})
    GROUP BY q.agent_id, a.name, q.scope, q.code ORDER BY count DESC`;
  const page = await sql<HeldRow[]>`
    SELECT q.id::text, q.agent_id, a.name AS agent_name, q.scope, q.list, q.idx AS index, q.code, q.detail,
      q.sample, q.at
    FROM ingest_quarantine q JOIN agents a ON a.id = q.agent_id
    WHERE (${agentId}::int IS NULL OR q.agent_id = ${agentId}) AND (${code}::text IS NULL OR q.code = ${code})
      AND (${before}::bigint IS NULL OR q.id < ${before})
    ORDER BY q.id DESC LIMIT ${limit}`;
  return {
    total: counts.reduce((sum, { count }) => sum + count, 0),
    not_kept: agents.reduce((sum, agent) => sum + agent.not_kept, 0),
    agents: [...agents],
    counts: [...counts],
    newest: page.map(({ at, ...row }) => Object.assign(row, { at: at.toISOString() })),
    next_before: page.length === limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/** The quarantine as lines of JSON, the oldest first. Read in pieces: whoever reads slowly holds no connection. */
export async function* downloadQuarantine(
  sql: Sql,
  { agentId, code }: QuarantineFilter,
): AsyncGenerator<string> {
  let after = '0';
  for (;;) {
    const rows: HeldRow[] = await sql<HeldRow[]>`
      SELECT q.id::text, q.agent_id, a.name AS agent_name, q.scope, q.queue_id, q.seq::text, q.list, q.idx AS index,
        q.code, q.detail, q.sample, q.at
      FROM ingest_quarantine q JOIN agents a ON a.id = q.agent_id
      WHERE (${agentId}::int IS NULL OR q.agent_id = ${agentId}) AND (${code}::text IS NULL OR q.code = ${code})
        AND q.id > ${after}::bigint
      ORDER BY q.id LIMIT ${DOWNLOAD_ROWS}`;
    if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    const last = rows.at(-1);
    if (!last || rows.length < DOWNLOAD_ROWS) return;
    after = last.id;
  }
}

/** How much is kept for old agents, of which, and since when. */
export async function listPending(sql: Sql) {
  const agents = await sql<
    {
      agent_id: number;
      agent_name: string;
      rows: number;
      samples: number;
      bytes: number;
      oldest: Date;
    }[]
  >`
    SELECT p.agent_id, a.name AS agent_name, count(*)::int AS rows, sum(p.samples)::int AS samples,
      sum(octet_length(p.lines))::float8 AS bytes, min(p.at) AS oldest
    FROM pending_samples p JOIN agents a ON a.id = p.agent_id
    GROUP BY p.agent_id, a.name ORDER BY oldest`;
  const sum = (of: 'rows' | 'samples' | 'bytes') =>
    agents.reduce((total, agent) => total + agent[of], 0);
  return {
    rows: sum('rows'),
    samples: sum('samples'),
    bytes: sum('bytes'),
    max_rows: PENDING_MAX_ROWS,
    max_bytes: PENDING_MAX_BYTES,
    oldest: agents[0]?.oldest.toISOString() ?? null,
    agents: agents.map(({ bytes: _bytes, oldest, ...agent }) =>
      Object.assign(agent, { oldest: oldest.toISOString() }),
    ),
  };
}
