import type { ISql, TransactionSql } from 'postgres';
import { Failure } from '../../failures.ts';
import { difference, record, type Actor } from '../audit/record.ts';
import { lockScope } from '../ingest/inventory-sql.ts';
import { canonicalIp, scopeOf, seriesKey } from '../ingest/series-key.ts';
import { noSite } from '../sites/routes.ts';

interface AgentFields {
  name: string;
  description: string | null;
  site_id: number | null;
}

/**
 * Renames an agent and moves it to another site, with the miners it reported last: they keep their history, and their
 * next samples find them. A miner whose key is another miner's at the new site stays behind.
 * Throws Failure `not_found` (agent, site) and `name_taken`.
 */
export async function changeAgent(
  tx: TransactionSql,
  by: Actor,
  id: number,
  changes: Partial<AgentFields>,
): Promise<{ miners_moved: number; miners_left: number }> {
  const before = await lockAgent(tx, id);
  const after = { ...before, ...changes };
  const taken = await tx`select from agents where name = ${after.name} and id <> ${id}`;
  if (taken.length > 0) {
    throw new Failure('name_taken', 'Agent with this name already exists');
  }
  const moves = after.site_id !== before.site_id;
  if (moves && after.site_id !== null) {
    const there = await tx`select from sites where id = ${after.site_id} for key share`;
    if (there.length === 0) throw noSite();
  }
  await tx`
    update agents set name = ${after.name}, description = ${after.description}, site_id = ${after.site_id}
    where id = ${id}`;
  const moved = moves
    ? await moveMiners(tx, id, before.site_id, after.site_id)
    : { miners_moved: 0, miners_left: 0 };
  const changed = difference(before, after);
  if (!changed) return moved;
  const entry = moves
    ? ({ action: 'agent.move', ...changed, after: { ...changed.after, ...moved } } as const)
    : ({ action: 'agent.change', ...changed } as const);
  await record(tx, by, { id, name: before.name, ...entry });
  return moved;
}

interface MovingMiner {
  id: number;
  mac: string | null;
  serial: string | null;
  ip: string;
  port: number;
}

async function moveMiners(
  tx: TransactionSql,
  agentId: number,
  fromSite: number | null,
  toSite: number | null,
): Promise<{ miners_moved: number; miners_left: number }> {
  const from = scopeOf({ id: agentId, siteId: fromSite });
  const to = scopeOf({ id: agentId, siteId: toSite });
  for (const scope of [from, to].sort()) await lockScope(tx, scope);
  const miners = await tx<MovingMiner[]>`
    select id, mac, serial, host(ip_address) as ip, port from miners
    where agent_id = ${agentId} and scope = ${from} order by id for update`;
  const keys = miners.map((miner) => seriesKey({ ...miner, ip: canonicalIp(miner.ip) }));
  const taken = await tx<{ key: string; miner_id: number }[]>`
    select key, miner_id from miner_keys where scope = ${to} and key = any(${keys}::text[])`;
  const owners = new Map(taken.map(({ key, miner_id }) => [key, miner_id]));
  const ids = miners
    .filter(({ id }, i) => (owners.get(keys[i] ?? '') ?? id) === id)
    .map(({ id }) => id);
  await tx`
    insert into miner_keys (scope, key, miner_id, first_at)
    select ${to}, key, miner_id, first_at from miner_keys
    where scope = ${from} and miner_id = any(${ids}::int[])
    on conflict (scope, key) do nothing`;
  // A container stands at one site, and its miners with it.
  await tx`
    update miners set scope = ${to}, site_id = ${toSite}, container_id = (
      select id from containers where id = miners.container_id and (site_id is null or site_id = ${toSite}))
    where id = any(${ids}::int[])`;
  return { miners_moved: ids.length, miners_left: miners.length - ids.length };
}

/** Out of service: its keys are revoked, and its silence is no problem. Throws Failure `not_found`. */
export async function retireAgent(tx: TransactionSql, by: Actor, id: number): Promise<void> {
  const { name } = await lockAgent(tx, id);
  await tx`update agents set is_active = false where id = ${id}`;
  const keys = await tx<{ key_id: string }[]>`
    update agent_keys set revoked_at = ${by.at} where agent_id = ${id} and revoked_at is null
    returning key_id`;
  const before = { keys: keys.map((key) => key.key_id) };
  await record(tx, by, { action: 'agent.retire', id, name, before });
}

/** In service again; it needs a new key. Throws Failure `not_found`. */
export async function restoreAgent(tx: TransactionSql, by: Actor, id: number): Promise<void> {
  const { name } = await lockAgent(tx, id);
  await tx`update agents set is_active = true where id = ${id}`;
  await record(tx, by, { action: 'agent.restore', id, name });
}

async function lockAgent(tx: ISql, id: number): Promise<AgentFields> {
  const [row] = await tx<AgentFields[]>`
    select name, description, site_id from agents where id = ${id} for update`;
  if (!row) throw new Failure('not_found', `No agent ${id}`);
  return row;
}
