import { Celsius, TeraHashesPerSecond } from '@grafana/grafana-foundation-sdk/units';
import { TO_MINER, TO_SITE, TO_THAT, UIDS } from '../../parts/links.ts';
import { STATES } from '../../parts/states.ts';
import { table, type Column } from '../../parts/tables.ts';
import { rows } from '../../parts/targets.ts';
import { chipTemperature, percentOfExpected } from '../../parts/thresholds.ts';
import { CHOSEN_SITES } from '../../parts/variables.ts';
import { ALGORITHM } from './groups.ts';
import { now, WHOSE, type Whole } from './queries.ts';

/** How a table shows what it may know of a miner. */
const MINER_COLUMNS = {
  id: { hidden: true },
  scope: { hidden: true },
  Miner: { link: TO_MINER, width: 190 },
  Site: { filter: true, minWidth: 110, link: TO_SITE },
  Container: { filter: true, minWidth: 105 },
  State: { states: STATES, filter: true, width: 100 },
  Model: { filter: true, width: 130 },
  Address: { width: 120 },
  Hashrate: { unit: TeraHashesPerSecond, decimals: 1, minWidth: 90 },
  Expected: { unit: TeraHashesPerSecond, decimals: 1 },
  'Of expected': { unit: 'percent', decimals: 0, minWidth: 95, thresholds: percentOfExpected() },
  'Hottest chip': { unit: Celsius, decimals: 0, minWidth: 100, thresholds: chipTemperature() },
  Hottest: { unit: Celsius, decimals: 0, thresholds: chipTemperature() },
  'Fastest fan': { unit: 'rotrpm', decimals: 0, minWidth: 95 },
  // Not scaled: "3 kW" and "3 kW" may be 500 W apart.
  Power: { unit: 'suffix:W', decimals: 0 },
  'J/TH': { decimals: 1 },
  Uptime: { unit: 's', decimals: 1 },
  'Last answer': { unit: 'dateTimeFromNow', width: 140 },
} satisfies Record<string, Column>;

/** Settings of the columns a table has. */
export function minerColumns(...names: (keyof typeof MINER_COLUMNS)[]): Record<string, Column> {
  return Object.fromEntries(names.map((name) => [name, MINER_COLUMNS[name]]));
}

/** A column that says the same in every row of a dashboard of one site. */
const siteColumn = (whole: Whole): Record<string, Column> =>
  whole === 'site' ? { Site: { hidden: true } } : minerColumns('Site');

