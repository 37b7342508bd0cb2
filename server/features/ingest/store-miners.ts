import postgres, { type Sql, type TransactionSql } from 'postgres';
import type { CheckedBatch } from './check-batch.ts';
import { devicesOf, type Device } from './devices.ts';
import { lockScope, readKnown, writePlan } from './inventory-sql.ts';
import { upsertLatest } from './latest.ts';
import { planInventory, type InventoryPlan } from './plan-inventory.ts';

/** Miners a scope may hold: a broken or hostile agent must not fill InfluxDB with series. */
const MINERS_PER_SCOPE = 20_000;
/** And those it may gain in a day once its first is over: sites grow by a container, not by a fleet. */
const NEW_PER_DAY = 2_000;
/** Another batch was faster at the same rows; the same work again succeeds. */
const CONFLICTS = new Set(['23503', '23505', '40001', '40P01']);
const ATTEMPTS = 3;

/** Whose miners they are, and when the server heard of them. */
export interface MinerSource {
  agent: { id: number; siteId: number | null };
  scope: string;
  receivedAt: Date;
}

/** A transaction, up to three times when others are in its way. */
export async function inTransaction<T>(
  sql: Sql,
  work: (tx: TransactionSql) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await sql.begin(work)) as T;
    } catch (error) {
      const conflict = error instanceof postgres.PostgresError && CONFLICTS.has(error.code);
      if (!conflict || attempt === ATTEMPTS) throw error;
    }
  }
}

/**
 * Inventory and latest states of what has been checked. Items of miners the scope has no room for are moved to
 * `checked.setAside`. `foundAt` is when the discovered miners were found. null: there was no miner at all.
 */
export async function storeMiners(
  tx: TransactionSql,
  source: MinerSource,
  checked: CheckedBatch,
  foundAt: Date,
): Promise<InventoryPlan | null> {
  await keepKnownGroups(tx, source, checked);
  const devices = devicesOf(checked, foundAt);
  if (devices.size === 0) return null;
  const { plan, limit } = await storeInventory(tx, source, devices);
  setAsideWithoutRoom(checked, plan, limit);
  await upsertLatest(tx, checked.samples, plan.rows);
  return plan;
}

/**
 * The usual batch changes nothing in the inventory and takes no lock. One that does locks its scope and looks
 * again, so that two batches never make the same miner twice.
 */
async function storeInventory(
  tx: TransactionSql,
  { agent, scope, receivedAt }: MinerSource,
  devices: Map<string, Device>,
): Promise<{ plan: InventoryPlan; limit: string }> {
  const look = async (room: number, whole: boolean) =>
    planInventory(devices.values(), await readKnown(tx, scope, devices, whole), {
      agentId: agent.id,
      room,
    });
  const scanned = devices.values().some(({ found }) => found !== null);
  const plan = await look(MINERS_PER_SCOPE, scanned);
  if (plan.created.length === 0 && plan.changed.size === 0 && plan.claims.length === 0) {
    return { plan, limit: '' };
  }
  await lockScope(tx, scope);
  const { room, limit } = await roomIn(tx, scope, receivedAt);
  const locked = await look(room, true);
  await writePlan(tx, scope, agent.siteId, locked);
  return { plan: locked, limit };
}

/** How many miners more the scope may hold, and what to say to those beyond. */
async function roomIn(
  tx: TransactionSql,
  scope: string,
  now: Date,
): Promise<{ room: number; limit: string }> {
  const [has] = await tx<{ held: number; recent: number; settled: boolean }[]>`
    SELECT count(*)::int AS held, count(*) FILTER (WHERE created_at > day_ago)::int AS recent,
      coalesce(min(created_at) <= day_ago, false) AS settled
    FROM miners, (SELECT ${now}::timestamptz - interval '1 day' AS day_ago) AS day
    WHERE scope = ${scope} GROUP BY day_ago`;
  const { held, recent, settled } = has ?? { held: 0, recent: 0, settled: false };
  const room = Math.max(0, MINERS_PER_SCOPE - held);
  const today = settled ? Math.max(0, NEW_PER_DAY - recent) : room;
  return today < room
    ? { room: today, limit: `the ${NEW_PER_DAY} a site may gain in a day; it fits in tomorrow` }
    : { room, limit: `the ${MINERS_PER_SCOPE} a site may hold; remove dead ones first` };
}

function setAsideWithoutRoom(
  checked: CheckedBatch,
  { noRoom }: InventoryPlan,
  limit: string,
): void {
  if (noRoom.size === 0) return;
  const setAside = (
    list: 'miner_stats' | 'discovered_miners',
    { index, key }: { index: number; key: string },
    sample: object,
  ) => {
    const detail = `${list}.${index}: ${key} is one miner more than ${limit}`;
    checked.setAside.push({ list, index, code: 'series_limit', detail, sample });
  };
  for (const item of checked.samples) {
    if (noRoom.has(item.key)) setAside('miner_stats', item, item.sample);
  }
  for (const item of checked.discoveries) {
    if (noRoom.has(item.key)) setAside('discovered_miners', item, item.found);
  }
  checked.samples = checked.samples.filter(({ key }) => !noRoom.has(key));
  checked.discoveries = checked.discoveries.filter(({ key }) => !noRoom.has(key));
}

/** A container or pool that is not there, or belongs to another site, costs only itself. */
async function keepKnownGroups(
  tx: TransactionSql,
  { agent }: MinerSource,
  { discoveries, remarks }: CheckedBatch,
): Promise<void> {
  const ids = (field: 'container_id' | 'pool_id') =>
    discoveries.map(({ found }) => found[field]).filter((id) => typeof id === 'number');
  const containers = ids('container_id').filter(isId);
  const pools = ids('pool_id').filter(isId);
  if (ids('container_id').length === 0 && ids('pool_id').length === 0) return;
  const known = await tx<{ kind: string; id: number }[]>`
    SELECT 'container_id' AS kind, id FROM containers
    WHERE id = ANY(${containers}::int[]) AND (site_id IS NULL OR site_id = ${agent.siteId}::int)
    UNION ALL SELECT 'pool_id', id FROM pools WHERE id = ANY(${pools}::int[])`;
  const present = new Set(known.map(({ kind, id }) => `${kind} ${id}`));
  for (const { index, found } of discoveries) {
    for (const field of ['container_id', 'pool_id'] as const) {
      const id = found[field];
      if (typeof id !== 'number' || present.has(`${field} ${id}`)) continue;
      remarks.push(
        `discovered_miners.${index}.${field}: no such ${field} ${id} for this agent; left out`,
      );
      found[field] = null;
    }
  }
}

function isId(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value < 2 ** 31;
}
