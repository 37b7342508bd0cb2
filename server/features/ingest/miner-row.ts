import type { Device } from './devices.ts';

/** What a miner's row in the inventory says; names are the columns'. */
export interface MinerRow {
  /** 0 until it has one. */
  id: number;
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
  seen_at: Date;
  /** The newest moment anything is known of it: `seen_at` or its latest sample. */
  known_at: Date;
  /** Time of the latest state stored; null when there is none. */
  latest_at: Date | null;
}

/** Unchanged rows move their `seen_at` no more often: their latest sample says the rest. */
const SEEN_STEP_MS = 3_600_000;

/** What agents in the field write where they found no maker: no news of a miner whose maker is known. */
const NO_MAKER = 'Unknown';

const FOUND_TEXTS = [
  'hostname',
  'model_raw',
  'family',
  'firmware',
  'firmware_version',
  'algorithm',
  'control_board',
] as const;

/** A miner nobody knew, as a batch describes it. */
export function rowOf(device: Device, agentId: number): MinerRow {
  const { ip, port, mac, serial, manufacturer, model, found, seenAt } = device;
  return {
    id: 0,
    agent_id: agentId,
    name: found?.name ?? automaticName(manufacturer, ip),
    ip_address: ip,
    port,
    mac,
    serial,
    hostname: found?.hostname ?? null,
    manufacturer,
    model,
    model_raw: found?.model_raw ?? null,
    family: found?.family ?? null,
    firmware: found?.firmware ?? null,
    firmware_version: found?.firmware_version ?? null,
    algorithm: found?.algorithm ?? null,
    control_board: found?.control_board ?? null,
    container_id: found?.container_id ?? null,
    pool_id: found?.pool_id ?? null,
    tags: found?.tags ?? [],
    seen_at: seenAt,
    known_at: seenAt,
    latest_at: null,
  };
}

/**
 * Takes over what a batch says of a known miner, unless the row knows newer; true when the row must be written.
 * Nothing reported erases nothing, and a name somebody gave stays.
 */
export function learn(row: MinerRow, device: Device, agentId: number): boolean {
  if (device.seenAt < row.known_at) return false;
  const { found } = device;
  if (!found && isUnchanged(row, device)) return false;
  const next: Partial<MinerRow> = {
    ip_address: device.ip,
    port: device.port,
    mac: device.mac ?? row.mac,
    serial: device.serial ?? row.serial,
    manufacturer:
      device.manufacturer === NO_MAKER
        ? (row.manufacturer ?? NO_MAKER)
        : (device.manufacturer ?? row.manufacturer),
    model: device.model ?? row.model,
  };
  for (const column of FOUND_TEXTS) next[column] = found?.[column] ?? row[column];
  next.container_id = found?.container_id ?? row.container_id;
  next.pool_id = found?.pool_id ?? row.pool_id;
  next.agent_id = found ? agentId : (row.agent_id ?? agentId);
  if (isAutomatic(row)) {
    next.name = found?.name ?? automaticName(next.manufacturer ?? null, device.ip);
  }
  let changed = device.seenAt.getTime() - row.seen_at.getTime() >= SEEN_STEP_MS;
  for (const [column, value] of Object.entries(next)) {
    if (row[column as keyof MinerRow] !== value) changed = true;
  }
  if (found?.tags && found.tags.join('\n') !== row.tags.join('\n')) {
    next.tags = found.tags;
    changed = true;
  }
  if (changed) Object.assign(row, next, { seen_at: device.seenAt, known_at: device.seenAt });
  return changed;
}

/** The usual poll, settled without a closer look. */
function isUnchanged(row: MinerRow, device: Device): boolean {
  return (
    row.ip_address === device.ip &&
    row.port === device.port &&
    row.agent_id !== null &&
    (device.mac === null || device.mac === row.mac) &&
    (device.serial === null || device.serial === row.serial) &&
    (device.manufacturer === null || device.manufacturer === row.manufacturer) &&
    (device.model === null || device.model === row.model) &&
    device.seenAt.getTime() - row.seen_at.getTime() < SEEN_STEP_MS
  );
}

/** As the agents in the field name a miner. */
function automaticName(manufacturer: string | null, ip: string): string {
  return `${manufacturer ?? 'Unknown'}-${ip}`;
}

function isAutomatic(row: MinerRow): boolean {
  return row.name.endsWith(`-${row.ip_address}`);
}
