import { Celsius, TeraHashesPerSecond, Watt } from '@grafana/grafana-foundation-sdk/units';
import type { Column } from '../../parts/tables.ts';
import {
  anyIsWorthALook,
  chipTemperature,
  noneIsGood,
  percentOfExpected,
} from '../../parts/thresholds.ts';

/** SQL: what a miner `m` hashes; spellings are one ("SHA-256", "sha256"). */
export const ALGORITHM = `lower(regexp_replace(m.algorithm, '[^A-Za-z0-9]', '', 'g'))`;

/** SQL columns over a group of `grafana.miners m`: what it does now, silent agents' miners left out of the sums. */
export const GROUP_COLUMNS = `
  100 * coalesce(sum(m.hashrate_ths) FILTER (WHERE m.state <> 'unknown' AND m.expected_ths > 0), 0)
    / nullif(sum(m.expected_ths) FILTER (WHERE m.state <> 'unknown'), 0) AS "Of expected",
  count(m.id) AS "Miners",
  count(m.id) FILTER (WHERE m.state = 'hashing') AS "Hashing",
  count(m.id) FILTER (WHERE m.state = 'degraded') AS "Degraded",
  count(m.id) FILTER (WHERE m.state = 'offline') AS "Offline",
  count(m.id) FILTER (WHERE m.state = 'unknown') AS "Unknown",
  sum(m.hashrate_ths) FILTER (WHERE m.state <> 'unknown') AS "Hashrate",
  sum(m.expected_ths) FILTER (WHERE m.state <> 'unknown') AS "Expected",
  sum(m.power_w) FILTER (WHERE m.state <> 'unknown') AS "Power",
  sum(m.power_w) FILTER (WHERE m.state <> 'unknown' AND m.hashrate_ths > 0)
    / nullif(sum(m.hashrate_ths) FILTER (WHERE m.state <> 'unknown' AND m.power_w IS NOT NULL), 0) AS "J/TH",
  max(m.temp_chip_c) FILTER (WHERE m.state <> 'unknown') AS "Hottest chip"`;

/** How they are shown; `BY_ALGORITHM_TABLE` where each row is of one algorithm. */
export const GROUP_TABLE: Record<string, Column> = {
  Hashrate: { unit: TeraHashesPerSecond, decimals: 2, minWidth: 105 },
  Expected: { unit: TeraHashesPerSecond, decimals: 2, minWidth: 105 },
  'Of expected': { unit: 'percent', decimals: 1, minWidth: 95, thresholds: percentOfExpected() },
  Degraded: { minWidth: 80, thresholds: anyIsWorthALook() },
  Offline: { thresholds: noneIsGood() },
  Unknown: { thresholds: anyIsWorthALook() },
  Power: { unit: Watt, decimals: 2 },
  'J/TH': { decimals: 1 },
  'Hottest chip': { unit: Celsius, decimals: 0, minWidth: 105, thresholds: chipTemperature() },
};
export const BY_ALGORITHM_TABLE = { Algorithm: { minWidth: 100 }, ...GROUP_TABLE };
