import type { Fragment, ISql } from 'postgres';
import { siteOfMiner } from '../miners/view.ts';
import { visible, type Eyes } from '../people/visibility.ts';
import { CAUSES, type Cause } from './causes.ts';

interface Named {
  id: number;
  name: string;
}

export interface Problem {
  id: string;
  cause: Cause;
  since: Date;
  /** What it is of; neither: of the server. */
  miner: Named | null;
  agent: Named | null;
  site: Named | null;
  detail: unknown;
  acked_at: Date | null;
  acked_by: string | null;
  ack_note: string | null;
}

export interface ProblemFilter {
  cause?: Cause | undefined;
  site_id?: number | undefined;
  agent_id?: number | undefined;
  miner_id?: number | undefined;
  acknowledged?: 'yes' | 'no' | undefined;
}

/** SQL, after FROM: problems that are there now, and what they are of. */
function now(sql: ISql): Fragment {
  return sql`problem_checks join problems on problems.seen_at = problem_checks.checked_at
    left join miners on miners.id = problems.miner_id
    left join containers on containers.id = miners.container_id
    left join agents on agents.id = problems.agent_id
    left join sites on sites.id = coalesce(agents.site_id, ${siteOfMiner(sql)})`;
}

function matching(sql: ISql, eyes: Eyes, filter: ProblemFilter): Fragment {
  const { cause, site_id, agent_id, miner_id, acknowledged } = filter;
  const all = sql`true`;
  const seen = sql`(miners.id is not null and ${visible(sql, eyes, 'miners')}
    or agents.id is not null and ${visible(sql, eyes, 'agents')})`;
  return sql`${eyes === null ? all : seen}
    and ${cause === undefined ? all : sql`problems.cause = ${cause}`}
    and ${site_id === undefined ? all : sql`sites.id = ${site_id}`}
    and ${agent_id === undefined ? all : sql`coalesce(agents.id, miners.agent_id) = ${agent_id}`}
    and ${miner_id === undefined ? all : sql`miners.id = ${miner_id}`}
    and ${acknowledged === undefined ? all : sql`(problems.acked_at is not null) = ${acknowledged === 'yes'}`}`;
}

/** When it was last looked for problems; null: never. */
export async function lastCheck(sql: ISql): Promise<Date | null> {
  const [row] = await sql<{ checked_at: Date }[]>`select checked_at from problem_checks`;
  return row?.checked_at ?? null;
}

/** Problems of now, those without an acknowledgement first, then the newest. */
export async function listProblems(
  sql: ISql,
  eyes: Eyes,
  filter: ProblemFilter,
  page: { offset: number; limit: number },
): Promise<Problem[]> {
  const named = (table: 'miners' | 'agents' | 'sites') =>
    sql`case when ${sql(`${table}.id`)} is not null
      then json_build_object('id', ${sql(`${table}.id`)}, 'name', ${sql(`${table}.name`)}) end`;
  return sql<Problem[]>`
    select problems.id, cause, since, ${named('miners')} as miner, ${named('agents')} as agent,
      ${named('sites')} as site, detail, acked_at, acked_by, ack_note
    from ${now(sql)} where ${matching(sql, eyes, filter)}
    order by acked_at is not null, since desc, problems.id desc
    offset ${page.offset} limit ${page.limit}`;
}

/** How many there are of each cause, the worst causes first. */
export async function countProblems(sql: ISql, eyes: Eyes, filter: ProblemFilter) {
  const rows = await sql<{ cause: Cause; open: number; unacknowledged: number }[]>`
    select cause, count(*)::int as open, (count(*) filter (where acked_at is null))::int as unacknowledged
    from ${now(sql)} where ${matching(sql, eyes, filter)} group by cause`;
  const worst = Object.keys(CAUSES);
  return rows
    .map((row) => Object.assign(row, { severity: CAUSES[row.cause] }))
    .sort((a, b) => worst.indexOf(a.cause) - worst.indexOf(b.cause));
}

/** Takes note of problems that are there now; returns those whose acknowledgement this changed. */
export async function acknowledge(
  tx: ISql,
  ids: readonly string[],
  by: { at: Date; username: string | null; note: string | null } | null,
): Promise<{ id: string; cause: Cause }[]> {
  return tx<{ id: string; cause: Cause }[]>`
    update problems set acked_at = ${by?.at ?? null}, acked_by = ${by?.username ?? null}, ack_note = ${by?.note ?? null}
    where id = any(${ids as string[]}::bigint[]) and (${by !== null} or acked_at is not null)
      and seen_at = (select checked_at from problem_checks)
    returning id, cause`;
}
