import type { Fragment, ISql } from 'postgres';
import { agentSilent, sampleStale } from '../agents/silence.ts';
import { matching, type MinerFilter } from '../miners/view.ts';
import { visible, type Eyes } from '../people/visibility.ts';

/** TH/s, °C and W over the active miners of a group; null when none of them reported it. */
export interface Totals {
  total_miners: number;
  /** Answered in their newest sample, and that sample is fresh. */
  active_miners: number;
  total_hash_rate: number | null;
  avg_temperature: number | null;
  avg_power_consumption: number | null;
}

export interface ContainerTotals extends Totals {
  container_id: number;
  container_name: string;
}

/** Totals of the miners that match. */
export async function totalsOf(
  sql: ISql,
  eyes: Eyes,
  filter: MinerFilter,
  now: Date,
): Promise<Totals> {
  const [row] = await sql<Totals[]>`
    select ${sums(sql)} from (${states(sql, eyes, filter, now)}) as states`;
  if (!row) throw new Error('an aggregate without GROUP BY gives one row');
  return row;
}

/** Totals of each container, in order of name. */
export async function totalsByContainer(
  sql: ISql,
  eyes: Eyes,
  now: Date,
): Promise<ContainerTotals[]> {
  return sql<ContainerTotals[]>`
    select containers.id as container_id, containers.name as container_name, ${sums(sql)}
    from containers
      left join (${states(sql, eyes, {}, now)}) as states on states.container_id = containers.id
    where ${visible(sql, eyes, 'containers')}
    group by containers.id
    order by containers.name, containers.id`;
}

export interface MinerReading {
  miner_id: number;
  miner_name: string;
  timestamp: Date;
  hash_rate: number | null;
  accepted_shares: number | null;
  rejected_shares: number | null;
  temperature: number | null;
  fan_speed: number | null;
  power_consumption: number | null;
}

/** The newest sample of each miner in a container, as far as it answered in it and it is not older than `since`. */
export async function readingsInContainer(
  sql: ISql,
  containerId: number,
  since: Date,
): Promise<MinerReading[]> {
  return sql<MinerReading[]>`
    select miners.id as miner_id, miners.name as miner_name, latest.at as timestamp,
           latest.hashrate_ths as hash_rate, latest.accepted as accepted_shares,
           latest.rejected as rejected_shares, latest.temp_c as temperature,
           latest.fan_rpm as fan_speed, latest.power_w as power_consumption
    from miners join miner_latest as latest on latest.miner_id = miners.id
    where miners.container_id = ${containerId} and latest.reachable and latest.at >= ${since}
    order by miners.name, miners.id`;
}

/** A row per miner: its latest measures, and whether they count. */
function states(sql: ISql, eyes: Eyes, filter: MinerFilter, now: Date): Fragment {
  return sql`
    select miners.id as miner_id, miners.container_id, latest.hashrate_ths, latest.temp_c,
           latest.power_w, latest.reachable and not ${agentSilent(sql, now)}
             and not ${sampleStale(sql, now)} as is_active
    from miners
      left join containers on containers.id = miners.container_id
      left join agents on agents.id = miners.agent_id
      left join miner_latest as latest on latest.miner_id = miners.id
    where ${matching(sql, eyes, filter)}`;
}

function sums(sql: ISql): Fragment {
  return sql`
    count(miner_id)::int as total_miners,
    count(*) filter (where is_active)::int as active_miners,
    sum(hashrate_ths) filter (where is_active) as total_hash_rate,
    avg(temp_c) filter (where is_active) as avg_temperature,
    avg(power_w) filter (where is_active) as avg_power_consumption`;
}
