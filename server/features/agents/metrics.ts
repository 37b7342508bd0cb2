import type { Deps } from '../../deps.ts';
import { fieldsOf, type Field } from '../../influx/lines.ts';
import { writeBatch } from '../../influx/write-batch.ts';
import { scopeOf } from '../ingest/series-key.ts';
import { listAgents, type AgentView } from './view.ts';

const SLOT_S = 60;
/** After the minute has begun, so that clocks a little apart still mean the same one. */
const OFFSET_MS = 2_000;

/** An agent as it is at one moment. */
export interface AgentNow extends Pick<AgentView, 'last_seen' | 'ingest'> {
  now: Date;
}

/** Measurement `agent`: one point for each active agent and minute, made by the server. */
export const AGENT_FIELDS: readonly Field<AgentNow>[] = [
  { name: 'silence_s', unit: 's', rounding: 'whole', of: (a) => secondsSince(a, a.last_seen) },
  {
    name: 'backlog_batches',
    unit: 'batches',
    rounding: 'whole',
    of: (a) => a.ingest.backlog?.batches,
  },
  { name: 'backlog_bytes', unit: 'bytes', rounding: 'whole', of: (a) => a.ingest.backlog?.bytes },
  { name: 'backlog_age_s', unit: 's', rounding: 'whole', of: backlogAge },
  {
    name: 'memory_batches',
    unit: 'batches',
    rounding: 'whole',
    of: (a) => a.ingest.queue?.in_memory,
  },
  { name: 'clock_error_ms', unit: 'ms', rounding: 'whole', of: (a) => a.ingest.clock_error_ms },
  { name: 'cycle_ms', unit: 'ms', rounding: 'whole', of: (a) => a.ingest.cycle?.duration_ms },
  { name: 'cycle_miners', unit: 'miners', rounding: 'whole', of: (a) => a.ingest.cycle?.miners },
  {
    name: 'cycle_reachable',
    unit: 'miners',
    rounding: 'whole',
    of: (a) => a.ingest.cycle?.reachable,
  },
  { name: 'gap_samples', unit: 'samples', rounding: 'whole', of: (a) => a.ingest.gaps.samples },
  {
    name: 'quarantined',
    unit: 'items',
    rounding: 'whole',
    of: (a) => a.ingest.quarantine.set_aside,
  },
  {
    name: 'quarantine_held',
    unit: 'items',
    rounding: 'whole',
    of: (a) => a.ingest.quarantine.held,
  },
  { name: 'refused', unit: 'syncs', rounding: 'whole', of: refusedSyncs },
  { name: 'pending', unit: 'syncs', rounding: 'whole', of: (a) => a.ingest.pending.syncs },
  {
    name: 'scan_identified',
    unit: 'miners',
    rounding: 'whole',
    of: (a) => a.ingest.scan?.identified,
  },
  { name: 'scan_unknown', unit: 'devices', rounding: 'whole', of: (a) => a.ingest.scan?.unknown },
  { name: 'scan_silent', unit: 'addresses', rounding: 'whole', of: (a) => a.ingest.scan?.silent },
  { name: 'scan_refused', unit: 'addresses', rounding: 'whole', of: (a) => a.ingest.scan?.refused },
];

function secondsSince({ now }: AgentNow, at: Date | null): number | null {
  return at && Math.max(0, (now.getTime() - at.getTime()) / 1000);
}

/** An empty backlog is as old as now. */
function backlogAge(agent: AgentNow): number | null {
  const { backlog } = agent.ingest;
  if (!backlog) return null;
  const oldest = Date.parse(backlog.oldest ?? '');
  return Number.isNaN(oldest) ? 0 : secondsSince(agent, new Date(oldest));
}

function refusedSyncs({ ingest }: AgentNow): number {
  return ingest.refusals.reduce((sum, { count }) => sum + count, 0);
}

type MetricDeps = Pick<Deps, 'sql' | 'influx' | 'config' | 'log' | 'clock'>;

/**
 * Writes the point of the present minute for each active agent, unless another server is at it: what several
 * servers write of one minute is one point. Throws the databases' errors.
 */
export async function writeAgentMetrics(deps: MetricDeps): Promise<'written' | 'left'> {
  const { sql, influx, config, log, clock } = deps;
  return sql.begin(async (tx) => {
    const [leader] = await tx<{ won: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(hashtextextended('agent metrics', 0)) AS won`;
    if (!leader?.won) return 'left';
    const now = clock();
    const timeS = Math.floor(now.getTime() / 1000 / SLOT_S) * SLOT_S;
    const lines = (await listAgents(tx, now))
      .filter((agent) => agent.is_active)
      .map(({ id, site_id: siteId, last_seen, ingest }) => {
        const tags = `agent=agent-${id},site=${scopeOf({ id, siteId })}`;
        const fields = fieldsOf(AGENT_FIELDS, { last_seen, ingest, now });
        return { text: `agent,${tags} ${fields} ${timeS}`, timeS, source: id };
      });
    const refused = await writeBatch(influx, config.influx.database, lines);
    if (refused.length > 0) log.warn({ reason: refused[0]?.reason }, 'agent metrics refused');
    return 'written';
  });
}

/** Writes them each minute. A minute in which a database is away has no point. */
export function startAgentMetrics(deps: MetricDeps): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let stopped = false;

  const round = async () => {
    await writeAgentMetrics(deps).catch((error: unknown) =>
      deps.log.warn({ err: error }, 'agent metrics of this minute are missing'),
    );
    schedule();
  };
  const schedule = () => {
    if (stopped) return;
    const sinceMinute = deps.clock().getTime() % (SLOT_S * 1000);
    timer = setTimeout(
      () => {
        running = round();
      },
      SLOT_S * 1000 - sinceMinute + OFFSET_MS,
    );
  };
  schedule();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
