import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from '../../parts/dashboard.ts';
import { pastSums } from '../../parts/history.ts';
import { aggregate, tagIsOneOf } from '../../parts/influxql.ts';
import { UIDS } from '../../parts/links.ts';
import { colour, lines, stat } from '../../parts/panels.ts';
import { table } from '../../parts/tables.ts';
import { rows } from '../../parts/targets.ts';
import { anyIsWorthALook, COLOURS, noneIsGood } from '../../parts/thresholds.ts';
import { CHOSEN_SITES, siteVariable } from '../../parts/variables.ts';
import { minerColumns } from '../common/miners.ts';

const OF_SITES = [tagIsOneOf('site', 'site')];
/** Miners that answered: what is known of the hardware of others is of an earlier day. */
const MINERS = `FROM grafana.miners m JOIN grafana.hardware h ON h.miner_id = m.id
  WHERE ${CHOSEN_SITES} AND state NOT IN ('unknown', 'offline')`;

const now = [
  stat({
    id: 1,
    title: 'Miners with',
    description:
      'Missing board: fewer than most miners of its make and model report, or one at 0 TH/s. Missing chips: fewer good chips than the miner ' +
      'says it should have. Errors: faults the miners themselves report. Restarted: running for less than a day.',
    size: [24, 4],
    decimals: 0,
    overrides: {
      'Missing board': [{ id: 'thresholds', value: noneIsGood().build() }],
      'Missing chips': [{ id: 'thresholds', value: anyIsWorthALook().build() }],
      Errors: [{ id: 'thresholds', value: anyIsWorthALook().build() }],
      'Restarted in 24 h': [{ id: 'thresholds', value: anyIsWorthALook().build() }],
      'Boards not reported': [],
    },
    targets: [
      rows(
        `SELECT count(*) FILTER (WHERE boards_missing > 0) AS "Missing board", count(*) FILTER (WHERE chips_missing > 0) AS "Missing chips",
           count(*) FILTER (WHERE EXISTS (SELECT FROM grafana.miner_errors e WHERE e.miner_id = m.id)) AS "Errors",
           count(*) FILTER (WHERE uptime_s < 86400) AS "Restarted in 24 h", count(*) FILTER (WHERE boards IS NULL) AS "Boards not reported"
         ${MINERS}`,
      ),
    ],
  }),
];

const overTime = [
  lines({
    id: 11,
    title: 'Hardware errors',
    description:
      'Wrong nonces of all miners of the chosen sites, as their counters grew. Over more than 7 days means of hours.',
    size: [12, 8],
    unit: 'suffix:/min',
    interval: '5m',
    overrides: { Errors: [colour(COLOURS.warning)] },
    targets: pastSums({
      of: 'site',
      where: OF_SITES,
      by: ['site', 'algo'],
      fields: { Errors: aggregate('mean', 'hw_errors') },
      hours: { Errors: `${aggregate('mean', 'hw_errors')} / 60` },
    }),
  }),
  lines({
    id: 12,
    title: 'Restarts',
    description:
      'Restarts of miners or of their mining programs noticed in each interval, of all miners of the chosen sites.',
    size: [12, 8],
    unit: 'none',
    overrides: { Restarts: [colour(COLOURS.bad)] },
    targets: pastSums({
      of: 'site',
      where: OF_SITES,
      by: ['site', 'algo'],
      fields: { Restarts: aggregate('sum', 'restarts') },
    }),
  }),
];

const tables = [
  table({
    id: 21,
    title: 'Missing boards and chips',
    description:
      'Boards reported, of those that most miners of the same make and model report; boards at 0 TH/s; and chips fewer than the miner says it should have.',
    size: [24, 10],
    noValue: 'No board and no chip is missing.',
    columns: {
      ...minerColumns('id', 'scope', 'Miner', 'Site', 'Container', 'Model', 'State', 'Of expected'),
    },
    targets: [
      rows(
        `SELECT m.id::text AS id, scope, name AS "Miner", site AS "Site", container AS "Container", concat_ws(' ', manufacturer, model) AS "Model",
           state AS "State", percent_of_expected AS "Of expected", boards AS "Boards", boards_usual AS "Usual", boards_dead AS "At 0 TH/s",
           chips_missing AS "Chips missing"
         ${MINERS} AND (boards_missing > 0 OR chips_missing > 0)
         ORDER BY boards_missing DESC NULLS LAST, chips_missing DESC NULLS LAST, name LIMIT 500`,
      ),
    ],
  }),
  table({
    id: 22,
    title: 'Most hardware errors',
    description:
      'Errors since the miner started, divided by its uptime; the 20 miners with the most per hour.',
    size: [12, 10],
    noValue: 'No miner reports hardware errors.',
    columns: {
      ...minerColumns('id', 'scope', 'Miner', 'Site', 'Uptime'),
      'Per hour': { decimals: 1 },
      Errors: { decimals: 0 },
    },
    targets: [
      rows(
        `SELECT m.id::text AS id, scope, name AS "Miner", site AS "Site", h.hw_errors_per_h AS "Per hour", h.hw_errors AS "Errors", uptime_s AS "Uptime"
         ${MINERS} AND h.hw_errors_per_h > 0 ORDER BY h.hw_errors_per_h DESC LIMIT 20`,
      ),
    ],
  }),
  table({
    id: 23,
    title: 'Errors the miners report',
    description: 'Faults in the words of the miners that answer; the newest 200.',
    size: [12, 10],
    noValue: 'No miner reports an error.',
    columns: {
      ...minerColumns('id', 'scope', 'Miner', 'Site'),
      Code: { width: 100, filter: true },
      Severity: { width: 90 },
    },
    targets: [
      rows(
        `SELECT m.id::text AS id, scope, name AS "Miner", site AS "Site", e.code AS "Code", e.severity AS "Severity", e.text AS "Text"
         FROM grafana.miner_errors e JOIN grafana.miners m ON m.id = e.miner_id
         WHERE ${CHOSEN_SITES} AND is_active AND state NOT IN ('unknown', 'offline') ORDER BY e.at DESC, name LIMIT 200`,
      ),
    ],
  }),
  table({
    id: 24,
    title: 'Restarted last',
    description: 'Miners that run for less than a day, the newest start first; 100 at most.',
    size: [24, 8],
    noValue: 'No miner has started in the last 24 hours.',
    columns: minerColumns('id', 'scope', 'Miner', 'Site', 'Container', 'Model', 'State', 'Uptime'),
    targets: [
      rows(
        `SELECT m.id::text AS id, scope, name AS "Miner", site AS "Site", container AS "Container", concat_ws(' ', manufacturer, model) AS "Model",
           state AS "State", uptime_s AS "Uptime"
         FROM grafana.miners m WHERE ${CHOSEN_SITES} AND is_active AND state NOT IN ('unknown', 'offline') AND uptime_s < 86400
         ORDER BY uptime_s LIMIT 100`,
      ),
    ],
  }),
];

/** Boards, chips, wrong nonces and restarts. */
export function hardware(): DashboardBuilder {
  return dashboard({
    title: 'Hardware health',
    uid: UIDS.hardware,
    description:
      'Boards and chips that are missing, wrong nonces, faults the miners report, restarts.',
    from: 'now-24h',
    adminPath: '/miners',
    variables: [siteVariable()],
    sections: [
      { id: 101, title: 'Now', panels: now },
      { id: 102, title: 'Over time', panels: overTime },
      { id: 103, title: 'Which miners', panels: tables },
    ],
  });
}
