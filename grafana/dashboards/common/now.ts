import { TeraHashesPerSecond, Watt } from '@grafana/grafana-foundation-sdk/units';
import { aggregate } from '../../parts/influxql.ts';
import { colour, stat } from '../../parts/panels.ts';
import { rows } from '../../parts/targets.ts';
import { anyIsWorthALook, COLOURS, noneIsGood, percentOfExpected } from '../../parts/thresholds.ts';
import { CHOSEN_SITES } from '../../parts/variables.ts';
import { newest, type Whole } from './queries.ts';

/** A site polled each five minutes, and the minute and a half a rollup takes. */
const NEWEST = '10m';
const NOBODY = 'no sample for 10 min';

const OF_WHOM = {
  fleet: { text: 'all miners of this algorithm', miners: 'grafana.miners WHERE is_active' },
  site: {
    text: 'the miners of this site and algorithm',
    miners: `grafana.miners WHERE ${CHOSEN_SITES} AND is_active`,
  },
} as const;

/** How it is at this moment: four numbers, each beside what it should be or is made of. */
export function nowPanels(whole: Whole) {
  const { text, miners } = OF_WHOM[whole];
  return [
    stat({
      id: 1,
      title: 'Hashrate',
      description:
        `Sum over ${text} in the newest minute, beside what all known miners should do by their own last word, those that ` +
        'do not answer included.',
      size: [6, 4],
      newest: NEWEST,
      noValue: NOBODY,
      unit: TeraHashesPerSecond,
      decimals: 2,
      overrides: { Now: [], Expected: [] },
      targets: [
        newest(whole, {
          Now: aggregate('last', 'hashrate_ths'),
          Expected: aggregate('last', 'expected_known_ths'),
        }),
      ],
    }),
    stat({
      id: 2,
      title: 'Of expected',
      description: `Hashrate as a share of what is expected of ${text}, in the newest minute. Green from 90 %, red below 75 %.`,
      size: [3, 4],
      newest: NEWEST,
      noValue: NOBODY,
      unit: 'percent',
      decimals: 1,
      thresholds: percentOfExpected(),
      targets: [
        newest(whole, {
          'Of expected': `100 * ${aggregate('last', 'hashrate_ths')} / ${aggregate('last', 'expected_known_ths')}`,
        }),
      ],
    }),
    stat({
      id: 3,
      title: 'Miners by state',
      description:
        'All algorithms. Hashing · degraded: below 90 % of expected · idle: answers, does not hash · offline: its agent got no ' +
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
           FROM ${miners}`,
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
      newest: NEWEST,
      noValue: NOBODY,
      overrides: {
        Power: [
          { id: 'unit', value: Watt },
          { id: 'decimals', value: 2 },
        ],
        'J/TH': [{ id: 'decimals', value: 1 }],
      },
      targets: [
        newest(whole, {
          Power: aggregate('last', 'power_w'),
          'J/TH': aggregate('last', 'efficiency_j_th'),
        }),
      ],
    }),
  ];
}
