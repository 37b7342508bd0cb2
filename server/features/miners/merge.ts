import type { TransactionSql } from 'postgres';
import { Failure } from '../../failures.ts';
import { record, type Actor } from '../audit/record.ts';
import { lockScope } from '../ingest/inventory-sql.ts';
import { noMiner } from './find-miner.ts';

interface Half {
  id: number;
  scope: string;
  site_id: number | null;
  agent_id: number | null;
  name: string;
  ip_address: string;
  port: number;
  mac: string | null;
  serial: string | null;
  hostname: string | null;
  manufacturer: string | null;
  model: string | null;
  model_raw: string | null;
  family: string | null;
  firmware: string | null;
  firmware_version: string | null;
  algorithm: string | null;
  control_board: string | null;
  container_id: number | null;
  pool_id: number | null;
  tags: string[];
  is_active: boolean;
  note: string | null;
  expected_ths: number | null;
  created_at: Date;
  seen_at: Date;
  known_at: Date;
  latest_at: Date | null;
}

/** What a batch says of a miner: of a merged one, what the half says that was heard of last. */
const FOUND = [
  'scope',
  'site_id',
  'agent_id',
  'ip_address',
  'port',
  'mac',
  'serial',
  'hostname',
  'manufacturer',
  'model',
  'model_raw',
  'family',
  'firmware',
  'firmware_version',
  'algorithm',
  'control_board',
  'seen_at',
] as const satisfies (keyof Half)[];

/**
 * Two rows that are one machine become one, as after a control board was replaced: `keptId` takes over the keys, and
 * with them the history, the addresses and the newest state of `goneId`, which is deleted. What people said of the
 * kept one stays; what the machine says is taken from the one heard of last. A later batch of either key is its.
 * Throws Failure `not_found` and `invalid_body`.
 */
export async function mergeMiners(
  tx: TransactionSql,
  by: Actor,
  keptId: number,
  goneId: number,
): Promise<void> {
  if (keptId === goneId) throw new Failure('invalid_body', 'from: is the miner itself');
  const scopes = await tx<{ scope: string }[]>`
    select distinct scope from miners where id in (${keptId}, ${goneId}) order by scope`;
  // Batches that change the inventory wait, and see the merged row then.
  for (const { scope } of scopes) await lockScope(tx, scope);
  const halves = await tx<Half[]>`
    select miners.*, host(miners.ip_address) as ip_address, latest.at as latest_at,
      greatest(miners.seen_at, latest.at) as known_at
    from miners left join miner_latest as latest on latest.miner_id = miners.id
    where miners.id in (${keptId}, ${goneId}) order by miners.id for update of miners`;
  const kept = halves.find(({ id }) => id === keptId);
  const gone = halves.find(({ id }) => id === goneId);
  if (!kept || !gone) throw noMiner();

  const [newer, older] = gone.known_at > kept.known_at ? [gone, kept] : [kept, gone];
  const found = Object.fromEntries(FOUND.map((column) => [column, newer[column] ?? older[column]]));
  const moves = newer.site_id !== kept.site_id;
  const merged = {
    ...found,
    // A null of these three says something.
    scope: newer.scope,
    site_id: newer.site_id,
    agent_id: newer.agent_id,
    name: kept.name.endsWith(`-${kept.ip_address}`) ? gone.name : kept.name,
    container_id: moves ? gone.container_id : (kept.container_id ?? gone.container_id),
    pool_id: kept.pool_id ?? gone.pool_id,
    tags: [...new Set([...kept.tags, ...gone.tags])],
    is_active: kept.is_active || gone.is_active,
    note: kept.note ?? gone.note,
    expected_ths: kept.expected_ths ?? gone.expected_ths,
    created_at: kept.created_at < gone.created_at ? kept.created_at : gone.created_at,
  };
  if (gone.latest_at && (!kept.latest_at || gone.latest_at > kept.latest_at)) {
    await tx`delete from miner_latest where miner_id = ${keptId}`;
    await tx`update miner_latest set miner_id = ${keptId} where miner_id = ${goneId}`;
  }
  await tx`update miner_keys set miner_id = ${keptId} where miner_id = ${goneId}`;
  await tx`update miners set ${tx(merged)} where id = ${keptId}`;
  await tx`update miner_addresses set miner_id = ${keptId} where miner_id = ${goneId}`;
  await tx`delete from miners where id = ${goneId}`;
  const half = ({
    id,
    name,
    scope,
    ip_address,
    port,
    mac,
    serial,
    container_id,
    tags,
    note,
  }: Half) => ({
    id,
    name,
    scope,
    ip_address,
    port,
    mac,
    serial,
    container_id,
    tags,
    note,
  });
  await record(tx, by, {
    action: 'miner.merge',
    id: keptId,
    name: kept.name,
    before: { kept: half(kept), gone: half(gone) },
    after: { name: merged.name, ip_address: newer.ip_address, mac: newer.mac ?? older.mac },
  });
}