/** Which miners need somebody. */
export function attention(whole: Whole) {
  return [
    table({
      id: 21,
      title: 'Hottest miners',
      description:
        'The 10 miners with the hottest chip now; the hottest sensor where chips have none.',
      size: [12, 12],
      columns: {
        ...minerColumns('id', 'scope', 'Miner', 'Hottest chip', 'Hottest', 'Fastest fan'),
        ...siteColumn(whole),
      },
      targets: [
        rows(
          `SELECT id::text AS id, scope, name AS "Miner", site AS "Site", temp_chip_c AS "Hottest chip", temp_c AS "Hottest", fan_rpm AS "Fastest fan"
           ${now(whole)} AND coalesce(temp_chip_c, temp_c) IS NOT NULL
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
      columns: {
        ...minerColumns('id', 'scope', 'Miner', 'Of expected', 'Hashrate', 'Expected', 'State'),
        ...siteColumn(whole),
      },
      targets: [
        rows(
          `SELECT id::text AS id, scope, name AS "Miner", site AS "Site", percent_of_expected AS "Of expected", hashrate_ths AS "Hashrate", expected_ths AS "Expected", state AS "State"
           ${now(whole)} AND percent_of_expected IS NOT NULL
           ORDER BY percent_of_expected LIMIT 10`,
        ),
      ],
    }),
    lossByCause(whole),
    changes(whole),
  ];
}

function lossByCause(whole: Whole) {
  return table({
    id: 23,
    title: 'Lost hashrate by cause, now',
    description:
      'What each miner does less than it should, by the first cause that holds: its agent is silent, it does not answer, its ' +
      'pool is dead, it does not hash, a board or chips are missing, a chip is at 90 °C or more; else unexplained. Sites and algorithms are apart, the greatest loss ' +
      'first.',
    size: [10, 10],
    noValue: 'Nothing is lost.',
    columns: {
      scope: { hidden: true },
      ...siteColumn(whole),
      Lost: { unit: TeraHashesPerSecond, decimals: 1, minWidth: 90 },
      Miners: { decimals: 0 },
    },
    targets: [
      rows(
        `SELECT scope, site AS "Site", cause AS "Cause", algorithm AS "Algorithm", count(*) AS "Miners", sum(lost) AS "Lost"
         FROM (
           SELECT m.scope, m.site, coalesce(${ALGORITHM}, '–') AS algorithm,
             CASE WHEN state = 'unknown' THEN 'agent silent' WHEN state = 'offline' THEN 'offline'
               WHEN EXISTS (SELECT FROM grafana.pools p WHERE p.miner_id = m.id AND p.active AND p.alive IS FALSE) THEN 'pool dead'
               WHEN state = 'idle' THEN 'not hashing' WHEN h.boards_missing > 0 THEN 'board missing' WHEN h.chips_missing > 0 THEN 'chips missing'
               WHEN temp_chip_c >= 90 THEN 'too hot' ELSE 'unexplained' END AS cause,
             expected_ths - CASE WHEN state IN ('unknown', 'offline') THEN 0 ELSE coalesce(hashrate_ths, 0) END AS lost
           FROM grafana.miners m LEFT JOIN grafana.hardware h ON h.miner_id = m.id
           WHERE ${WHOSE[whole]} AND state <> 'hashing' AND expected_ths > 0
         ) losses
         WHERE lost > 0 GROUP BY scope, site, cause, algorithm ORDER BY sum(lost) DESC`,
      ),
    ],
  });
}

const changes = (whole: Whole) =>
  table({
    id: 24,
    title: 'What changed in 24 hours',
    description:
      'Miners found, retired, moved, restarted or gone, and agents that lost samples, in the 24 hours before the end of the range; ' +
      'the newest 200. A miner that has restarted several times is here once.',
    size: [14, 10],
    noValue: 'Nothing changed.',
    columns: {
      scope: { hidden: true },
      to: { hidden: true },
      ...siteColumn(whole),
      When: { unit: 'dateTimeFromNow', width: 145 },
      What: { width: 160, filter: true },
      Name: { link: TO_THAT, width: 190 },
    },
    targets: [
      rows(
        `SELECT at AS "When", what AS "What", name AS "Name", site AS "Site", detail AS "Detail", scope,
           CASE WHEN miner_id IS NULL THEN '${UIDS.pipeline}?var-site=' || scope ELSE '${UIDS.miner}?var-miner=' || miner_id END AS "to"
         FROM grafana.changes
         WHERE ${CHOSEN_SITES} AND at > $__timeTo()::timestamptz - interval '24 hours' AND at <= $__timeTo()::timestamptz
         ORDER BY at DESC LIMIT 200`,
      ),
    ],
  });

/** Every miner of a site. */
export const allMiners = table({
  id: 41,
  title: 'Miners',
  description:
    'Every miner with its newest sample. "Hottest": its hottest chip, or the hottest sensor where chips have none. A click on a name ' +
    'leads to its history.',
  size: [24, 16],
  noValue: 'No miner here.',
  columns: minerColumns(
    'id',
    'Miner',
    'Container',
    'State',
    'Model',
    'Address',
    'Hashrate',
    'Of expected',
    'Hottest',
    'Fastest fan',
    'Power',
    'J/TH',
    'Uptime',
    'Last answer',
  ),
  targets: [
    rows(
      `SELECT id::text AS id, name AS "Miner", container AS "Container", state AS "State",
         concat_ws(' ', manufacturer, model) AS "Model", ip_address AS "Address",
         hashrate_ths AS "Hashrate", percent_of_expected AS "Of expected", coalesce(temp_chip_c, temp_c) AS "Hottest",
         fan_rpm AS "Fastest fan", power_w AS "Power", efficiency_j_th AS "J/TH", uptime_s AS "Uptime", answered_at AS "Last answer"
       FROM grafana.miners WHERE ${WHOSE.site}
       ORDER BY name`,
    ),
  ],
});
