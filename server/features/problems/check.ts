import type { TransactionSql } from 'postgres';
import type { Deps } from '../../deps.ts';
import { every } from '../../every.ts';
import { listAgents, type AgentView } from '../agents/view.ts';
import { fleetTables, reasonNow, stateNow, withAgentsNow } from '../fleet/tables.ts';
import { readiness } from '../health/readiness.ts';
import { expectedThs } from '../miners/state.ts';
import { rollupsWaiting } from '../rollups/pending-marks.ts';
import {
  BACKLOG_AGE_MS,
  CLOCK_ERROR_MS,
  FIRST_SAMPLE_MS,
  GAP_NEWS_MS,
  HOT_CHIP_C,
  REJECTED_OF_SHARES,
  REJECTED_PERCENT,
  ROLLUPS_LATE_MS,
  SAME_MODEL,
  SAME_PROBLEM_MS,
  type Cause,
} from './causes.ts';

type CheckDeps = Pick<Deps, 'sql' | 'influx' | 'config' | 'clock'>;

interface Finding {
  cause: Cause;
  agent_id: number | null;
  /** null: since now. */
  since: string | null;
  detail: object;
}

/**
 * Finds out what is wrong now and writes it down, unless another server is at it. What was wrong before keeps its
 * `since` and its acknowledgement; what is over is forgotten after a few minutes. Throws Postgres' errors.
 */
export async function checkProblems(deps: CheckDeps): Promise<'checked' | 'left'> {
  const { influxdb } = await readiness(deps);
  return deps.sql.begin(async (tx) => {
    const [leader] = await tx<{ won: boolean }[]>`
      select pg_try_advisory_xact_lock(hashtextextended('problems', 0)) as won`;
    if (!leader?.won) return 'left';
    const now = deps.clock();
    const findings = await ofAgents(tx, now);
    if (!influxdb.ok) {
      const detail = { database: 'InfluxDB', reason: influxdb.reason };
      findings.push({ cause: 'database_away', agent_id: null, since: null, detail });
    }
    const { waiting, oldest } = await rollupsWaiting(tx);
    // While InfluxDB is away they wait for it.
    if (influxdb.ok && oldest !== null && now.getTime() - oldest.getTime() > ROLLUPS_LATE_MS) {
      const since = oldest.toISOString();
      findings.push({
        cause: 'rollups_late',
        agent_id: null,
        since,
        detail: { waiting, oldest: since },
      });
    }
    await writeFindings(tx, findings, now);
    await writeMiners(tx, now);
    await tx`delete from problems where seen_at < ${new Date(now.getTime() - SAME_PROBLEM_MS)}`;
    await tx`
      insert into problem_checks (checked_at) values (${now})
      on conflict (one) do update set checked_at = excluded.checked_at`;
    return 'checked';
  });
}

async function ofAgents(tx: TransactionSql, now: Date): Promise<Finding[]> {
  const lost = await tx<{ agent_id: number; since: Date; samples: number; batches: number }[]>`
    select agent_id, min(at) as since, sum(samples)::float8 as samples, sum(batches)::float8 as batches
    from ingest_gaps where at > ${new Date(now.getTime() - GAP_NEWS_MS)} group by agent_id`;
  const aside = await tx<{ agent_id: number; since: Date; held: number }[]>`
    select agent_id, (select at from ingest_quarantine q where q.agent_id = t.agent_id order by id limit 1) as since,
      held from ingest_quarantine_totals t where held > 0`;
  const agents = (await listAgents(tx, now)).filter((agent) => agent.is_active);
  const active = new Set(agents.map(({ id }) => id));
  return [
    ...agents.flatMap((agent) => ofAgent(agent, now)),
    ...lost.map(({ agent_id, since, ...detail }) => ({
      cause: 'gaps' as const,
      agent_id,
      since: since.toISOString(),
      detail,
    })),
    ...aside.map(({ agent_id, since, held }) => ({
      cause: 'quarantine' as const,
      agent_id,
      since: since?.toISOString() ?? null,
      detail: { held },
    })),
  ].filter(({ agent_id }) => active.has(agent_id));
}

function ofAgent(
  agent: AgentView,
  now: Date,
): { agent_id: number; cause: Cause; since: string | null; detail: object }[] {
  const { id: agent_id, last_seen, silent, ingest } = agent;
  // One that was never heard of has not been installed yet.
  if (last_seen === null) return [];
  // What a silent agent said is not how it is now.
  if (silent) {
    const since = last_seen.toISOString();
    return [{ cause: 'agent_silent', agent_id, since, detail: { miners: agent.miner_count } }];
  }
  const found: ReturnType<typeof ofAgent> = [];
  const add = (cause: Cause, detail: object) =>
    found.push({ cause, agent_id, since: null, detail });
  const { backlog, clock_error_ms: clockErrorMs, scan } = ingest;
  const oldest = Date.parse(backlog?.oldest ?? '');
  if (backlog && now.getTime() - oldest > BACKLOG_AGE_MS) add('backlog', backlog);
  if (clockErrorMs !== null && Math.abs(clockErrorMs) > CLOCK_ERROR_MS) {
    add('clock_wrong', { clock_error_ms: clockErrorMs });
  }
  if (scan && scan.unknown > 0) add('unknown_devices', { unknown: scan.unknown });
  return found;
}

