import type { Deps } from '../../deps.ts';

const FLUSH_MS = 5_000;
const MAX_DETAIL = 500;

interface Refused {
  /** null: the key was not known. */
  agentId: number | null;
  code: string;
  count: number;
  lastAt: Date;
  lastDetail: string;
}

export interface Refusals {
  count(agentId: number | null, code: string, detail: string): void;
  /** Brings what was counted to Postgres; keeps it when Postgres does not take it. Never throws. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Counts refused syncs. In memory first: a server that refuses because it has too much to do, or no Postgres, does
 * not ask Postgres each time. There is one entry for each agent and code, however often it is refused.
 */
export function startRefusals({ sql, log, clock }: Pick<Deps, 'sql' | 'log' | 'clock'>): Refusals {
  let counted = new Map<string, Refused>();
  let flushing = Promise.resolve();

  const add = (more: Refused) => {
    const key = `${more.agentId} ${more.code}`;
    const before = counted.get(key);
    const newest = before && before.lastAt > more.lastAt ? before : more;
    counted.set(key, { ...newest, count: more.count + (before?.count ?? 0) });
  };
  const write = async () => {
    if (counted.size === 0) return;
    const taken = [...counted.values()];
    counted = new Map();
    try {
      // An agent deleted meanwhile takes its refusals with it.
      await sql`
        INSERT INTO ingest_refusals AS r (agent_id, code, count, last_at, last_detail)
        SELECT "agentId", code, count, "lastAt", "lastDetail"
        FROM json_to_recordset(${JSON.stringify(taken)}::text::json) AS x (
          "agentId" int, code text, count bigint, "lastAt" timestamptz, "lastDetail" text)
        WHERE "agentId" IS NULL OR EXISTS (SELECT FROM agents WHERE id = "agentId")
        ORDER BY "agentId", code
        ON CONFLICT (agent_id, code) DO UPDATE SET count = r.count + excluded.count,
          last_at = greatest(r.last_at, excluded.last_at), last_detail = excluded.last_detail`;
    } catch (error) {
      log.debug({ err: error }, 'counted refusals wait for Postgres');
      for (const one of taken) add(one);
    }
  };
  // One after another, so that whoever waits for its end finds everything counted before.
  const flush = () => (flushing = flushing.then(write));
  const timer = setInterval(() => void flush(), FLUSH_MS).unref();

  return {
    count: (agentId, code, detail) => {
      add({ agentId, code, count: 1, lastAt: clock(), lastDetail: detail.slice(0, MAX_DETAIL) });
    },
    flush,
    stop: () => {
      clearInterval(timer);
      return flush();
    },
  };
}

/** Refused syncs by agent and code, the newest first. `agentId` null: of all. */
export async function listRefusals(sql: Deps['sql'], agentId: number | null) {
  const rows = await sql<
    {
      agent_id: number | null;
      agent_name: string | null;
      code: string;
      count: number;
      last_at: Date;
      last_detail: string;
    }[]
  >`
    SELECT r.agent_id, a.name AS agent_name, r.code, r.count::float8 AS count, r.last_at, r.last_detail
    FROM ingest_refusals r LEFT JOIN agents a ON a.id = r.agent_id
    WHERE ${agentId}::int IS NULL OR r.agent_id = ${agentId}
    ORDER BY r.last_at DESC, r.code`;
  return rows.map(({ last_at, ...row }) => Object.assign(row, { last_at: last_at.toISOString() }));
}
