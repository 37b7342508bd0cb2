import type { Fragment, ISql } from 'postgres';
import * as z from 'zod';
import { MINER_STATES, type MinerState } from '../miners/state.ts';
import type { Eyes } from '../people/visibility.ts';
import { siteOfMiner } from '../miners/view.ts';
import { measure } from './answers.ts';
import { meant } from './filter.ts';
import { fleetTables, stateNow, withAgentsNow } from './tables.ts';
import { expectedThs } from '../miners/state.ts';

/** Of a group of miners that are not retired: TH/s and W of those that answer now; null when none reports it. */
export interface Totals {
  miners: number;
  states: Record<MinerState, number>;
  hash_rate: number | null;
  /** Of all of them, whether they hash or not. */
  expected_hash_rate: number | null;
  power_consumption: number | null;
  /** Over those that report both. */
  efficiency_j_th: number | null;
}

const count = z.number().int();
export const totalsAnswer = z
  .object({
    miners: count,
    states: z.object(
      Object.fromEntries(MINER_STATES.map((state) => [state, count])) as Record<
        MinerState,
        typeof count
      >,
    ),
    hash_rate: measure,
    expected_hash_rate: measure,
    power_consumption: measure,
    efficiency_j_th: measure,
  })
  .meta({ id: 'FleetTotals' });

/** Site and container of the group, 0 for none; its algorithm, null when it is not known. */
export interface GroupTotals extends Totals {
  site_id: number;
  container_id: number;
  algorithm: string | null;
  site: boolean;
  container: boolean;
  by_algorithm: boolean;
}

/** Of everything `eyes` may see: in all, by algorithm, by site, and by container of a site; in one pass. */
export async function readTotals(sql: ISql, eyes: Eyes, now: Date): Promise<GroupTotals[]> {
  const states = sql`json_build_object(${MINER_STATES.reduce<Fragment>(
    (list, state, i) =>
      sql`${list}${i === 0 ? sql`` : sql`,`} ${state}::text, count(*) filter (where state = ${state})`,
    sql``,
  )})`;
  return sql<GroupTotals[]>`
    ${withAgentsNow(sql, now, eyes)}, seen as materialized (
      select coalesce(${siteOfMiner(sql)}, 0) as site_id, coalesce(miners.container_id, 0) as container_id,
        miners.algorithm, ${stateNow(sql)} as state, latest.hashrate_ths, latest.power_w, ${expectedThs(sql)} as expected_ths
      from ${fleetTables(sql)} where ${meant(sql, eyes, {})}
    )
    select site_id, container_id, algorithm, grouping(site_id) = 0 as site, grouping(container_id) = 0 as container,
      grouping(algorithm) = 0 as by_algorithm, count(*)::int as miners, ${states} as states,
      sum(hashrate_ths) filter (where answers) as hash_rate, sum(expected_ths) as expected_hash_rate,
      sum(power_w) filter (where answers) as power_consumption,
      sum(power_w) filter (where answers and hashrate_ths > 0 and power_w > 0)
        / nullif(sum(hashrate_ths) filter (where answers and power_w > 0), 0) as efficiency_j_th
    from seen cross join lateral (select state in ('hashing', 'degraded', 'idle') as answers) as a
    group by grouping sets ((), (algorithm), (site_id), (container_id))`;
}

/** Of a group without miners. */
function noTotals(): Totals {
  const states = Object.fromEntries(MINER_STATES.map((state) => [state, 0]));
  return {
    miners: 0,
    states: states as Record<MinerState, number>,
    hash_rate: null,
    expected_hash_rate: null,
    power_consumption: null,
    efficiency_j_th: null,
  };
}

export function totalsIn(group: Totals | undefined): Totals {
  if (!group) return noTotals();
  const { miners, states, hash_rate, expected_hash_rate, power_consumption, efficiency_j_th } =
    group;
  return { miners, states, hash_rate, expected_hash_rate, power_consumption, efficiency_j_th };
}
