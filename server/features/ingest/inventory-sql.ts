import type { TransactionSql } from 'postgres';
import type { Device } from './devices.ts';
import type { MinerRow } from './miner-row.ts';
import { isAddressOnly, type InventoryPlan, type Known } from './plan-inventory.ts';
import { serialKey } from './series-key.ts';

/** Spares a lock per row: batches that change the inventory of a scope do so one after another. */
export async function lockScope(tx: TransactionSql, scope: string): Promise<void> {
  await tx`SELECT pg_advisory_xact_lock(hashtextextended(${`inventory ${scope}`}, 0))`;
}

/**
 * All rows that may be a device of the batch: by key, and by address where the key does not settle it. Without
 * `whole`, they lack what only a scan can tell: a poll of a thousand miners is read each minute.
 */
export async function readKnown(
  tx: TransactionSql,
  scope: string,
  devices: ReadonlyMap<string, Device>,
  whole: boolean,
): Promise<Known> {
  const columns = whole ? tx`${polled(tx)}, ${scanned(tx)}` : polled(tx);
  const rowsById = new Map<number, MinerRow>();
  const intern = (row: MinerRow) => {
    const known = rowsById.get(row.id);
    if (known) return known;
    rowsById.set(row.id, row);
    return row;
  };
  const byKey = new Map<string, MinerRow>();
  const readKeys = async (keys: string[]) => {
    const rows = await tx<(MinerRow & { key: string })[]>`
      SELECT k.key, ${columns}
      FROM miner_keys k JOIN miners m ON m.id = k.miner_id LEFT JOIN miner_latest l ON l.miner_id = m.id
      WHERE k.scope = ${scope} AND k.key = ANY(${keys}::text[])`;
    for (const { key, ...row } of rows) byKey.set(key, intern(row));
  };

  await readKeys([...devices.keys()]);
  const unsettled = [...devices.values()].filter(
    (device) => isAddressOnly(device) || !byKey.has(device.key),
  );
  if (unsettled.length === 0) return { byKey, atAddress: [] };

  const serialKeys = unsettled
    .map((device) => (device.serial === null ? null : serialKey(device.serial)))
    .filter((key) => key !== null);
  if (serialKeys.length > 0) await readKeys(serialKeys);
  const rows = await tx<MinerRow[]>`
    SELECT ${columns}
    FROM unnest(${unsettled.map((device) => device.ip)}::text[], ${unsettled.map((device) => device.port)}::int[])
           AS wanted (ip, port)
    JOIN miners m ON m.scope = ${scope} AND m.ip_address = wanted.ip::inet AND m.port = wanted.port
    LEFT JOIN miner_latest l ON l.miner_id = m.id
    ORDER BY m.mac IS NULL, m.id`;
  return { byKey, atAddress: [...new Set(rows.map(intern))] };
}

function polled(tx: TransactionSql) {
  return tx`m.id, m.agent_id, m.name, host(m.ip_address) AS ip_address, m.port, m.mac, m.serial, m.manufacturer,
    m.model, m.seen_at, greatest(m.seen_at, l.at) AS known_at, l.at AS latest_at`;
}

function scanned(tx: TransactionSql) {
  return tx`m.hostname, m.model_raw, m.family, m.firmware, m.firmware_version, m.algorithm, m.control_board,
    m.container_id, m.pool_id, m.tags`;
}

/** Writes a plan: new rows get their ids, one statement for each table. The scope must be locked. */
export async function writePlan(
  tx: TransactionSql,
  scope: string,
  siteId: number | null,
  plan: InventoryPlan,
): Promise<void> {
  if (plan.created.length > 0) await insertMiners(tx, scope, siteId, plan.created);
  if (plan.changed.size > 0) await updateMiners(tx, [...plan.changed]);
  if (plan.claims.length > 0) {
    // An address means another miner once that one answers there; a MAC or serial never changes hands here.
    await tx`
      INSERT INTO miner_keys (scope, key, miner_id)
      SELECT ${scope}, key, miner_id
      FROM unnest(${plan.claims.map(({ key }) => key)}::text[], ${plan.claims.map(({ row }) => row.id)}::int[])
             AS claim (key, miner_id)
      ORDER BY key
      ON CONFLICT (scope, key) DO UPDATE SET miner_id = excluded.miner_id`;
  }
}

async function insertMiners(
  tx: TransactionSql,
  scope: string,
  siteId: number | null,
  rows: MinerRow[],
): Promise<void> {
  const ids = await tx<{ id: number }[]>`
    SELECT nextval(pg_get_serial_sequence('miners', 'id'))::int AS id
    FROM generate_series(1, ${rows.length}::int)`;
  for (const [index, row] of rows.entries()) {
    const id = ids[index]?.id;
    if (id === undefined) throw new Error('fewer ids than miners');
    row.id = id;
  }
  await tx`
    INSERT INTO miners (id, scope, site_id, agent_id, name, ip_address, port, mac, serial, hostname, manufacturer,
      model, model_raw, family, firmware, firmware_version, algorithm, control_board, container_id, pool_id, tags,
      seen_at)
    OVERRIDING SYSTEM VALUE
    SELECT id, ${scope}, ${siteId}::int, agent_id, name, ip_address, port, mac, serial, hostname, manufacturer,
      model, model_raw, family, firmware, firmware_version, algorithm, control_board, container_id, pool_id, tags,
      seen_at
    FROM ${recordset(tx, rows)}`;
}

async function updateMiners(tx: TransactionSql, rows: MinerRow[]): Promise<void> {
  await tx`
    UPDATE miners m SET (agent_id, name, ip_address, port, mac, serial, hostname, manufacturer, model, model_raw,
      family, firmware, firmware_version, algorithm, control_board, container_id, pool_id, tags, seen_at)
    = (x.agent_id, x.name, x.ip_address, x.port, x.mac, x.serial, x.hostname, x.manufacturer, x.model, x.model_raw,
      x.family, x.firmware, x.firmware_version, x.algorithm, x.control_board, x.container_id, x.pool_id, x.tags,
      x.seen_at)
    FROM ${recordset(tx, rows)}
    WHERE m.id = x.id`;
}

function recordset(tx: TransactionSql, rows: readonly MinerRow[]) {
  // text first: the driver would encode a value for a json parameter once more.
  return tx`json_to_recordset(${JSON.stringify(rows)}::text::json) AS x (
    id int, agent_id int, name text, ip_address inet, port int, mac text, serial text, hostname text,
    manufacturer text, model text, model_raw text, family text, firmware text, firmware_version text,
    algorithm text, control_board text, container_id int, pool_id int, tags text[], seen_at timestamptz)`;
}
