import { Celsius } from '@grafana/grafana-foundation-sdk/units';
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { ALERTS } from '../../alerts/settings.ts';
import { dashboard } from '../../parts/dashboard.ts';
import { past } from '../../parts/history.ts';
import { aggregate, tagIsOneOf } from '../../parts/influxql.ts';
import { UIDS } from '../../parts/links.ts';
import { colour, heatmap, lines, stat } from '../../parts/panels.ts';
import { table } from '../../parts/tables.ts';
import { rows, series } from '../../parts/targets.ts';
import { anyIsWorthALook, COLOURS, noneIsGood } from '../../parts/thresholds.ts';
import {
  CHOSEN_CONTAINERS,
  CHOSEN_SITES,
  containerVariable,
  siteVariable,
} from '../../parts/variables.ts';
import { minerColumns } from '../common/miners.ts';

/** No fan of a miner turns so fast: what firmware says when it does not know. */
const IMPOSSIBLE_RPM = ALERTS.fan.impossibleRpm;

const OF_SITE = [tagIsOneOf('site', 'site')];
const MINERS = `FROM grafana.miners m JOIN grafana.hardware h ON h.miner_id = m.id
  WHERE ${CHOSEN_SITES} AND ${CHOSEN_CONTAINERS} AND state <> 'unknown'`;
const HOT = (from: number, to: number) =>
  `count(*) FILTER (WHERE coalesce(temp_chip_c, temp_c) >= ${from} AND coalesce(temp_chip_c, temp_c) < ${to})`;

const now = [
  stat({
    id: 1,
    title: 'Miners by heat',
    description:
      'By the hottest chip, or the hottest sensor where chips have none. Stock firmware of air-cooled models throttles or stops from about 90 °C.',
    size: [14, 4],
    decimals: 0,
    overrides: {
      'Below 60 °C': [],
      '60 to 79 °C': [],
      '80 to 89 °C': [{ id: 'thresholds', value: anyIsWorthALook().build() }],
      '90 °C and more': [{ id: 'thresholds', value: noneIsGood().build() }],
      'Not reported': [],
    },
    targets: [
      rows(
        `SELECT ${HOT(-300, 60)} AS "Below 60 °C", ${HOT(60, 80)} AS "60 to 79 °C", ${HOT(80, 90)} AS "80 to 89 °C",
           ${HOT(90, 10_000)} AS "90 °C and more", count(*) FILTER (WHERE coalesce(temp_chip_c, temp_c) IS NULL) AS "Not reported"
         ${MINERS}`,
      ),
    ],
  }),
  stat({
    id: 2,
    title: 'Fans',
    description: `Miners that hash while one of their fans is at 0, and miners with a fan at ${IMPOSSIBLE_RPM} rpm or more, which no fan reaches.`,
    size: [10, 4],
    decimals: 0,
    overrides: {
      'Fan stopped': [{ id: 'thresholds', value: noneIsGood().build() }],
      'Impossible speed': [{ id: 'thresholds', value: anyIsWorthALook().build() }],
      'Fans not reported': [],
    },
    targets: [
      rows(
        `SELECT count(*) FILTER (WHERE fans_stopped > 0 AND state IN ('hashing', 'degraded')) AS "Fan stopped",
           count(*) FILTER (WHERE fan_max_rpm >= ${IMPOSSIBLE_RPM}) AS "Impossible speed",
           count(*) FILTER (WHERE fans IS NULL) AS "Fans not reported"
         ${MINERS}`,
      ),
    ],
  }),
];

