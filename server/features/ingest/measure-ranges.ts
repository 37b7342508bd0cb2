import type { MinerSample } from '#contract/miner.ts';

type Board = NonNullable<MinerSample['boards']>[number];
type NumbersOf<T> = { [K in keyof T as NonNullable<T[K]> extends number ? K : never]?: Range };
type Range = readonly [least: number, most: number];

/** Wide enough for every miner there is, narrow enough to catch a wrong unit or a broken sensor's register. */
const HASHRATE_THS: Range = [0, 10_000];
const TEMPERATURE_C: Range = [-100, 300];
/** Firmware that loses its tachometer says 30600 or 65535; that must not cost the rest of an old agent's sample. */
const SPEED_RPM: Range = [0, 100_000];
/** One address may be a whole rack. */
const POWER_W: Range = [0, 1_000_000];
const COUNT: Range = [0, Number.MAX_SAFE_INTEGER];

const SAMPLE_RANGES: NumbersOf<MinerSample> = {
  hash_rate: HASHRATE_THS,
  hash_rate_avg: HASHRATE_THS,
  expected_hash_rate: HASHRATE_THS,
  accepted_shares: COUNT,
  rejected_shares: COUNT,
  stale_shares: COUNT,
  pool_switches: COUNT,
  hw_errors: COUNT,
  temperature: TEMPERATURE_C,
  temp_chip: TEMPERATURE_C,
  temp_board: TEMPERATURE_C,
  temp_env: TEMPERATURE_C,
  temp_fluid_in: TEMPERATURE_C,
  temp_fluid_out: TEMPERATURE_C,
  fan_speed: SPEED_RPM,
  power_consumption: POWER_W,
  power_limit_w: POWER_W,
  uptime_s: COUNT,
  duration_ms: COUNT,
};

const BOARD_RANGES: NumbersOf<Board> = {
  slot: [0, 255],
  hash_rate: HASHRATE_THS,
  expected_hash_rate: HASHRATE_THS,
  temp_chip: TEMPERATURE_C,
  temp_board: TEMPERATURE_C,
  chips: COUNT,
  chips_good: COUNT,
  chips_expected: COUNT,
  frequency_mhz: [0, 10_000],
  voltage_v: [0, 1_000],
  power_w: POWER_W,
  hw_errors: COUNT,
};

const SAMPLE_ENTRIES = Object.entries(SAMPLE_RANGES) as [keyof typeof SAMPLE_RANGES, Range][];
const BOARD_ENTRIES = Object.entries(BOARD_RANGES) as [keyof typeof BOARD_RANGES, Range][];

/** The first measure that cannot be true, as "field: value is outside least..most"; null when all can. */
export function implausible(sample: MinerSample): string | null {
  for (const [field, range] of SAMPLE_ENTRIES) {
    if (!isWithin(sample[field], range)) return outside(field, sample[field], range);
  }
  for (const [index, rpm] of (sample.fans ?? []).entries()) {
    if (!isWithin(rpm, SPEED_RPM)) return outside(`fans.${index}`, rpm, SPEED_RPM);
  }
  for (const [index, board] of (sample.boards ?? []).entries()) {
    for (const [field, range] of BOARD_ENTRIES) {
      if (!isWithin(board[field], range)) {
        return outside(`boards.${index}.${field}`, board[field], range);
      }
    }
  }
  return null;
}

/**
 * Names the measures that are NaN, and takes them out: whoever wrote them had no value to report.
 * Only the fields of the old agent can hold one.
 */
export function dropNaN(sample: MinerSample): string[] {
  const names: string[] = [];
  for (const [field] of SAMPLE_ENTRIES) {
    if (Number.isNaN(sample[field])) {
      names.push(field);
      (sample as Record<string, unknown>)[field] = null;
    }
  }
  return names;
}

function isWithin(value: number | null | undefined, [least, most]: Range): boolean {
  return value === null || value === undefined || (value >= least && value <= most);
}

function outside(name: string, value: number | null | undefined, [least, most]: Range): string {
  return `${name}: ${value} is outside ${least}..${most}; check its unit, or leave it out`;
}