/** Of agents and of the server; the same again is the same row. */
async function writeFindings(tx: TransactionSql, findings: readonly Finding[], now: Date) {
  await tx`
    insert into problems as p (cause, agent_id, since, seen_at, detail)
    select cause, agent_id, coalesce(since, ${now}), ${now}, detail
    from json_to_recordset(${JSON.stringify(findings)}::text::json)
      as x (cause text, agent_id int, since timestamptz, detail jsonb)
    order by cause, agent_id
    on conflict (miner_id, agent_id, cause) do update set seen_at = excluded.seen_at, detail = excluded.detail`;
}

/** Of miners, straight from their latest states. Retired ones have none; those of a silent agent are unknown, and so have none. */
async function writeMiners(tx: TransactionSql, now: Date): Promise<void> {
  const first = new Date(now.getTime() - FIRST_SAMPLE_MS);
  await tx`
    ${withAgentsNow(tx, now, null)}, state as materialized (
      select miners.id, miners.created_at, concat_ws(' ', miners.manufacturer, miners.model) as kind, latest.*,
        ${expectedThs(tx)} as should_ths, ${stateNow(tx)} as state, ${reasonNow(tx)} as why
      from ${fleetTables(tx)} where miners.is_active
    ), answering as (
      select * from state where state in ('hashing', 'degraded')
    ), boards as materialized (
      select id, kind, count(*)::int as boards,
        coalesce(jsonb_agg(board -> 'slot') filter (where (board ->> 'hash_rate')::float8 = 0 or (board ->> 'chips')::float8 = 0), '[]') as dead
      from answering cross join lateral jsonb_array_elements(
        case when jsonb_typeof(detail -> 'boards') = 'array' then detail -> 'boards' else '[]' end) as board
      group by id, kind
    ), usual as (
      select kind, mode() within group (order by boards) as boards from boards
      group by kind having count(*) > ${SAME_MODEL} and kind <> ''
    ), found (id, cause, since, detail) as (
      select id, 'miner_offline', coalesce(answered_at, created_at), jsonb_build_object('reason', why)
        from state where state = 'offline'
      union all
      select id, 'miner_unreported', coalesce(at, created_at), '{}'
        from state where why = 'no_sample' and created_at < ${first}
      union all
      select id, 'not_hashing', null, jsonb_build_object('reason', why) from state where state = 'idle'
      union all
      select id, 'hashrate_low', null, jsonb_build_object('hash_rate', hashrate_ths, 'expected_hash_rate', should_ths)
        from state where state = 'degraded'
      union all
      select id, 'chip_hot', null, jsonb_build_object('temp_chip', temp_chip_c)
        from answering where temp_chip_c >= ${HOT_CHIP_C}
      union all
      select id, 'rejected_high', null, jsonb_build_object('accepted', accepted, 'rejected', rejected)
        from answering where accepted + rejected >= ${REJECTED_OF_SHARES}
          and rejected > ${REJECTED_PERCENT / 100} * (accepted + rejected)
      union all
      -- All at zero is a miner without fans.
      select id, 'fan_stopped', null, jsonb_build_object('fans', detail -> 'fans')
        from answering where detail -> 'fans' @> '[0]' and jsonb_path_exists(detail, '$.fans[*] ? (@ > 0)')
      union all
      select id, 'board_missing', null,
        jsonb_build_object('boards', boards.boards, 'usual', usual.boards, 'dead', boards.dead)
        from boards left join usual using (kind)
        where boards.boards < usual.boards or boards.dead <> '[]'
    )
    insert into problems as p (cause, miner_id, since, seen_at, detail)
    select cause, id, coalesce(since, ${now}::timestamptz), ${now}, detail from found order by id, cause
    on conflict (miner_id, agent_id, cause) do update set seen_at = excluded.seen_at, detail = excluded.detail`;
}

/** Looks twice a minute. */
const EVERY_MS = 30_000;

export function startProblems(deps: CheckDeps & Pick<Deps, 'log'>): { stop(): Promise<void> } {
  return every(
    EVERY_MS,
    () => checkProblems(deps),
    (error) => deps.log.warn({ err: error }, 'problems could not be looked for'),
  );
}
