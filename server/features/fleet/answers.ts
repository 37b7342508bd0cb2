import * as z from 'zod';
import { id, time, toIso } from '../../http/answers.ts';
import { MINER_STATES } from '../miners/state.ts';
import type { FleetRow } from './rows.ts';

/** TH/s, W, °C, rpm or %; null: not reported. */
export const measure = z.number().nullable();
export const label = z.string().nullable();

export const rowFields = {
  id,
  name: z.string(),
  ip_address: z.string(),
  port: z.number().int(),
  /** 12 hex digits. */
  mac: label,
  serial: label,
  hostname: label,
  manufacturer: label,
  model: label,
  firmware: label,
  firmware_version: label,
  algorithm: label,
  site_id: id.nullable(),
  site_name: label,
  container_id: id.nullable(),
  container_name: label,
  agent_id: id.nullable(),
  agent_name: label,
  /** User at the pool it works for. */
  worker: label,
  tags: z.array(z.string()),
  state: z.enum(MINER_STATES),
  /** Why the state is what it is; null when it is hashing. */
  reason: label,
  /** Of the newest sample; the measures are that sample's, however old. */
  at: time.nullable(),
  answered_at: time.nullable(),
  retired_at: time.nullable(),
  hash_rate: measure,
  expected_hash_rate: measure,
  percent_of_expected: measure,
  power_consumption: measure,
  efficiency_j_th: measure,
  temperature: measure,
  temp_chip: measure,
  fan_speed: measure,
  accepted_shares: measure,
  rejected_shares: measure,
  /** Of all shares since the miner started. */
  rejected_percent: measure,
  uptime_s: measure,
};
export const fleetRow = z.object(rowFields).meta({ id: 'FleetMiner' });

export function answerOf(row: FleetRow): z.output<typeof fleetRow> {
  const { at, answered_at, retired_at, ...rest } = row;
  return {
    ...rest,
    at: toIso(at),
    answered_at: toIso(answered_at),
    retired_at: toIso(retired_at),
  };
}
