import { TeraHashesPerSecond } from '@grafana/grafana-foundation-sdk/units';
import { past } from '../../parts/history.ts';
import { aggregate, tagIsOneOf } from '../../parts/influxql.ts';
import { TO_SITE } from '../../parts/links.ts';
import { colour, lines, REFERENCE_LINE } from '../../parts/panels.ts';
import { table } from '../../parts/tables.ts';
import { rows } from '../../parts/targets.ts';
import { COLOURS, plain } from '../../parts/thresholds.ts';
import { CHOSEN_SITES } from '../../parts/variables.ts';
import { ALGORITHM, BY_ALGORITHM_TABLE, GROUP_COLUMNS } from '../common/groups.ts';
import { OF_ALGORITHM } from '../common/queries.ts';

/** The worst first. */
export const sites = [
  table({
    id: 31,
    title: 'Sites',
    description:
      'Each site now, a row for each algorithm, worst share of expected first. Sums are over miners whose agent speaks. "Last ' +
      'contact": when an agent of the site last spoke to the server.',
    size: [24, 9],
    noValue: 'No site yet: register an agent in the admin page.',
    columns: {
      scope: { hidden: true },
      Site: { link: TO_SITE, width: 150 },
      ...BY_ALGORITHM_TABLE,
      'Last contact': { unit: 'dateTimeFromNow', width: 140, thresholds: plain() },
    },
    targets: [
      rows(
        `SELECT s.scope AS scope, s.name AS "Site", ${ALGORITHM} AS "Algorithm", ${GROUP_COLUMNS},
           (SELECT max(a.last_seen_at) FROM grafana.agents a WHERE a.scope = s.scope) AS "Last contact"
         FROM grafana.sites s LEFT JOIN grafana.miners m ON m.scope = s.scope AND m.is_active
         WHERE s.${CHOSEN_SITES}
         GROUP BY s.scope, s.name, "Algorithm"
         ORDER BY "Of expected" NULLS LAST, s.name`,
      ),
    ],
  }),
];

export const siteHashrates = [
  lines({
    id: 32,
    title: '$site',
    description:
      'Hashrate of one site against what is expected of its known miners, offline and silent ones included.',
    size: [24, 6],
    unit: TeraHashesPerSecond,
    repeat: 'site',
    overrides: {
      Hashrate: [colour(COLOURS.good)],
      Expected: [colour(COLOURS.expected), ...REFERENCE_LINE],
    },
    targets: past({
      of: 'site',
      where: [tagIsOneOf('site', 'site'), ...OF_ALGORITHM],
      fields: {
        Hashrate: aggregate('mean', 'hashrate_ths'),
        Expected: aggregate('mean', 'expected_known_ths'),
      },
      hours: {
        Hashrate: aggregate('mean', 'hashrate_mean_ths'),
        Expected: aggregate('mean', 'expected_known_ths'),
      },
    }),
  }),
];
