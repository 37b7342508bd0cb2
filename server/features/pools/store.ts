import type { ISql, TransactionSql } from 'postgres';
import { visible, type Eyes } from '../people/visibility.ts';

export interface Pool {
  id: number;
  name: string;
  description: string | null;
  created_at: Date;
  miner_count: number;
}

/** Pools in order of name. A client sees those its miners are in, and counts only those miners. */
export async function listPools(sql: ISql, eyes: Eyes, id?: number): Promise<Pool[]> {
  return sql<Pool[]>`
    select pools.id, pools.name, pools.description, pools.created_at,
           count(miners.id)::int as miner_count
    from pools left join miners
      on miners.pool_id = pools.id and ${visible(sql, eyes, 'miners')}
    where ${id === undefined ? sql`true` : sql`pools.id = ${id}`}
    group by pools.id
    having ${eyes === null ? sql`true` : sql`count(miners.id) > 0`}
    order by pools.name, pools.id`;
}

/** Undefined when the name is taken. */
export async function insertPool(
  sql: ISql,
  pool: { name: string; description: string | null },
): Promise<Pool | undefined> {
  const [row] = await sql<Pool[]>`
    insert into pools (name, description) values (${pool.name}, ${pool.description})
    on conflict (name) do nothing
    returning id, name, description, created_at, 0 as miner_count`;
  return row;
}

/** Takes its miners out of the pool first; returns its name, undefined when there is no such pool. */
export async function deletePool(tx: TransactionSql, id: number): Promise<string | undefined> {
  await tx`update miners set pool_id = null where pool_id = ${id}`;
  const [row] = await tx<{ name: string }[]>`delete from pools where id = ${id} returning name`;
  return row?.name;
}
