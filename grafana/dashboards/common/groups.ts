import { Celsius, TeraHashesPerSecond, Watt } from '@grafana/grafana-foundation-sdk/units';
import type { Column } from '../../parts/tables.ts';
import {
  anyIsWorthALook,
  chipTemperature,
  noneIsGood,
  percentOfExpected,
} from '../../parts/thresholds.ts';

/** SQL columns over a group of `grafana.miners m`: what it does now, silent agents' miners left out of the sums. */
export const GROUP_COLUMNS = `
  count(m.id) AS "Miners",
  count(m.id) FILTER (WHERE m.state IN ('hashing', 'degraded')) AS "Hashing",
  count(m.id) FILTER (WHERE m.state = 'offline') AS "Offline",
  count(m.id) FILTER (WHERE m.state = 'unknown') AS "Unknown",
  sum(m.hashrate_ths) FILTER (WHERE m.state <> 'unknown') AS "Hashrate",
  sum(m.expected_ths) FILTER (WHERE m.state <> 'unknown') AS "Expected",
  100 * coalesce(sum(m.hashrate_ths) FILTER (WHERE m.state <> 'unknown' AND m.expected_ths > 0), 0)
    / nullif(sum(m.expected_ths) FILTER (WHERE m.state <> 'unknown'), 0) AS "Of expected",
  sum(m.power_w) FILTER (WHERE m.state <> 'unknown') AS "Power",
  sum(m.power_w) FILTER (WHERE m.state <> 'unknown' AND m.hashrate_ths > 0)
    / nullif(sum(m.hashrate_ths) FILTER (WHERE m.state <> 'unknown' AND m.power_w IS NOT NULL), 0) AS "J/TH",
  max(m.temp_chip_c) FILTER (WHERE m.state <> 'unknown') AS "Hottest chip"`;

/** How they are shown. */
export const GROUP_TABLE: Record<string, Column> = {
  Hashrate: { unit: TeraHashesPerSecond, decimals: 2 },
  Expected: { unit: TeraHashesPerSecond, decimals: 2 },
  'Of expected': { unit: 'percent', decimals: 1, thresholds: percentOfExpected() },
  Offline: { thresholds: noneIsGood() },
  Unknown: { thresholds: anyIsWorthALook() },
  Power: { unit: Watt, decimals: 2 },
  'J/TH': { decimals: 1 },
  'Hottest chip': { unit: Celsius, decimals: 0, thresholds: chipTemperature() },
};
