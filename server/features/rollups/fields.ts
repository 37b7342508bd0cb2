import type { Field } from '../../influx/lines.ts';

type Row = readonly [name: string, unit: string, rounding: Field<never>['rounding']];
/** What a point of a rollup holds; null: nothing that says anything of it was reported. */
type Values<Rows extends readonly Row[]> = Record<Rows[number][0], number | null>;

const SHARES_AND_FAULTS = [
  ['accepted', 'shares', 'whole'],
  ['rejected', 'shares', 'whole'],
  ['stale', 'shares', 'whole'],
  ['hw_errors', 'errors', 'whole'],
  ['restarts', 'restarts', 'whole'],
] as const;

const AGG = [
  ['miners_known', 'miners', 'whole'],
  ['miners_seen', 'miners', 'whole'],
  ['hashing', 'miners', 'whole'],
  ['degraded', 'miners', 'whole'],
  ['idle', 'miners', 'whole'],
  ['offline', 'miners', 'whole'],
  ['unknown', 'miners', 'whole'],
  ['hashrate_ths', 'TH/s', 'significant'],
  ['expected_known_ths', 'TH/s', 'significant'],
  ['expected_ths', 'TH/s', 'significant'],
  ['rated_ths', 'TH/s', 'significant'],
  ['rated_miners', 'miners', 'whole'],
  ['percent_of_expected', '%', 'tenth'],
  ['percent_p10', '%', 'tenth'],
  ['percent_p50', '%', 'tenth'],
  ['percent_p90', '%', 'tenth'],
  ['power_w', 'W', 'tenth'],
  ['metered_w', 'W', 'tenth'],
  ['metered_ths', 'TH/s', 'significant'],
  ['efficiency_j_th', 'J/TH', 'significant'],
  ['temp_chip_miners', 'miners', 'whole'],
  ['temp_chip_mean_c', '°C', 'tenth'],
  ['temp_chip_p50_c', '°C', 'tenth'],
  ['temp_chip_p90_c', '°C', 'tenth'],
  ['temp_chip_max_c', '°C', 'tenth'],
  ['temp_max_c', '°C', 'tenth'],
  ['fan_min_rpm', 'rpm', 'whole'],
  ...SHARES_AND_FAULTS,
] as const satisfies Row[];

const HOUR = [
  ['slots', 'slots', 'whole'],
  ['miners_known', 'miners', 'whole'],
  ['miners_seen', 'miners', 'whole'],
  ['up_share', '0 to 1', 'significant'],
  ['hashing', 'miners', 'tenth'],
  ['degraded', 'miners', 'tenth'],
  ['idle', 'miners', 'tenth'],
  ['offline', 'miners', 'tenth'],
  ['unknown', 'miners', 'tenth'],
  ['hashrate_mean_ths', 'TH/s', 'significant'],
  ['hashrate_min_ths', 'TH/s', 'significant'],
  ['hashrate_max_ths', 'TH/s', 'significant'],
  ['expected_known_ths', 'TH/s', 'significant'],
  ['expected_ths', 'TH/s', 'significant'],
  ['rated_ths', 'TH/s', 'significant'],
  ['rated_miners', 'miners', 'whole'],
  ['percent_of_expected', '%', 'tenth'],
  ['percent_p10', '%', 'tenth'],
  ['percent_p50', '%', 'tenth'],
  ['percent_p90', '%', 'tenth'],
  ['power_mean_w', 'W', 'tenth'],
  ['power_min_w', 'W', 'tenth'],
  ['power_max_w', 'W', 'tenth'],
  ['metered_w', 'W', 'tenth'],
  ['metered_ths', 'TH/s', 'significant'],
  ['efficiency_j_th', 'J/TH', 'significant'],
  ['temp_chip_miners', 'miners', 'whole'],
  ['temp_chip_mean_c', '°C', 'tenth'],
  ['temp_chip_p50_c', '°C', 'tenth'],
  ['temp_chip_p90_c', '°C', 'tenth'],
  ['temp_chip_max_c', '°C', 'tenth'],
  ['temp_max_c', '°C', 'tenth'],
  ['fan_min_rpm', 'rpm', 'whole'],
  ...SHARES_AND_FAULTS,
] as const satisfies Row[];

const MINER_HOUR = [
  ['samples', 'samples', 'whole'],
  ['up_share', '0 to 1', 'significant'],
  ['hashing_share', '0 to 1', 'significant'],
  ['hashrate_mean_ths', 'TH/s', 'significant'],
  ['hashrate_min_ths', 'TH/s', 'significant'],
  ['hashrate_max_ths', 'TH/s', 'significant'],
  ['expected_ths', 'TH/s', 'significant'],
  ['percent_of_expected', '%', 'tenth'],
  ['power_mean_w', 'W', 'tenth'],
  ['efficiency_j_th', 'J/TH', 'significant'],
  ['temp_mean_c', '°C', 'tenth'],
  ['temp_max_c', '°C', 'tenth'],
  ['temp_chip_mean_c', '°C', 'tenth'],
  ['temp_chip_max_c', '°C', 'tenth'],
  ['fan_min_rpm', 'rpm', 'whole'],
  ['fan_max_rpm', 'rpm', 'whole'],
  ...SHARES_AND_FAULTS,
] as const satisfies Row[];

export type AggValues = Values<typeof AGG>;
export type HourValues = Values<typeof HOUR>;
export type MinerHourValues = Values<typeof MINER_HOUR>;

/** Measurements `site_agg`, `model_agg` and `fleet_agg`: one point for each slot of a minute. */
export const AGG_FIELDS = fieldsFrom(AGG);
/** Measurements `site_1h` and `fleet_1h`. */
export const HOUR_FIELDS = fieldsFrom(HOUR);
/** Measurement `miner_1h`. */
export const MINER_HOUR_FIELDS = fieldsFrom(MINER_HOUR);

function fieldsFrom<const Rows extends readonly Row[]>(
  rows: Rows,
): readonly (Field<Values<Rows>> & { name: Rows[number][0] })[] {
  return rows.map(([name, unit, rounding]: Rows[number]) => ({
    name,
    unit,
    rounding,
    of: (values: Values<Rows>) => values[name as Rows[number][0]],
  }));
}
