import type { ISql } from 'postgres';
import type { ScanReport } from '#contract/sync.ts';
import { agentSilent } from './silence.ts';

export interface AgentView {
  id: number;
  name: string;
  description: string | null;
  site_id: number | null;
  site_name: string | null;
  is_active: boolean;
  created_at: Date;
  last_seen: Date | null;
  /** Not heard of for too long, or never. */
  silent: boolean;
  miner_count: number;
  /** What our agents say of themselves (contract/sync.ts); null for old agents. */
  report: unknown;
}

/** All agents in order of name, with the miners each reported last. */
export async function listAgents(sql: ISql, now: Date): Promise<AgentView[]> {
  return sql<AgentView[]>`
    select agents.id, agents.name, agents.description, agents.site_id, sites.name as site_name,
           agents.is_active, agents.created_at, agents.last_seen_at as last_seen, agents.report,
           ${agentSilent(sql, now)} as silent,
           (select count(*)::int from miners where agent_id = agents.id) as miner_count
    from agents left join sites on sites.id = agents.site_id
    order by agents.name`;
}

/** The newest scan of an agent; undefined when it has not reported any. */
export async function findScan(sql: ISql, agentId: number): Promise<ScanReport | undefined> {
  const [row] = await sql<{ report: ScanReport }[]>`
    select report from scan_reports where agent_id = ${agentId}`;
  return row?.report;
}
