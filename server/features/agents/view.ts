import type { ISql } from 'postgres';
import * as z from 'zod';
import { syncBody, type ScanReport, type SyncBody } from '#contract/sync.ts';
import type { UnknownFile } from '#contract/unknown.ts';
import { Failure } from '../../failures.ts';
import { visible, type Eyes } from '../people/visibility.ts';
import { agentSilent } from './silence.ts';

type Report = Partial<NonNullable<SyncBody['agent']>>;

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
  ingest: AgentIngest;
}

/** How an agent's samples come in, and what of them did not arrive. */
export interface AgentIngest {
  /** As the agent says: what it holds, how its queue is, how wrong its clock is, its last cycle. null: not said. */
  backlog: NonNullable<Report['backlog']> | null;
  queue: NonNullable<Report['queue']> | null;
  clock_error_ms: number | null;
  cycle: NonNullable<Report['cycle']> | null;
  /** Lost, and named by the agent. */
  gaps: { count: number; batches: number; samples: number; last_at: string | null };
  /** Set aside: lying there now, all that ever came, and those of them that found no room. */
  quarantine: { held: number; bytes: number; set_aside: number; not_kept: number };
  /** Syncs the server did not take, the newest first. */
  refusals: { code: string; count: number; last_at: string; last_detail: string }[];
  /** Syncs kept here until InfluxDB takes them (agents that do not send again). */
  pending: { syncs: number; samples: number; bytes: number; oldest: string | null };
  /** Addresses of the last scan; null: none reported. */
  scan: { identified: number; unknown: number; silent: number; refused: number } | null;
}

type Row = Omit<AgentView, 'ingest'> &
  Pick<AgentIngest, 'gaps' | 'quarantine' | 'refusals' | 'pending'> & { scan: unknown };

const storedReport = syncBody.shape.agent.unwrap().partial();
const scanCounts = z.object({
  identified: z.number(),
  unknown: z.number(),
  silent: z.number(),
  refused: z.number(),
});

/** All agents in order of name, or the one of that id, with the miners each reported last. */
export async function listAgents(
  sql: ISql,
  now: Date,
  id: number | null = null,
  eyes: Eyes = null,
): Promise<AgentView[]> {
  const rows = await sql<Row[]>`
    select agents.id, agents.name, agents.description, agents.site_id, sites.name as site_name,
           agents.is_active, agents.created_at, agents.last_seen_at as last_seen, agents.report,
           ${agentSilent(sql, now)} as silent,
           (select count(*)::int from miners where agent_id = agents.id) as miner_count,
           json_build_object('count', coalesce(g.count, 0), 'batches', coalesce(g.batches, 0),
             'samples', coalesce(g.samples, 0), 'last_at', g.last_at) as gaps,
           json_build_object('held', coalesce(q.held, 0), 'bytes', coalesce(q.bytes, 0),
             'set_aside', coalesce(q.set_aside, 0), 'not_kept', coalesce(q.not_kept, 0)) as quarantine,
           coalesce(r.list, '[]') as refusals,
           json_build_object('syncs', coalesce(p.syncs, 0), 'samples', coalesce(p.samples, 0),
             'bytes', coalesce(p.bytes, 0), 'oldest', p.oldest) as pending,
           s.report as scan
    from agents
    left join sites on sites.id = agents.site_id
    left join scan_reports s on s.agent_id = agents.id
    left join ingest_quarantine_totals q on q.agent_id = agents.id
    left join (
      select agent_id, count(*), sum(batches) as batches, sum(samples) as samples, ${utc(sql, sql`max(at)`)} as last_at
      from ingest_gaps group by agent_id
    ) g on g.agent_id = agents.id
    left join (
      select agent_id, json_agg(json_build_object('code', code, 'count', count, 'last_at',
        ${utc(sql, sql`last_at`)}, 'last_detail', last_detail) order by last_at desc) as list
      from ingest_refusals group by agent_id
    ) r on r.agent_id = agents.id
    left join (
      select agent_id, count(*) as syncs, sum(samples) as samples, sum(octet_length(lines)) as bytes,
             ${utc(sql, sql`min(at)`)} as oldest
      from pending_samples group by agent_id
    ) p on p.agent_id = agents.id
    where (${id}::int is null or agents.id = ${id}) and ${visible(sql, eyes, 'agents')}
    order by agents.name`;
  return rows.map(viewOf);
}

/** One agent. Throws Failure `not_found`: there is none, or it is not for these eyes. */
export async function findAgent(sql: ISql, now: Date, id: number, eyes: Eyes): Promise<AgentView> {
  const [agent] = await listAgents(sql, now, id, eyes);
  if (!agent) throw new Failure('not_found', `No agent ${id}`);
  return agent;
}

/** SQL: a time as the API writes it, where it is put together as JSON. */
function utc(sql: ISql, at: ReturnType<ISql>) {
  return sql`to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

function viewOf({ gaps, quarantine, refusals, pending, scan, ...agent }: Row): AgentView {
  const report = storedReport.safeParse(agent.report).data ?? {};
  const { backlog = null, queue = null, clock_error_ms = null, cycle = null } = report;
  return {
    ...agent,
    ingest: {
      backlog,
      queue,
      clock_error_ms,
      cycle,
      gaps,
      quarantine,
      refusals,
      pending,
      scan: scanCounts.safeParse(scan).data ?? null,
    },
  };
}

/** The newest scan of an agent; undefined when it has not reported any. */
export async function findScan(sql: ISql, agentId: number): Promise<ScanReport | undefined> {
  const [row] = await sql<{ report: ScanReport }[]>`
    select report - 'unknown_file' as report from scan_reports where agent_id = ${agentId}`;
  return row?.report;
}

/** What the unknown devices of an agent's scans said, made anonymous by the agent; undefined when it has sent nothing. */
export async function findUnknown(sql: ISql, agentId: number): Promise<UnknownFile | undefined> {
  const [row] = await sql<{ file: UnknownFile | null }[]>`
    select report -> 'unknown_file' as file from scan_reports where agent_id = ${agentId}`;
  return row?.file ?? undefined;
}
