import * as z from 'zod';
import { laxInteger, laxNumber } from './numbers.ts';

/** TCP port of the cgminer API, and of a miner when nothing else is said. */
export const DEFAULT_MINER_PORT = 4028;

const text = z.string().nullish();
const laxMeasure = laxNumber.nullish();

/** What identifies a miner beyond its address. Ours only; old agents know neither. */
const identity = {
  /** Any notation; the server normalises to 12 hex digits. */
  mac: text,
  serial: text,
};

/** Where a miner answers. Type-checked here, value-checked item by item in the ingest. */
const address = {
  ip_address: z.string(),
  port: laxInteger.default(DEFAULT_MINER_PORT),
};

/**
 * A miner found by a scan. The first eight fields are the old agent's; the rest are ours, optional.
 * `manufacturer` and `model` are display names ("AntMiner", "S19j Pro"), `model` without the maker.
 */
export const discoveredMiner = z.object({
  ...address,
  manufacturer: text,
  model: text,
  name: text,
  container_id: laxInteger.nullish(),
  pool_id: laxInteger.nullish(),
  tags: z.array(z.string()).nullish(),

  ...identity,
  hostname: text,
  /** Family id of the agent that read it, e.g. "antminer-stock". */
  family: text,
  /** Model exactly as the miner says it. */
  model_raw: text,
  /** Firmware product ("Bitmain", "VNish"), and its version. */
  firmware: text,
  firmware_version: text,
  /** "sha256", "scrypt", "kheavyhash" … */
  algorithm: text,
  /** Control board as the miner names it. */
  control_board: text,
});
export type DiscoveredMiner = z.output<typeof discoveredMiner>;

const measure = z.number().nullish();

/** One hashboard. Temperatures °C, hashrates TH/s; `null` or absent = not reported. */
const board = z.object({
  slot: z.number().int(),
  hash_rate: measure,
  expected_hash_rate: measure,
  temp_chip: measure,
  temp_board: measure,
  chips: measure,
  chips_good: measure,
  chips_expected: measure,
  frequency_mhz: measure,
  voltage_v: measure,
  power_w: measure,
  hw_errors: measure,
  serial: text,
});

/** One pool as configured in the miner. Credentials beyond the worker name never leave the agent. */
const pool = z.object({
  url: text,
  user: text,
  priority: measure,
  alive: z.boolean().nullish(),
  active: z.boolean().nullish(),
  accepted: measure,
  rejected: measure,
  stale: measure,
  is_dev_fee: z.boolean().nullish(),
});

/** A fault the miner itself reports. */
const minerError = z.object({ code: z.string(), text: text, severity: text });

/** Why an unreachable miner gave nothing. */
export const unreachableReason = z.enum([
  'refused',
  'timeout',
  'unreachable',
  'reset',
  'empty',
  'not_understood',
  'auth',
]);
export type UnreachableReason = z.output<typeof unreachableReason>;

/** What only our agent says of a sample. All optional; names are snake_case like the old ones. */
const sampleExtras = z.object({
  ...identity,
  manufacturer: text,
  model: text,
  /** false: the agent asked and got no reading; every measure is then absent. Default true. */
  reachable: z.boolean().nullish(),
  reason: unreachableReason.nullish(),
  /** How long the reading took, ms. */
  duration_ms: measure,
  /** Some requests failed; what is present is still true. */
  partial: z.boolean().nullish(),

  /** Window of `hash_rate`: "5s", "1m", "realtime" … */
  hash_rate_window: text,
  /** TH/s. */
  hash_rate_avg: measure,
  expected_hash_rate: measure,
  mining: z.boolean().nullish(),
  uptime_s: measure,
  /** It has started anew since the agent's last reading. Only ever true. */
  restarted: z.boolean().nullish(),
  hw_errors: measure,
  stale_shares: measure,
  /** °C: hottest chip, hottest board (PCB) sensor, air inlet, coolant in and out. */
  temp_chip: measure,
  temp_board: measure,
  temp_env: measure,
  temp_fluid_in: measure,
  temp_fluid_out: measure,
  /** rpm, by slot; 0 = reported standing still. */
  fans: z.array(z.number().nullable()).nullish(),
  power_limit_w: measure,
  /** "psu": measured at the wall or PSU input; "estimate": computed by the firmware; "dc": PSU output. */
  power_source: z.enum(['psu', 'estimate', 'dc']).nullish(),
  power_mode: text,
  boards: z.array(board).nullish(),
  pools: z.array(pool).nullish(),
  miner_errors: z.array(minerError).nullish(),
});

/**
 * One reading of one miner at one instant. The first eleven fields are the old agent's:
 * `hash_rate` TH/s, `temperature` °C (hottest), `fan_speed` rpm (fastest), `power_consumption` W.
 * `timestamp` is ISO 8601; without a zone it means UTC. It is text here: a text that is no time
 * costs its own sample, not the batch.
 */
export const minerSample = z.object({
  ...address,
  timestamp: z.string(),
  hash_rate: laxMeasure,
  accepted_shares: laxInteger.nullish(),
  rejected_shares: laxInteger.nullish(),
  /** The old agent puts cgminer's "Pool Rejected%" here, so it may be a fraction. */
  pool_switches: laxMeasure,
  temperature: laxMeasure,
  fan_speed: laxMeasure,
  power_consumption: laxMeasure,
  summary_data: z.record(z.string(), z.unknown()).nullish(),
  stats_data: z.record(z.string(), z.unknown()).nullish(),
  ...sampleExtras.shape,
});
export type MinerSample = z.output<typeof minerSample>;
