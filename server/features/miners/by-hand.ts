import type { ISql, Sql, TransactionSql } from 'postgres';
import { Failure } from '../../failures.ts';
import { difference, record, type Actor } from '../audit/record.ts';
import { noContainer } from '../containers/find-container.ts';
import { addressKey, canonicalIp, scopeOf } from '../ingest/series-key.ts';
import { noPool } from '../pools/routes.ts';
import { noMiner } from './find-miner.ts';
import {
  claimKey,
  insertMiner,
  lockMiner,
  poolExists,
  siteOfContainer,
  UNASSIGNED,
  updateMiner,
  type MinerFields,
  type StoredMiner,
} from './store.ts';

/**
 * Miners as administrators enter and change them. Every change keeps the rule that an address belongs to one
 * miner of a site. Throws Failure `not_found` (the miner, its container or pool) and `name_taken` (the address).
 */
export function makeMinersByHand({ sql, clock }: { sql: Sql; clock: () => Date }) {
  return {
    async add(by: Actor, fields: MinerFields): Promise<number> {
      return sql.begin(async (tx) => {
        const siteId = await siteOf(tx, fields);
        const miner = { ...fields, scope: scopeOfSite(siteId), site_id: siteId };
        const id = await insertMiner(tx, { ...miner, now: clock() });
        await claimAddress(tx, { ...miner, id });
        await record(tx, by, { action: 'miner.create', id, name: fields.name, after: fields });
        return id;
      });
    },

    change(by: Actor, id: number, changes: Partial<MinerFields>): Promise<void> {
      return sql.begin((tx) => changeByHand(tx, by, id, changes));
    },
  };
}

/** One miner, with the entry in the audit log. */
export async function changeByHand(
  tx: TransactionSql,
  by: Actor,
  id: number,
  changes: Partial<MinerFields>,
): Promise<void> {
  const before = await lockMiner(tx, id);
  if (!before) throw noMiner();
  const after: StoredMiner = { ...before, ...changes };
  const siteId = await siteOf(tx, after);
  // What an agent found stays in the agent's site, wherever a person says it stands.
  if (before.scope === UNASSIGNED)
    Object.assign(after, { scope: scopeOfSite(siteId), site_id: siteId });
  const moved =
    after.scope !== before.scope ||
    after.ip_address !== before.ip_address ||
    after.port !== before.port;
  await updateMiner(tx, after, moved ? by.at : undefined);
  if (moved) await claimAddress(tx, after);
  const changed = difference(before, after);
  if (changed) await record(tx, by, { action: 'miner.change', id, name: before.name, ...changed });
}

function scopeOfSite(siteId: number | null): string {
  return siteId === null ? UNASSIGNED : scopeOf({ id: 0, siteId });
}

async function siteOf(tx: ISql, fields: MinerFields): Promise<number | null> {
  if (fields.pool_id !== null && !(await poolExists(tx, fields.pool_id))) {
    throw noPool();
  }
  if (fields.container_id === null) return null;
  const container = await siteOfContainer(tx, fields.container_id);
  if (!container) {
    throw noContainer();
  }
  return container.site_id;
}

async function claimAddress(
  tx: ISql,
  miner: Pick<StoredMiner, 'id' | 'scope' | 'ip_address' | 'port'>,
) {
  const key = addressKey(canonicalIp(miner.ip_address), miner.port);
  const owner = await claimKey(tx, { scope: miner.scope, key, minerId: miner.id });
  if (owner !== miner.id) {
    throw new Failure(
      'name_taken',
      `ip_address: ${miner.ip_address}:${miner.port} is miner ${owner} already; change or remove that one first`,
    );
  }
}
