import {
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
  TimePickerBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { Celsius, TeraHashesPerSecond, Watt } from '@grafana/grafana-foundation-sdk/units';
import { aggregate, over, tagIsOneOf, type Select } from '../parts/influxql.ts';
import { TAG, TO_FLEET_OF_SITE, TO_MINER, toOtherDashboards, UIDS } from '../parts/links.ts';
import { colour, lines, REFERENCE_LINE, stat } from '../parts/panels.ts';
import { STATES } from '../parts/states.ts';
import { table, type Column } from '../parts/tables.ts';
import { level, rows, series } from '../parts/targets.ts';
import {
  anyIsWorthALook,
  chipTemperature,
  COLOURS,
  noneIsGood,
  percentOfExpected,
  plain,
} from '../parts/thresholds.ts';
import { CHOSEN_SITES, siteVariable } from '../parts/variables.ts';

const OF_CHOSEN_SITES = [tagIsOneOf('site', 'site')];

const BOTH_RATES = ['"hashrate_ths" > 0', '"expected_ths" > 0'];

/**
 * One value per miner and interval: what a site or the fleet has is the sum over these. Only where there are
 * samples: InfluxDB 1.x sums wrongly over a subquery that fills its gaps.
 */
function perMiner(fields: Select['fields'], where: Select['where'] = []): Select {
  return {
    fields,
    from: 'miner',
    where: [...OF_CHOSEN_SITES, ...where],
    perInterval: true,
    tags: ['site', 'miner'],
    fill: 'none',
  };
}

/** Joins the values of all miners, interval by interval. */
function together(
  fields: Select['fields'],
  from: Select['from'],
  where: Select['where'] = [],
): Select {
  return { fields, from, where, perInterval: true, fill: 'null' };
}

/** Hashrate over time, and as a level line what all miners of the inventory should do by their last word. */
const HASHRATE_AND_EXPECTED = [
  series(
    together(
      { Hashrate: over('sum', 'hashrate') },
      perMiner({ hashrate: aggregate('mean', 'hashrate_ths') }),
    ),
  ),
  level(
    `SELECT sum(expected_ths) AS "Expected" FROM grafana.miners WHERE ${CHOSEN_SITES} AND is_active`,
  ),
];

/** Miners somebody can speak for now; the last word of a silent agent says nothing of this moment. */
const NOW = `FROM grafana.miners WHERE ${CHOSEN_SITES} AND is_active AND state <> 'unknown'`;

const MINER_COLUMNS = {
  id: { hidden: true },
  Miner: { link: TO_MINER },
  State: { states: STATES, width: 100 },
  Hashrate: { unit: TeraHashesPerSecond, decimals: 1 },
  Expected: { unit: TeraHashesPerSecond, decimals: 1 },
  'Of expected': { unit: 'percent', decimals: 0, thresholds: percentOfExpected() },
  'Hottest chip': { unit: Celsius, decimals: 0, thresholds: chipTemperature() },
  Hottest: { unit: Celsius, decimals: 0 },
  'Fastest fan': { unit: 'rotrpm', decimals: 0 },
  Power: { unit: Watt, decimals: 0 },
  'J/TH': { decimals: 1 },
  Uptime: { unit: 's' },
  'Last sample': { unit: 'dateTimeFromNow' },
  'Last answer': { unit: 'dateTimeFromNow' },
} satisfies Record<string, Column>;

/** Settings of the columns a table has. */
function columns(...names: (keyof typeof MINER_COLUMNS)[]): Record<string, Column> {
  return Object.fromEntries(names.map((name) => [name, MINER_COLUMNS[name]]));
}

const now = [
  stat({
    id: 1,
    title: 'Hashrate',
    description:
      'Sum over the newest sample of every miner whose state is known, beside what the miners that say so should do.',
    size: [6, 4],
    unit: TeraHashesPerSecond,
    decimals: 2,
    overrides: { Now: [], Expected: [] },
    targets: [rows(`SELECT sum(hashrate_ths) AS "Now", sum(expected_ths) AS "Expected" ${NOW}`)],
  }),
  stat({
    id: 2,
    title: 'Of expected',
    description:
      'Hashrate now as a share of the expected hashrate, over the miners that report an expected one. ' +
      'Green from 90 %, red below 75 %.',
    size: [3, 4],
    unit: 'percent',
    decimals: 1,
    thresholds: percentOfExpected(),
    targets: [
      rows(
        `SELECT 100 * coalesce(sum(hashrate_ths) FILTER (WHERE expected_ths > 0), 0) / nullif(sum(expected_ths), 0) AS "Of expected" ${NOW}`,
      ),
    ],
  }),
  stat({
    id: 3,
    title: 'Miners by state',
    description:
      'Hashing · degraded: below 90 % of expected · idle: answers, does not hash · offline: its agent got no ' +
      'answer · unknown: its agent is silent. A silent agent does not mean dead miners.',
    size: [9, 4],
    decimals: 0,
    overrides: {
      Hashing: [colour(COLOURS.good)],
      Degraded: [{ id: 'thresholds', value: anyIsWorthALook().build() }],
      Idle: [{ id: 'thresholds', value: anyIsWorthALook().build() }],
      Offline: [{ id: 'thresholds', value: noneIsGood().build() }],
      Unknown: [{ id: 'thresholds', value: anyIsWorthALook().build() }],
    },
    targets: [
      rows(
        `SELECT count(*) FILTER (WHERE state = 'hashing') AS "Hashing",
           count(*) FILTER (WHERE state = 'degraded') AS "Degraded",
           count(*) FILTER (WHERE state = 'idle') AS "Idle",
           count(*) FILTER (WHERE state = 'offline') AS "Offline",
           count(*) FILTER (WHERE state = 'unknown') AS "Unknown"
         FROM grafana.miners WHERE ${CHOSEN_SITES} AND is_active`,
      ),
    ],
  }),
  stat({
    id: 4,
    title: 'Power and efficiency',
    description:
      'Power of the miners that report it. J/TH only over miners that report both power and hashrate. What a ' +
      'firmware calls power may be measured at the PSU or estimated.',
    size: [6, 4],
    overrides: {
      Power: [
        { id: 'unit', value: Watt },
        { id: 'decimals', value: 1 },
      ],
      'J/TH': [{ id: 'decimals', value: 1 }],
    },
    targets: [
      rows(
        `SELECT sum(power_w) AS "Power",
           sum(power_w) FILTER (WHERE hashrate_ths > 0) / nullif(sum(hashrate_ths) FILTER (WHERE power_w IS NOT NULL), 0) AS "J/TH"
         ${NOW}`,
      ),
    ],
  }),
];

const overTime = [
  lines({
    id: 11,
    title: 'Hashrate against expected',
    description:
      'Sum over all miners of the mean of each. Expected: what all miners of the inventory should do by their ' +
      'own last word, silent and offline ones included. The distance between the lines is lost hashrate.',
    size: [12, 9],
    unit: TeraHashesPerSecond,
    overrides: {
      Hashrate: [colour(COLOURS.good)],
      Expected: [colour(COLOURS.expected), ...REFERENCE_LINE],
    },
    targets: HASHRATE_AND_EXPECTED,
  }),
  lines({
    id: 12,
    title: 'Miners by state',
    description:
      'Miners their agents asked in each interval. Hashing includes degraded (below 90 % of expected). A ' +
      'gap in all lines means that no agent reported.',
    size: [12, 9],
    unit: 'none',
    decimals: 0,
    overrides: {
      Hashing: [colour(COLOURS.good)],
      Degraded: [colour(COLOURS.warning)],
      Idle: [colour(COLOURS.neutral)],
      Offline: [colour(COLOURS.bad)],
    },
    targets: [
      series(
        together(
          { Hashing: over('count', 'hashrate') },
          perMiner({ hashrate: aggregate('mean', 'hashrate_ths') }),
          ['"hashrate" > 0'],
        ),
      ),
      series(
        together(
          { Degraded: over('count', 'hashrate') },
          // Filtered below: above, one row without a limit would end the series of InfluxDB 1.x there.
          perMiner(
            {
              hashrate: aggregate('mean', 'hashrate_ths'),
              limit: `0.9 * ${aggregate('mean', 'expected_ths')}`,
            },
            BOTH_RATES,
          ),
          ['"hashrate" < "limit"'],
        ),
      ),
      series(
        together(
          { Idle: over('count', 'hashrate') },
          perMiner({ hashrate: aggregate('max', 'hashrate_ths') }),
          ['"hashrate" = 0'],
        ),
      ),
      series(
        together({ Offline: over('count', 'up') }, perMiner({ up: aggregate('max', 'up') }), [
          '"up" = 0',
        ]),
      ),
    ],
  }),
  lines({
    id: 13,
    title: 'Power',
    description: 'Sum over the miners that report their power.',
    size: [8, 8],
    unit: Watt,
    overrides: { Power: [colour(COLOURS.neutral)] },
    targets: [
      series(
        together(
          { Power: over('sum', 'power') },
          perMiner({ power: aggregate('mean', 'power_w') }),
        ),
      ),
    ],
  }),
  lines({
    id: 14,
    title: 'Efficiency',
    description: 'Power divided by hashrate, over the miners that report both. Lower is better.',
    size: [8, 8],
    unit: 'suffix: J/TH',
    min: null,
    decimals: 1,
    targets: [
      series({
        fields: {
          Efficiency: `${aggregate('sum', 'power_w')} / ${aggregate('sum', 'hashrate_ths')}`,
        },
        from: 'miner',
        where: [...OF_CHOSEN_SITES, '"power_w" > 0', '"hashrate_ths" > 0'],
        perInterval: true,
        fill: 'null',
      }),
    ],
  }),
  lines({
    id: 15,
    title: 'Chip temperature',
    description:
      'The hottest chip of the fleet, and the mean over the hottest chip of each miner. Miners without chip ' +
      'sensors do not count.',
    size: [8, 8],
    unit: Celsius,
    min: null,
    decimals: 0,
    overrides: { Hottest: [colour(COLOURS.bad)], Mean: [colour(COLOURS.neutral)] },
    targets: [
      series({
        fields: {
          Hottest: aggregate('max', 'temp_chip_c'),
          Mean: aggregate('mean', 'temp_chip_c'),
        },
        from: 'miner',
        where: OF_CHOSEN_SITES,
        perInterval: true,
        fill: 'null',
      }),
    ],
  }),
];

const attention = [
  table({
    id: 21,
    title: 'Hottest miners',
    description:
      'The 10 miners with the hottest chip now; the hottest sensor where chips have none.',
    size: [12, 9],
    columns: columns('id', 'Miner', 'Hottest chip', 'Hottest', 'Fastest fan', 'Last sample'),
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
    size: [12, 9],
    columns: columns('id', 'Miner', 'Of expected', 'Hashrate', 'Expected', 'State'),
    targets: [
      rows(
        `SELECT id::text AS id, name AS "Miner", site AS "Site", percent_of_expected AS "Of expected", hashrate_ths AS "Hashrate", expected_ths AS "Expected", state AS "State"
         ${NOW} AND percent_of_expected IS NOT NULL
         ORDER BY percent_of_expected LIMIT 10`,
      ),
    ],
  }),
];

const sites = [
  table({
    id: 31,
    title: 'Sites',
    description:
      'Each site now, worst share of expected first. "Last contact": when an agent of the site last spoke to the server.',
    size: [24, 8],
    columns: {
      scope: { hidden: true },
      Site: { link: TO_FLEET_OF_SITE },
      Hashrate: { unit: TeraHashesPerSecond, decimals: 2 },
      Expected: { unit: TeraHashesPerSecond, decimals: 2 },
      'Of expected': { unit: 'percent', decimals: 1, thresholds: percentOfExpected() },
      Offline: { thresholds: noneIsGood() },
      Unknown: { thresholds: anyIsWorthALook() },
      Power: { unit: Watt, decimals: 1 },
      'J/TH': { decimals: 1 },
      'Hottest chip': { unit: Celsius, decimals: 0, thresholds: chipTemperature() },
      'Last contact': { unit: 'dateTimeFromNow', thresholds: plain() },
    },
    targets: [
      rows(
        `SELECT s.scope AS scope, s.name AS "Site",
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
           max(m.temp_chip_c) FILTER (WHERE m.state <> 'unknown') AS "Hottest chip",
           (SELECT max(a.last_seen_at) FROM grafana.agents a WHERE a.scope = s.scope) AS "Last contact"
         FROM grafana.sites s LEFT JOIN grafana.miners m ON m.scope = s.scope AND m.is_active
         WHERE s.${CHOSEN_SITES}
         GROUP BY s.scope, s.name
         ORDER BY "Of expected" NULLS LAST, s.name`,
      ),
    ],
  }),
  lines({
    id: 32,
    title: '$site',
    description:
      'Hashrate of one site against its expected hashrate, as in the panel of the fleet.',
    size: [24, 6],
    unit: TeraHashesPerSecond,
    repeat: 'site',
    overrides: {
      Hashrate: [colour(COLOURS.good)],
      Expected: [colour(COLOURS.expected), ...REFERENCE_LINE],
    },
    targets: HASHRATE_AND_EXPECTED,
  }),
];

const miners = [
  table({
    id: 41,
    title: 'Miners',
    description: 'Every miner with its newest sample. Click a name for its history.',
    size: [24, 16],
    columns: columns(
      'id',
      'Miner',
      'State',
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

/** How the whole farm does, now and over the day, and which miners need somebody. */
export function fleet(): DashboardBuilder {
  const dashboard = new DashboardBuilder('Fleet')
    .uid(UIDS.fleet)
    .description('How the whole farm does, now and over the day, and which miners need somebody.')
    .tags([TAG])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' })
    // Within a minute of its slot a sample has arrived; before, the newest sums would lack some miners.
    .timepicker(new TimePickerBuilder().nowDelay('1m'))
    .refresh('1m')
    .link(toOtherDashboards())
    .withVariable(siteVariable());
  const sections = [
    { id: 101, title: 'Now', panels: now },
    { id: 102, title: 'Over time', panels: overTime },
    { id: 103, title: 'Worth a look', panels: attention },
    { id: 104, title: 'By site', panels: sites },
    { id: 105, title: 'Miners', panels: miners },
  ];
  for (const section of sections) {
    dashboard.withRow(new RowBuilder(section.title).id(section.id));
    for (const panel of section.panels) dashboard.withPanel(panel);
  }
  return dashboard;
}