const overTime = [
  heatmap({
    id: 11,
    title: 'Chip temperature over the miners',
    description:
      'How many miners of the site had their hottest chip in each 5 °C, hour by hour; the scale below says which colour is how many. From ' +
      'hourly means, so the present hour is missing.',
    size: [24, 10],
    unit: Celsius,
    rowOf: 5,
    noValue: 'No hour in this range with a chip temperature: choose three hours or more.',
    targets: [
      series(
        {
          fields: { temperature: aggregate('mean', 'temp_chip_mean_c') },
          from: 'miner_1h',
          where: OF_SITE,
          per: 'step',
          tags: ['miner'],
          fill: 'none',
        },
        '$tag_miner',
      ),
    ],
  }),
  lines({
    id: 12,
    title: 'Chip temperature',
    description:
      'Hottest chip of the site; the hottest chip of each miner: mean, median, and the line nine tenths of the miners lie below.',
    size: [12, 8],
    unit: Celsius,
    min: null,
    overrides: {
      Hottest: [colour(COLOURS.bad)],
      'Nine tenths below': [colour(COLOURS.warning)],
      Mean: [colour(COLOURS.neutral)],
      Median: [colour(COLOURS.good)],
    },
    targets: past({
      of: 'site',
      where: OF_SITE,
      fields: {
        Hottest: aggregate('max', 'temp_chip_max_c'),
        'Nine tenths below': aggregate('max', 'temp_chip_p90_c'),
        Mean: aggregate('mean', 'temp_chip_mean_c'),
        Median: aggregate('mean', 'temp_chip_p50_c'),
      },
    }),
  }),
  lines({
    id: 13,
    title: 'Slowest fan',
    description:
      'The slowest fan of any miner of the site; 0 while one stands still. Miners that do not report fans do not count.',
    size: [12, 8],
    unit: 'rotrpm',
    overrides: { 'Slowest fan': [colour(COLOURS.neutral)] },
    targets: past({
      of: 'site',
      where: OF_SITE,
      fields: { 'Slowest fan': aggregate('min', 'fan_min_rpm') },
    }),
  }),
];

const tables = [
  table({
    id: 21,
    title: 'Hottest miners',
    description:
      'The 20 miners of the site with the hottest chip now, or the hottest sensor where chips have none. All fans, in the order of their slots.',
    size: [12, 12],
    noValue: 'No miner here reports a temperature.',
    columns: {
      ...minerColumns('id', 'Miner', 'Container', 'Hottest'),
      Fans: { minWidth: 170 },
    },
    targets: [
      rows(
        `SELECT m.id::text AS id, name AS "Miner", container AS "Container", coalesce(temp_chip_c, temp_c) AS "Hottest", fans AS "Fans"
         ${MINERS} AND coalesce(temp_chip_c, temp_c) IS NOT NULL
         ORDER BY coalesce(temp_chip_c, temp_c) DESC LIMIT 20`,
      ),
    ],
  }),
  table({
    id: 22,
    title: 'Fans that stand still or cannot be true',
    description: `Miners that hash with a fan at 0, or that report ${IMPOSSIBLE_RPM} rpm or more. All fans, in the order of their slots.`,
    size: [12, 12],
    noValue: 'All fans turn.',
    columns: {
      ...minerColumns('id', 'Miner', 'Container', 'State', 'Hottest chip'),
      Fans: { minWidth: 170 },
    },
    targets: [
      rows(
        `SELECT m.id::text AS id, name AS "Miner", container AS "Container", state AS "State", fans AS "Fans", temp_chip_c AS "Hottest chip"
         ${MINERS} AND (fans_stopped > 0 AND state IN ('hashing', 'degraded') OR fan_max_rpm >= ${IMPOSSIBLE_RPM})
         ORDER BY fan_min_rpm, name LIMIT 200`,
      ),
    ],
  }),
];

/** Where it is hot, and which fans do not turn. */
export function heat(): DashboardBuilder {
  return dashboard({
    title: 'Heat and fans',
    uid: UIDS.heat,
    description:
      'How hot the chips of one site are, over all its miners and over time, and which fans do not turn.',
    from: 'now-24h',
    adminPath: '/miners',
    variables: [siteVariable('one'), containerVariable()],
    sections: [
      { id: 101, title: 'Now', panels: now },
      { id: 102, title: 'Over time', panels: overTime },
      { id: 103, title: 'Which miners', panels: tables },
    ],
  });
}
