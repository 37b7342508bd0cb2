import type { Sql } from 'postgres';
import { PENDING_MAX_BYTES, PENDING_MAX_ROWS } from './pending.ts';

/** What lies in quarantine: counts by agent and reason, and the newest 100 with their samples. */
export async function listQuarantine(sql: Sql) {
  const counts = await sql<
    { agent_id: number; agent_name: string; scope: string; code: string; count: number }[]
  >`
    SELECT q.agent_id, a.name AS agent_name, q.scope, q.code, count(*)::int AS count
    FROM ingest_quarantine q JOIN agents a ON a.id = q.agent_id
    GROUP BY q.agent_id, a.name, q.scope, q.code ORDER BY count DESC`;
  const newest = await sql<
    {
      id: string;
      agent_id: number;
      agent_name: string;
      scope: string;
      index: number;
      code: string;
      detail: string;
      sample: unknown;
      at: Date;
    }[]
  >`
    SELECT q.id::text, q.agent_id, a.name AS agent_name, q.scope, q.idx AS index, q.code, q.detail, q.sample, q.at
    FROM ingest_quarantine q JOIN agents a ON a.id = q.agent_id
    ORDER BY q.id DESC LIMIT 100`;
  return {
    total: counts.reduce((sum, { count }) => sum + count, 0),
    counts: [...counts],
    newest: newest.map(({ at, ...row }) => Object.assign(row, { at: at.toISOString() })),
  };
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
