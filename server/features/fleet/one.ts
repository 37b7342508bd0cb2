import type { ISql } from 'postgres';

export interface MinerDetail {
  scope: string;
  model_raw: string | null;
  family: string | null;
  control_board: string | null;
  note: string | null;
  is_auto_discovered: boolean;
  created_at: Date;
  expected_by_hand: number | null;
  expected_reported: number | null;
  /** Boards, fans, pools, errors and more, as last reported (contract/miner.ts names). */
  detail: Record<string, unknown> | null;
}

/** What of a miner no list shows. */
export async function readDetail(sql: ISql, id: number): Promise<MinerDetail | undefined> {
  const [row] = await sql<MinerDetail[]>`
    select miners.scope, miners.model_raw, miners.family, miners.control_board, miners.note,
      miners.is_auto_discovered, miners.created_at, miners.expected_ths as expected_by_hand,
      latest.expected_ths as expected_reported, latest.detail
    from miners left join miner_latest as latest on latest.miner_id = miners.id where miners.id = ${id}`;
  return row;
}

export interface Address {
  ip_address: string;
  port: number;
  since: Date;
  /** null: it is there now. */
  until: Date | null;
}

/** Where it has been, the newest first. */
export async function listAddresses(sql: ISql, id: number): Promise<Address[]> {
  return sql<Address[]>`
    with moves as (
      select ip_address, port, since, id, lag((ip_address, port)) over (order by since, id)
        is distinct from (ip_address, port) as moved
      from miner_addresses where miner_id = ${id}
    )
    select host(ip_address) as ip_address, port, since, lead(since) over (order by since, id) as until
    from moves where moved order by since desc, id desc`;
}

export interface Twin {
  id: number;
  name: string;
  ip_address: string;
  /** What they have in common. */
  same: 'address' | 'serial';
}

/** Other miners of the same scope that may be the same machine. */
export async function listTwins(sql: ISql, id: number): Promise<Twin[]> {
  return sql<Twin[]>`
    select other.id, other.name, host(other.ip_address) as ip_address,
      case when other.serial = one.serial then 'serial' else 'address' end as same
    from miners one join miners other on other.scope = one.scope and other.id <> one.id
      and (other.serial = one.serial or (other.ip_address = one.ip_address and other.port = one.port))
    where one.id = ${id} order by other.name, other.id limit 20`;
}
