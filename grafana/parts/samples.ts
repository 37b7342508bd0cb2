import {
  AGG_FIELDS,
  HOUR_FIELDS,
  MINER_HOUR_FIELDS,
} from '../../server/features/rollups/fields.ts';

/** The raw measurements the dashboards read. A name that is not here does not compile. */
const MINER_FIELDS = [
  'up',
  'hashrate_ths',
  'hashrate_avg_ths',
  'expected_ths',
  'power_w',
  'temp_c',
  'temp_chip_c',
  'temp_board_c',
  'temp_env_c',
  'temp_fluid_in_c',
  'temp_fluid_out_c',
  'fan_rpm',
  'fan_min_rpm',
  'fan1_rpm',
  'fan2_rpm',
  'fan3_rpm',
  'fan4_rpm',
  'fan5_rpm',
  'fan6_rpm',
  'fan7_rpm',
  'fan8_rpm',
  'accepted',
  'rejected',
  'stale',
  'pool_switches',
  'hw_errors',
  'uptime_s',
  'restarted',
  'mining',
  'power_limit_w',
  'boards',
  'duration_ms',
] as const;

const BOARD_FIELDS = [
  'hashrate_ths',
  'expected_ths',
  'temp_chip_c',
  'temp_board_c',
  'chips',
  'chips_good',
  'frequency_mhz',
  'voltage_v',
  'power_w',
  'hw_errors',
] as const;

const AGENT_FIELDS = [
  'silence_s',
  'backlog_batches',
  'backlog_bytes',
  'backlog_age_s',
  'memory_batches',
  'clock_error_ms',
  'cycle_ms',
  'cycle_miners',
  'cycle_reachable',
  'gap_samples',
  'quarantined',
  'quarantine_held',
  'refused',
  'pending',
  'scan_identified',
  'scan_unknown',
  'scan_silent',
  'scan_refused',
] as const;

const names = <const Name extends string>(fields: readonly { name: Name }[]) =>
  fields.map(({ name }) => name);

/** Kept with the samples. */
const RAW = {
  miner: { tags: ['site', 'miner', 'model'], fields: MINER_FIELDS },
  board: { tags: ['site', 'miner', 'model', 'board'], fields: BOARD_FIELDS },
  agent: { tags: ['site', 'agent'], fields: AGENT_FIELDS },
  site_agg: { tags: ['site', 'algo'], fields: names(AGG_FIELDS) },
  model_agg: { tags: ['site', 'model', 'algo'], fields: names(AGG_FIELDS) },
  fleet_agg: { tags: ['algo'], fields: names(AGG_FIELDS) },
} as const;

/** Kept for ever. */
export const ROLLUP = {
  site_1h: { tags: ['site', 'algo'], fields: names(HOUR_FIELDS) },
  fleet_1h: { tags: ['algo'], fields: names(HOUR_FIELDS) },
  miner_1h: { tags: ['site', 'miner', 'model', 'algo'], fields: names(MINER_HOUR_FIELDS) },
} as const;

export const MEASUREMENTS = { ...RAW, ...ROLLUP };

export type Measurement = keyof typeof MEASUREMENTS;
export type Field = (typeof MEASUREMENTS)[Measurement]['fields'][number];
export type Tag = (typeof MEASUREMENTS)[Measurement]['tags'][number];
