import type { Fragment, ISql } from 'postgres';
import { agentSilent, sampleStale } from '../agents/silence.ts';
import { expectedThs, reasonOf, stateOf, type MinerState } from './state.ts';
import { visible, type Eyes } from '../people/visibility.ts';

export interface MinerFilter {
  id?: number | undefined;
  container_id?: number | undefined;
  pool_id?: number | undefined;
  site_id?: number | undefined;
  agent_id?: number | undefined;
  tag?: string | undefined;
  is_active?: boolean | undefined;
}

export interface MinerView {
  id: number;
  name: string;
  ip_address: string;
  port: number;
  manufacturer: string | null;
  model: string | null;
  container_id: number | null;
  pool_id: number | null;
  tags: string[];
  is_active: boolean;
  is_auto_discovered: boolean;
  created_at: Date;
  last_seen: Date | null;
  container_name: string | null;
  pool_name: string | null;
}

/** Miners in order of name. `last_seen`: when it last answered, or was last found by a scan. */
export async function listMiners(sql: ISql, eyes: Eyes, filter: MinerFilter): Promise<MinerView[]> {
  return sql<MinerView[]>`
    select miners.id, miners.name, host(miners.ip_address) as ip_address, miners.port,
           miners.manufacturer, miners.model, miners.container_id, miners.pool_id, miners.tags,
           miners.is_active, miners.is_auto_discovered, miners.created_at,
           case when miners.is_auto_discovered then greatest(latest.answered_at, miners.seen_at)
                else latest.answered_at end as last_seen,
           containers.name as container_name, pools.name as pool_name
    from miners
      left join containers on containers.id = miners.container_id
      left join pools on pools.id = miners.pool_id
      left join miner_latest as latest on latest.miner_id = miners.id
    where ${matching(sql, eyes, filter)}
    order by miners.name, miners.id`;
}

export interface LatestView {
  id: number;
  name: string;
  ip_address: string;
  port: number;
  manufacturer: string | null;
  model: string | null;
  firmware: string | null;
  firmware_version: string | null;
  mac: string | null;
  serial: string | null;
  site_id: number | null;
  site_name: string | null;
  container_name: string | null;
  agent_id: number | null;
  state: MinerState;
  reason: string | null;
  at: Date | null;
  answered_at: Date | null;
  hash_rate: number | null;
  expected_hash_rate: number | null;
  temperature: number | null;
  temp_chip: number | null;
  fan_speed: number | null;
  power_consumption: number | null;
  uptime_s: number | null;
}

/** Miners with state and newest sample. */
export async function listLatest(
  sql: ISql,
  eyes: Eyes,
  filter: MinerFilter,
  now: Date,
): Promise<LatestView[]> {
  const silence = { agentSilent: agentSilent(sql, now), sampleStale: sampleStale(sql, now) };
  return sql<LatestView[]>`
    select miners.id, miners.name, host(miners.ip_address) as ip_address, miners.port,
           miners.manufacturer, miners.model, miners.firmware, miners.firmware_version,
           miners.mac, miners.serial, sites.id as site_id, sites.name as site_name,
           containers.name as container_name, miners.agent_id,
           ${stateOf(sql, silence)} as state, ${reasonOf(sql, silence)} as reason,
           latest.at, latest.answered_at,
           latest.hashrate_ths as hash_rate, ${expectedThs(sql)} as expected_hash_rate,
           latest.temp_c as temperature, latest.temp_chip_c as temp_chip,
           latest.fan_rpm as fan_speed, latest.power_w as power_consumption, latest.uptime_s
    from miners
      left join containers on containers.id = miners.container_id
      left join sites on sites.id = ${siteOfMiner(sql)}
      left join agents on agents.id = miners.agent_id
      left join miner_latest as latest on latest.miner_id = miners.id
    where ${matching(sql, eyes, filter)}
    order by miners.name, miners.id`;
}

/** Every tag in use, each once, in order. */
export async function listTags(sql: ISql, eyes: Eyes): Promise<string[]> {
  const rows = await sql<{ tag: string }[]>`
    select distinct unnest(tags) as tag from miners
    where ${visible(sql, eyes, 'miners')} order by tag`;
  return rows.map((row) => row.tag);
}

/** Agents in the field write "Unknown" where they found none. */
export async function listManufacturers(sql: ISql, eyes: Eyes): Promise<string[]> {
  const rows = await sql<{ manufacturer: string }[]>`
    select distinct manufacturer from miners
    where manufacturer <> 'Unknown' and ${visible(sql, eyes, 'miners')}`;
  return rows.map((row) => row.manufacturer);
}

/** Models of one manufacturer, its name in any case. */
export async function listModels(sql: ISql, eyes: Eyes, manufacturer: string): Promise<string[]> {
  const rows = await sql<{ model: string }[]>`
    select distinct model from miners
    where lower(manufacturer) = lower(${manufacturer}) and model is not null
      and ${visible(sql, eyes, 'miners')}
    order by model`;
  return rows.map((row) => row.model);
}

/** The site of the agent that found the miner; of its container, for one entered by hand. */
export function siteOfMiner(sql: ISql): Fragment {
  return sql`coalesce(miners.site_id, containers.site_id)`;
}

/** SQL condition; needs `miners` and `containers` joined. */
export function matching(sql: ISql, eyes: Eyes, filter: MinerFilter): Fragment {
  const { id, container_id, pool_id, site_id, agent_id, tag, is_active } = filter;
  const all = sql`true`;
  return sql`${visible(sql, eyes, 'miners')}
    and ${id === undefined ? all : sql`miners.id = ${id}`}
    and ${container_id === undefined ? all : sql`miners.container_id = ${container_id}`}
    and ${pool_id === undefined ? all : sql`miners.pool_id = ${pool_id}`}
    and ${site_id === undefined ? all : sql`${siteOfMiner(sql)} = ${site_id}`}
    and ${agent_id === undefined ? all : sql`miners.agent_id = ${agent_id}`}
    and ${tag === undefined ? all : sql`miners.tags @> ${[tag]}`}
    and ${is_active === undefined ? all : sql`miners.is_active = ${is_active}`}`;
}
