import type { Fragment, ISql } from 'postgres';
import { expectedThs, type MinerState } from '../miners/state.ts';
import type { Eyes } from '../people/visibility.ts';
import { meant, type FleetFilter } from './filter.ts';
import { fleetTables, reasonNow, stateNow, withAgentsNow } from './tables.ts';

/** One miner as lists show it: TH/s, W, °C, rpm; null = not reported. */
export interface FleetRow {
  id: number;
  name: string;
  ip_address: string;
  port: number;
  mac: string | null;
  serial: string | null;
  hostname: string | null;
  manufacturer: string | null;
  model: string | null;
  firmware: string | null;
  firmware_version: string | null;
  algorithm: string | null;
  site_id: number | null;
  site_name: string | null;
  container_id: number | null;
  container_name: string | null;
  agent_id: number | null;
  agent_name: string | null;
  worker: string | null;
  tags: string[];
  state: MinerState;
  reason: string | null;
  at: Date | null;
  answered_at: Date | null;
  retired_at: Date | null;
  hash_rate: number | null;
  expected_hash_rate: number | null;
  percent_of_expected: number | null;
  power_consumption: number | null;
  efficiency_j_th: number | null;
  temperature: number | null;
  temp_chip: number | null;
  fan_speed: number | null;
  accepted_shares: number | null;
  rejected_shares: number | null;
  rejected_percent: number | null;
  uptime_s: number | null;
}

const percentOfExpected = (sql: ISql) =>
  sql`100 * latest.hashrate_ths / nullif(${expectedThs(sql)}, 0)`;
const efficiency = (sql: ISql) => sql`latest.power_w / nullif(latest.hashrate_ths, 0)`;
const rejectedPercent = (sql: ISql) =>
  sql`100 * latest.rejected / nullif(latest.accepted + latest.rejected, 0)`;
const byte = (sql: ISql, column: Fragment) => sql`lower(${column}) collate "C"`;

/** What a list can be sorted by, and how. */
const SORTS = {
  name: (sql) => byte(sql, sql`miners.name`),
  ip_address: (sql) => sql`miners.ip_address`,
  mac: (sql) => sql`miners.mac`,
  serial: (sql) => byte(sql, sql`miners.serial`),
  hostname: (sql) => byte(sql, sql`miners.hostname`),
  manufacturer: (sql) => byte(sql, sql`miners.manufacturer`),
  model: (sql) => byte(sql, sql`concat_ws(' ', miners.manufacturer, miners.model)`),
  firmware: (sql) => byte(sql, sql`concat_ws(' ', miners.firmware, miners.firmware_version)`),
  algorithm: (sql) => sql`miners.algorithm`,
  site_name: (sql) => byte(sql, sql`sites.name`),
  container_name: (sql) => byte(sql, sql`containers.name`),
  agent_name: (sql) => byte(sql, sql`agents_now.name`),
  worker: (sql) => byte(sql, sql`latest.worker`),
  // From worst to best.
  state: (sql) =>
    sql`array_position(array['offline', 'degraded', 'idle', 'unknown', 'hashing'], ${stateNow(sql)})`,
  at: (sql) => sql`latest.at`,
  answered_at: (sql) => sql`latest.answered_at`,
  retired_at: (sql) => sql`miners.retired_at`,
  hash_rate: (sql) => sql`latest.hashrate_ths`,
  expected_hash_rate: expectedThs,
  percent_of_expected: percentOfExpected,
  power_consumption: (sql) => sql`latest.power_w`,
  efficiency_j_th: efficiency,
  temperature: (sql) => sql`latest.temp_c`,
  temp_chip: (sql) => sql`latest.temp_chip_c`,
  fan_speed: (sql) => sql`latest.fan_rpm`,
  accepted_shares: (sql) => sql`latest.accepted`,
  rejected_shares: (sql) => sql`latest.rejected`,
  rejected_percent: rejectedPercent,
  uptime_s: (sql) => sql`latest.uptime_s`,
} as const satisfies Partial<Record<keyof FleetRow, (sql: ISql) => Fragment>>;
export type FleetSort = keyof typeof SORTS;
export const FLEET_SORTS = Object.keys(SORTS) as [FleetSort, ...FleetSort[]];

export interface FleetPage {
  sort: FleetSort;
  order: 'asc' | 'desc';
  offset: number;
  /** null: all. */
  limit: number | null;
}

/** The ids of one page in its order, and how many miners there are on all. What is not known comes last. */
export async function findIds(
  sql: ISql,
  eyes: Eyes,
  filter: FleetFilter,
  page: FleetPage,
  now: Date,
): Promise<{ total: number; ids: number[] }> {
  const direction = page.order === 'asc' ? sql`asc` : sql`desc`;
  const [row] = await sql<{ total: number; ids: number[] }[]>`
    ${withAgentsNow(sql, now, eyes)}, matching as materialized (
      select miners.id, ${SORTS[page.sort](sql)} as key from ${fleetTables(sql)}
      where ${meant(sql, eyes, filter)}
    )
    select (select count(*)::int from matching) as total,
      array(select id from matching order by key ${direction} nulls last, id
        offset ${page.offset} limit ${page.limit}) as ids`;
  return row ?? { total: 0, ids: [] };
}

/** The rows of those ids that `eyes` may see, in that order. */
export async function readRows(
  sql: ISql,
  eyes: Eyes,
  ids: readonly number[],
  now: Date,
): Promise<FleetRow[]> {
  const rows = await sql<FleetRow[]>`
    ${withAgentsNow(sql, now, eyes)}
    select miners.id, miners.name, host(miners.ip_address) as ip_address, miners.port, miners.mac, miners.serial,
      miners.hostname, miners.manufacturer, miners.model, miners.firmware, miners.firmware_version,
      miners.algorithm, sites.id as site_id, sites.name as site_name, containers.id as container_id,
      containers.name as container_name, agents_now.seen_id as agent_id, agents_now.name as agent_name,
      latest.worker, miners.tags, ${stateNow(sql)} as state, ${reasonNow(sql)} as reason,
      latest.at, latest.answered_at, miners.retired_at, latest.hashrate_ths as hash_rate,
      ${expectedThs(sql)} as expected_hash_rate, ${percentOfExpected(sql)} as percent_of_expected,
      latest.power_w as power_consumption, ${efficiency(sql)} as efficiency_j_th,
      latest.temp_c as temperature, latest.temp_chip_c as temp_chip, latest.fan_rpm as fan_speed,
      latest.accepted as accepted_shares, latest.rejected as rejected_shares,
      ${rejectedPercent(sql)} as rejected_percent, latest.uptime_s
    from ${fleetTables(sql)}
    where miners.id = any(${ids as number[]}::int[]) and ${meant(sql, eyes, { retired: 'any' })}`;
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
