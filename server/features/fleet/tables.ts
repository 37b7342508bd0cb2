import type { Fragment, ISql } from 'postgres';
import { agentSilent, CLOCK_MARGIN_S, patience } from '../agents/silence.ts';
import { reasonOf, stateOf } from '../miners/state.ts';
import { siteOfMiner } from '../miners/view.ts';
import { visible, type Eyes } from '../people/visibility.ts';

/**
 * SQL, before the SELECT: what is true of each agent now, judged once for all its miners. Who sees a miner by its
 * container need not see its agent: `seen_id` and `name` are null then.
 */
export function withAgentsNow(sql: ISql, now: Date, eyes: Eyes): Fragment {
  const seen = (column: Fragment) =>
    sql`case when ${visible(sql, eyes, 'agents')} then ${column} end`;
  return sql`with agents_now as materialized (
    select agents.id, ${seen(sql`agents.id`)} as seen_id, ${seen(sql`agents.name`)} as name,
      ${agentSilent(sql, now)} as silent,
      ${now}::timestamptz - ${patience(sql)} - ${CLOCK_MARGIN_S} * interval '1 second' as stale_before
    from agents)`;
}

/** SQL, after FROM: a miner and all that a row shows; `meant` and the columns below need these. */
export function fleetTables(sql: ISql): Fragment {
  return sql`miners
    left join containers on containers.id = miners.container_id
    left join sites on sites.id = ${siteOfMiner(sql)}
    left join agents_now on agents_now.id = miners.agent_id
    left join miner_latest as latest on latest.miner_id = miners.id`;
}

function silence(sql: ISql) {
  return {
    agentSilent: sql`coalesce(agents_now.silent, true)`,
    sampleStale: sql`coalesce(latest.at < agents_now.stale_before, true)`,
  };
}

/** SQL text: the state, by the one rule (miners/state.ts). */
export function stateNow(sql: ISql): Fragment {
  return stateOf(sql, silence(sql));
}

/** SQL text: why. */
export function reasonNow(sql: ISql): Fragment {
  return reasonOf(sql, silence(sql));
}
