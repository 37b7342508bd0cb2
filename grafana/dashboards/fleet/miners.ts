import { Celsius, TeraHashesPerSecond } from '@grafana/grafana-foundation-sdk/units';
import { TO_MINER } from '../../parts/links.ts';
import { STATES } from '../../parts/states.ts';
import { table, type Column } from '../../parts/tables.ts';
import { rows } from '../../parts/targets.ts';
import { chipTemperature, percentOfExpected } from '../../parts/thresholds.ts';
import { CHOSEN_SITES } from '../../parts/variables.ts';
import { NOW } from './queries.ts';

const MINER_COLUMNS = {
  id: { hidden: true },
  Miner: { link: TO_MINER, width: 190 },
  Site: { filter: true, minWidth: 80 },
  Container: { filter: true, minWidth: 105 },
  State: { states: STATES, filter: true, width: 100 },
  Model: { filter: true, width: 140 },
  Address: { width: 120 },
  Hashrate: { unit: TeraHashesPerSecond, decimals: 1, minWidth: 90 },
  Expected: { unit: TeraHashesPerSecond, decimals: 1 },
  'Of expected': { unit: 'percent', decimals: 0, minWidth: 95, thresholds: percentOfExpected() },
  'Hottest chip': { unit: Celsius, decimals: 0, minWidth: 100, thresholds: chipTemperature() },
  Hottest: { unit: Celsius, decimals: 0 },
  'Fastest fan': { unit: 'rotrpm', decimals: 0, minWidth: 95 },
  // Not scaled: "3 kW" and "3 kW" may be 500 W apart.
  Power: { unit: 'suffix:W', decimals: 0 },
  'J/TH': { decimals: 1 },
  Uptime: { unit: 's', decimals: 1 },
  'Last sample': { unit: 'dateTimeFromNow', width: 135 },
  'Last answer': { unit: 'dateTimeFromNow', width: 140 },
} satisfies Record<string, Column>;

/** Settings of the columns a table has. */
function columns(...names: (keyof typeof MINER_COLUMNS)[]): Record<string, Column> {
  return Object.fromEntries(names.map((name) => [name, MINER_COLUMNS[name]]));
}

export const attention = [
  table({
    id: 21,
    title: 'Hottest miners',
    description:
      'The 10 miners with the hottest chip now; the hottest sensor where chips have none.',
    size: [12, 12],
    columns: columns(
      'id',
      'Miner',
      'Site',
      'Hottest chip',
      'Hottest',
      'Fastest fan',
      'Last sample',
    ),
    targets: [
      rows(
        `SELECT id::text AS id, name AS "Miner", site AS "Site", temp_chip_c AS "Hottest chip", temp_c AS "Hottest", fan_rpm AS "Fastest fan", at AS "Last sample"
         ${NOW} AND coalesce(temp_chip_c, temp_c) IS NOT NULL
         ORDER BY coalesce(temp_chip_c, temp_c) DESC LIMIT 10`,
      ),
    ],
  }),
  table({
    id: 22,
    title: 'Lowest share of expected hashrate',
    description:
      'The 10 miners that answer and fall shortest of what they themselves say they should do. Miners that ' +
      'report no expected hashrate are not here.',
    size: [12, 12],
    columns: columns('id', 'Miner', 'Site', 'Of expected', 'Hashrate', 'Expected', 'State'),
    targets: [
      rows(
        `SELECT id::text AS id, name AS "Miner", site AS "Site", percent_of_expected AS "Of expected", hashrate_ths AS "Hashrate", expected_ths AS "Expected", state AS "State"
         ${NOW} AND percent_of_expected IS NOT NULL
         ORDER BY percent_of_expected LIMIT 10`,
      ),
    ],
  }),
];

export const miners = [
  table({
    id: 41,
    title: 'Miners',
    description: 'Every miner with its newest sample. Click a name for its history.',
    size: [24, 16],
    columns: columns(
      'id',
      'Miner',
      'Site',
      'Container',
      'State',
      'Model',
      'Address',
      'Hashrate',
      'Of expected',
      'Hottest chip',
      'Hottest',
      'Fastest fan',
      'Power',
      'J/TH',
      'Uptime',
      'Last answer',
    ),
    targets: [
      rows(
        `SELECT id::text AS id, name AS "Miner", site AS "Site", container AS "Container", state AS "State",
           concat_ws(' ', manufacturer, model) AS "Model", ip_address AS "Address",
           hashrate_ths AS "Hashrate", percent_of_expected AS "Of expected", temp_chip_c AS "Hottest chip", temp_c AS "Hottest",
           fan_rpm AS "Fastest fan", power_w AS "Power", efficiency_j_th AS "J/TH", uptime_s AS "Uptime", answered_at AS "Last answer"
         FROM grafana.miners WHERE ${CHOSEN_SITES} AND is_active
         ORDER BY site, name`,
      ),
    ],
  }),
];
