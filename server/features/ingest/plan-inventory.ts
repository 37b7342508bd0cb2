import type { Device } from './devices.ts';
import { learn, rowOf, type MinerRow } from './miner-row.ts';
import { serialKey } from './series-key.ts';

/** What the database knows that may concern a batch. Rows of the same id are the same object. */
export interface Known {
  byKey: Map<string, MinerRow>;
  /** Every row of the scope at an address of the batch. */
  atAddress: MinerRow[];
}

/** Which row each miner of the batch is, and what must be written for that to be so. */
export interface InventoryPlan {
  rows: Map<string, MinerRow>;
  created: MinerRow[];
  changed: Set<MinerRow>;
  /** Keys that must (newly) point to a row. */
  claims: { key: string; row: MinerRow }[];
  /** Keys of miners for which the scope had no room. */
  noRoom: Set<string>;
}

/** How far the newest news of an address may be ahead of an address-only sample that still means its miner. */
const SAME_TIME_MS = 3_600_000;

/**
 * Finds the row of each device: by MAC, else by serial, else the one at its address; else a new one.
 * A known MAC at a new address is the same miner, moved. Another MAC at an old address is another miner. A row
 * that has been known by its address alone gains the MAC or serial that answers there, and keeps its history.
 * Devices with a MAC come first, so that address-only ones find the rows where this very batch puts them.
 */
export function planInventory(
  devices: Iterable<Device>,
  known: Known,
  options: { agentId: number; room: number },
): InventoryPlan {
  const plan: InventoryPlan = {
    rows: new Map(),
    created: [],
    changed: new Set(),
    claims: [],
    noRoom: new Set(),
  };
  const rowsHere = indexByAddress(known.atAddress);
  const sorted = [...devices].sort(
    (a, b) => certainty(a) - certainty(b) || (a.key < b.key ? -1 : 1),
  );

  for (const device of sorted) {
    let row = isAddressOnly(device)
      ? byAddress(device, rowsHere, known)
      : byIdentity(device, rowsHere, known);
    if (!row) {
      if (plan.created.length >= options.room) {
        plan.noRoom.add(device.key);
        continue;
      }
      row = rowOf(device, options.agentId);
      plan.created.push(row);
    } else if (learn(row, device, options.agentId) && row.id !== 0) {
      plan.changed.add(row);
    }
    rowsHere.add(row);
    plan.rows.set(device.key, row);
    if (known.byKey.get(device.key) !== row) plan.claims.push({ key: device.key, row });
  }
  return plan;
}

/** Devices with a MAC first, those with an address alone last. */
function certainty(device: Device): number {
  if (device.mac !== null) return 0;
  return isAddressOnly(device) ? 2 : 1;
}

export function isAddressOnly(device: Device): boolean {
  return device.key.startsWith('ip-');
}

function byIdentity(device: Device, rowsHere: RowsHere, known: Known): MinerRow | undefined {
  const byKey = known.byKey.get(device.key);
  if (byKey) return byKey;
  if (device.mac !== null && device.serial !== null) {
    // Only a row without a MAC: after a control board was replaced, an administrator decides.
    const bySerial = known.byKey.get(serialKey(device.serial) ?? '');
    if (bySerial && bySerial.mac === null) return bySerial;
  }
  const candidates = rowsHere
    .at(device)
    .filter(
      (row) =>
        (device.mac === null || row.mac === null) &&
        (device.serial === null || row.serial === null || row.serial === device.serial),
    );
  return newestOf(candidates);
}

/** The miner now at this address; for an old sample the one its key has meant so far. */
function byAddress(device: Device, rowsHere: RowsHere, known: Known): MinerRow | undefined {
  const candidates = rowsHere
    .at(device)
    .filter((row) => row.known_at.getTime() - device.seenAt.getTime() <= SAME_TIME_MS);
  return newestOf(candidates) ?? known.byKey.get(device.key) ?? newestOf(rowsHere.at(device));
}

function newestOf(rows: MinerRow[]): MinerRow | undefined {
  return rows.reduce<MinerRow | undefined>(
    (best, row) => (best && best.known_at >= row.known_at ? best : row),
    undefined,
  );
}

interface RowsHere {
  add(row: MinerRow): void;
  /** Rows at the device's address as they stand now; rows may move after they were added. */
  at(device: Device): MinerRow[];
}

function indexByAddress(rows: readonly MinerRow[]): RowsHere {
  const index = new Map<string, Set<MinerRow>>();
  const add = (row: MinerRow) => {
    const address = `${row.ip_address} ${row.port}`;
    const there = index.get(address);
    if (there) there.add(row);
    else index.set(address, new Set([row]));
  };
  for (const row of rows) add(row);
  return {
    add,
    at: ({ ip, port }) =>
      [...(index.get(`${ip} ${port}`) ?? [])].filter(
        (row) => row.ip_address === ip && row.port === port,
      ),
  };
}
