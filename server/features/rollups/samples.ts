import type { MinerSample } from '#contract/miner.ts';
import { MINER_FIELDS, roundedBy } from '../../influx/lines.ts';

/** The fields of measurement `miner` that rollups are made of; a row is epoch seconds, then these. */
export const READ_FIELDS = [
  'up',
  'hashrate_ths',
  'expected_ths',
  'power_w',
  'temp_c',
  'temp_chip_c',
  'fan_rpm',
  'fan_min_rpm',
  'mining',
  'restarted',
  'uptime_s',
  'accepted',
  'rejected',
  'stale',
  'hw_errors',
] as const;
export type Row = readonly (number | null)[];

/** How many of the fields count up, the last of them. */
export const COUNTERS = 4;
const FIRST_COUNTER = 1 + READ_FIELDS.length - COUNTERS;
const UPTIME = FIRST_COUNTER - 1;

/** One sample as InfluxDB holds it; null: not reported. */
export interface StoredSample {
  miner: string;
  /** Tag `model`. */
  model: string;
  timeS: number;
  up: boolean;
  hashrate: number | null;
  expected: number | null;
  power: number | null;
  temp: number | null;
  chip: number | null;
  fanMax: number | null;
  /** Of miners that report a single fan, that one. */
  fanMin: number | null;
  mining: boolean | null;
  /** Its agent has seen that it started anew. */
  restarted: boolean;
  uptime: number | null;
  /** Accepted, rejected, stale, hardware errors; each since the miner started, as it says. */
  counters: Row;
}

export function storedSample(miner: string, model: string, row: Row): StoredSample {
  const [timeS, up, hashrate, expected, power, temp, chip, fanMax, fanMin, mining, restarted] = row;
  return {
    miner,
    model,
    timeS: timeS ?? 0,
    up: up === 1,
    hashrate: hashrate ?? null,
    // Nothing can be told from 0, and what could be told from the sample before must not be withdrawn.
    expected: expected || null,
    power: power ?? null,
    temp: temp ?? null,
    chip: chip ?? null,
    fanMax: fanMax ?? null,
    fanMin: fanMin ?? fanMax ?? null,
    mining: mining === null || mining === undefined ? null : mining === 1,
    restarted: restarted === 1,
    uptime: row[UPTIME] ?? null,
    counters: row.slice(FIRST_COUNTER),
  };
}

const READ = READ_FIELDS.map((name) => {
  const field = MINER_FIELDS.find((one) => one.name === name);
  if (!field) throw new Error(`measurement miner has no field ${name}`);
  return field;
});

/** The row InfluxDB will hold of a sample, with its rounding. */
export function rowOf(sample: MinerSample, timeS: number): Row {
  return [timeS, ...READ.map((field) => roundedBy(field, sample) ?? null)];
}

/** By miner, then time, then model: sums of floats depend on the order of their parts. */
export function inOrder(a: StoredSample, b: StoredSample): number {
  if (a.miner !== b.miner) return a.miner < b.miner ? -1 : 1;
  if (a.timeS !== b.timeS) return a.timeS - b.timeS;
  return a.model < b.model ? -1 : a.model > b.model ? 1 : 0;
}
