import type { ISql } from 'postgres';

/** Of miners entered by hand without a container of a site: they wait there until they get one. */
export const UNASSIGNED = 'unassigned';

/** What an administrator may set. */
export interface MinerFields {
  name: string;
  ip_address: string;
  port: number;
  manufacturer: string | null;
  model: string | null;
  container_id: number | null;
  pool_id: number | null;
  tags: string[];
  is_active: boolean;
  note: string | null;
  /** TH/s; outweighs what the miner says it should do. */
  expected_ths: number | null;
}

export interface StoredMiner extends MinerFields {
  id: number;
  scope: string;
  site_id: number | null;
}

/** The row, locked until the transaction ends. */
export async function lockMiner(tx: ISql, id: number): Promise<StoredMiner | undefined> {
  const [row] = await tx<StoredMiner[]>`
    select id, scope, site_id, name, host(ip_address) as ip_address, port, manufacturer, model,
           container_id, pool_id, tags, is_active, note, expected_ths
    from miners where id = ${id} for update`;
  return row;
}

/** The site of a container; undefined when there is no such container. */
export async function siteOfContainer(
  sql: ISql,
  containerId: number,
): Promise<{ site_id: number | null } | undefined> {
  const [row] = await sql<{ site_id: number | null }[]>`
    select site_id from containers where id = ${containerId}`;
  return row;
}

export async function poolExists(sql: ISql, poolId: number): Promise<boolean> {
  return (await sql`select from pools where id = ${poolId}`).length > 0;
}

/** A miner entered by hand. */
export async function insertMiner(
  tx: ISql,
  miner: MinerFields & { scope: string; site_id: number | null; now: Date },
): Promise<number> {
  const [row] = await tx<{ id: number }[]>`
    insert into miners ${tx({ ...rowOf(miner), is_auto_discovered: false, seen_at: miner.now })}
    returning id`;
  if (!row) throw new Error('INSERT into miners returned no row');
  return row.id;
}

/** `seenAt`, when given, keeps older batches from taking an address set by hand back. */
export async function updateMiner(
  tx: ISql,
  miner: StoredMiner,
  seenAt: Date | undefined,
): Promise<void> {
  const row = { ...rowOf(miner), ...(seenAt ? { seen_at: seenAt } : {}) };
  await tx`update miners set ${tx(row)} where id = ${miner.id}`;
}

/** In service or not; returns its name, undefined when there is no such miner. */
export async function setActive(
  tx: ISql,
  id: number,
  active: boolean,
): Promise<string | undefined> {
  const [row] = await tx<{ name: string }[]>`
    update miners set is_active = ${active} where id = ${id} returning name`;
  return row?.name;
}

/** Its points in InfluxDB stay. */
export async function deleteMiner(sql: ISql, id: number): Promise<void> {
  await sql`delete from miners where id = ${id}`;
}

/** Makes the key the miner's unless it is another's; returns whose it is now. */
export async function claimKey(
  tx: ISql,
  claim: { scope: string; key: string; minerId: number },
): Promise<number> {
  const [row] = await tx<{ owner: number }[]>`
    insert into miner_keys (scope, key, miner_id)
    values (${claim.scope}, ${claim.key}, ${claim.minerId})
    on conflict (scope, key) do update set miner_id = miner_keys.miner_id
    returning miner_id as owner`;
  if (!row) throw new Error('INSERT into miner_keys returned no row');
  return row.owner;
}

/** Every series the miner's samples are or were written to. */
export async function keysOfMiner(
  sql: ISql,
  minerId: number,
): Promise<{ scope: string; key: string; since: Date }[]> {
  return sql<{ scope: string; key: string; since: Date }[]>`
    select scope, key, first_at as since from miner_keys where miner_id = ${minerId} order by first_at, key`;
}

function rowOf(miner: MinerFields & { scope: string; site_id: number | null }) {
  return {
    scope: miner.scope,
    site_id: miner.site_id,
    name: miner.name,
    ip_address: miner.ip_address,
    port: miner.port,
    manufacturer: miner.manufacturer,
    model: miner.model,
    container_id: miner.container_id,
    pool_id: miner.pool_id,
    tags: miner.tags,
    is_active: miner.is_active,
    note: miner.note,
    expected_ths: miner.expected_ths,
  };
}
