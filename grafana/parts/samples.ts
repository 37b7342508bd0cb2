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

export const MEASUREMENTS = {
  miner: { tags: ['site', 'miner', 'model'], fields: MINER_FIELDS },
  board: { tags: ['site', 'miner', 'model', 'board'], fields: BOARD_FIELDS },
} as const;

export type Measurement = keyof typeof MEASUREMENTS;
export type Field = (typeof MINER_FIELDS)[number] | (typeof BOARD_FIELDS)[number];
export type Tag = (typeof MEASUREMENTS)[Measurement]['tags'][number];
