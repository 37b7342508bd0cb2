import type { MinerSample } from '#contract/miner.ts';

/** How a value is rounded: `whole`, to `tenth`s, or to 6 significant digits (small hashrates stay). */
type Rounding = 'whole' | 'tenth' | 'significant';
type Value = number | boolean | null | undefined;

/** One field of a measurement: always a float in InfluxDB, absent when the miner did not report it. */
export interface Field<Of> {
  name: string;
  unit: string;
  rounding: Rounding;
  of: (from: Of) => Value;
}

type Board = NonNullable<MinerSample['boards']>[number];

/** Fans by slot that have a field of their own. */
const FAN_FIELDS = 8;

/** Measurement `miner`: one point for each miner and slot. */
export const MINER_FIELDS: readonly Field<MinerSample>[] = [
  { name: 'up', unit: '1 or 0', rounding: 'whole', of: (s) => s.reachable !== false },
  { name: 'hashrate_ths', unit: 'TH/s', rounding: 'significant', of: (s) => s.hash_rate },
  { name: 'hashrate_avg_ths', unit: 'TH/s', rounding: 'significant', of: (s) => s.hash_rate_avg },
  { name: 'expected_ths', unit: 'TH/s', rounding: 'significant', of: (s) => s.expected_hash_rate },
  { name: 'power_w', unit: 'W', rounding: 'tenth', of: (s) => s.power_consumption },
  { name: 'temp_c', unit: '°C', rounding: 'tenth', of: (s) => s.temperature },
  { name: 'temp_chip_c', unit: '°C', rounding: 'tenth', of: (s) => s.temp_chip },
  { name: 'temp_board_c', unit: '°C', rounding: 'tenth', of: (s) => s.temp_board },
  { name: 'temp_env_c', unit: '°C', rounding: 'tenth', of: (s) => s.temp_env },
  { name: 'temp_fluid_in_c', unit: '°C', rounding: 'tenth', of: (s) => s.temp_fluid_in },
  { name: 'temp_fluid_out_c', unit: '°C', rounding: 'tenth', of: (s) => s.temp_fluid_out },
  { name: 'fan_rpm', unit: 'rpm', rounding: 'whole', of: (s) => s.fan_speed },
  { name: 'fan_min_rpm', unit: 'rpm', rounding: 'whole', of: (s) => slowest(s.fans) },
  ...Array.from({ length: FAN_FIELDS }, (_, slot): Field<MinerSample> => ({
    name: `fan${slot + 1}_rpm`,
    unit: 'rpm',
    rounding: 'whole',
    of: (s) => s.fans?.[slot],
  })),
  { name: 'accepted', unit: 'shares', rounding: 'whole', of: (s) => s.accepted_shares },
  { name: 'rejected', unit: 'shares', rounding: 'whole', of: (s) => s.rejected_shares },
  { name: 'stale', unit: 'shares', rounding: 'whole', of: (s) => s.stale_shares },
  { name: 'pool_switches', unit: '—', rounding: 'significant', of: (s) => s.pool_switches },
  { name: 'hw_errors', unit: 'errors', rounding: 'whole', of: (s) => s.hw_errors },
  { name: 'uptime_s', unit: 's', rounding: 'whole', of: (s) => s.uptime_s },
  { name: 'restarted', unit: '1', rounding: 'whole', of: (s) => s.restarted || null },
  { name: 'mining', unit: '1 or 0', rounding: 'whole', of: (s) => s.mining },
  { name: 'power_limit_w', unit: 'W', rounding: 'tenth', of: (s) => s.power_limit_w },
  { name: 'boards', unit: 'boards', rounding: 'whole', of: (s) => s.boards?.length || null },
  { name: 'duration_ms', unit: 'ms', rounding: 'whole', of: (s) => s.duration_ms },
];

/** Measurement `board`: one point for each hashboard of a sample that carries them (ours: every five minutes). */
export const BOARD_FIELDS: readonly Field<Board>[] = [
  { name: 'hashrate_ths', unit: 'TH/s', rounding: 'significant', of: (b) => b.hash_rate },
  { name: 'expected_ths', unit: 'TH/s', rounding: 'significant', of: (b) => b.expected_hash_rate },
  { name: 'temp_chip_c', unit: '°C', rounding: 'tenth', of: (b) => b.temp_chip },
  { name: 'temp_board_c', unit: '°C', rounding: 'tenth', of: (b) => b.temp_board },
  { name: 'chips', unit: 'chips', rounding: 'whole', of: (b) => b.chips },
  { name: 'chips_good', unit: 'chips', rounding: 'whole', of: (b) => b.chips_good },
  { name: 'frequency_mhz', unit: 'MHz', rounding: 'tenth', of: (b) => b.frequency_mhz },
  { name: 'voltage_v', unit: 'V', rounding: 'significant', of: (b) => b.voltage_v },
  { name: 'power_w', unit: 'W', rounding: 'tenth', of: (b) => b.power_w },
  { name: 'hw_errors', unit: 'errors', rounding: 'whole', of: (b) => b.hw_errors },
];

/** Values of the tags; each made of a-z, 0-9 and "-" only, so nothing needs escaping. */
export interface Tags {
  site: string;
  miner: string;
  model: string;
}

/**
 * Line protocol of one sample at second precision: the miner's own line first, then one per board.
 * The same sample gives the same text for ever.
 */
export function linesOf(tags: Tags, sample: MinerSample, timeS: number): string[] {
  const series = `miner=${tags.miner},model=${tags.model},site=${tags.site}`;
  const lines = [`miner,${series} ${fieldsOf(MINER_FIELDS, sample)} ${timeS}`];
  for (const board of sample.boards ?? []) {
    const fields = fieldsOf(BOARD_FIELDS, board);
    // A board that reports nothing but its slot has no point: InfluxDB knows none without fields.
    if (fields !== '') lines.push(`board,board=${board.slot},${series} ${fields} ${timeS}`);
  }
  return lines;
}

/** The fields that have a value, as line protocol writes them. */
export function fieldsOf<Of>(fields: readonly Field<Of>[], from: Of): string {
  let text = '';
  for (const field of fields) {
    const number = roundedBy(field, from);
    if (number === undefined) continue;
    text += text === '' ? `${field.name}=${number}` : `,${field.name}=${number}`;
  }
  return text;
}

/** The value of one field as InfluxDB will hold it. undefined: no field. */
export function roundedBy<Of>(field: Field<Of>, from: Of): number | undefined {
  const value = field.of(from);
  return value === null || value === undefined ? undefined : rounded(Number(value), field.rounding);
}

/** Rounding to what sensors can tell halves the stored bytes. undefined: no finite number, no field. */
function rounded(value: number, rounding: Rounding): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (rounding === 'whole') return Math.round(value);
  if (rounding === 'tenth') return Math.round(value * 10) / 10;
  // What toPrecision(6) gives, without its price, for the values most miners have.
  if (value >= 100) return Math.round(value * 1e3) / 1e3;
  if (value >= 10) return Math.round(value * 1e4) / 1e4;
  return value === 0 ? 0 : Number(value.toPrecision(6));
}

function slowest(fans: readonly (number | null)[] | null | undefined): number | undefined {
  const known = fans?.filter((rpm) => rpm !== null) ?? [];
  return known.length > 0 ? Math.min(...known) : undefined;
}
