import { Celsius, TeraHashesPerSecond, Watt } from '@grafana/grafana-foundation-sdk/units';
import { aggregate, change, over, tagIsOneOf } from '../../parts/influxql.ts';
import { stat } from '../../parts/panels.ts';
import { STATES } from '../../parts/states.ts';
import { rows, series } from '../../parts/targets.ts';
import { anyIsWorthALook, chipTemperature, percentOfExpected } from '../../parts/thresholds.ts';
import { MINER, OF_THE_MINER } from './queries.ts';

/** What a miner did when its agent was last heard of is not what it does now. */
const spokenFor = (column: string) => `CASE WHEN state <> 'unknown' THEN ${column} END`;

export const now = [
  stat({
    id: 1,
    title: 'State',
    description:
      'Hashing · degraded: below 90 % of expected · idle: answers, does not hash · offline: the agent got no ' +
      'answer · unknown: its agent is silent.',
    size: [4, 4],
    states: STATES,
    targets: [rows(`SELECT state AS "State" ${MINER}`)],
  }),
  stat({
    id: 7,
    title: 'Last answer',
    description: 'When the miner last answered its agent: an offline one is away since then.',
    size: [3, 4],
    unit: 'dateTimeFromNow',
    noValue: 'never',
    targets: [
      rows(`SELECT 1000 * extract(epoch FROM answered_at)::float8 AS "Last answer" ${MINER}`),
    ],
  }),
  stat({
    id: 2,
    title: 'Hashrate',
    description:
      'Of the newest sample, beside what the miner says it should do; nothing while its agent is silent.',
    size: [5, 4],
    unit: TeraHashesPerSecond,
    decimals: 1,
    overrides: { Now: [], Expected: [] },
    targets: [
      rows(`SELECT ${spokenFor('hashrate_ths')} AS "Now", expected_ths AS "Expected" ${MINER}`),
    ],
  }),
  stat({
    id: 3,
    title: 'Of expected',
    description: 'Hashrate as a share of the expected one. Green from 90 %, red below 75 %.',
    size: [3, 4],
    unit: 'percent',
    decimals: 0,
    thresholds: percentOfExpected(),
    targets: [rows(`SELECT ${spokenFor('percent_of_expected')} AS "Of expected" ${MINER}`)],
  }),
  stat({
    id: 4,
    title: 'Hottest chip',
    description: 'Hottest chip; hottest sensor of any kind where the miner has none on its chips.',
    size: [3, 4],
    unit: Celsius,
    decimals: 0,
    thresholds: chipTemperature(),
    targets: [rows(`SELECT ${spokenFor('coalesce(temp_chip_c, temp_c)')} AS "Hottest" ${MINER}`)],
  }),
  stat({
    id: 5,
    title: 'Power and efficiency',
    description: 'As the miner reports it: measured at its PSU, or estimated by its firmware.',
    size: [4, 4],
    decimals: 1,
    overrides: {
      Power: [
        { id: 'unit', value: Watt },
        { id: 'decimals', value: 2 },
      ],
      'J/TH': [],
    },
    targets: [
      rows(
        `SELECT ${spokenFor('power_w')} AS "Power", ${spokenFor('efficiency_j_th')} AS "J/TH" ${MINER}`,
      ),
    ],
  }),
  stat({
    id: 6,
    title: 'Restarts',
    description:
      'How often the uptime fell in the time range. Two restarts between two samples count once.',
    size: [2, 4],
    decimals: 0,
    thresholds: anyIsWorthALook(),
    noValue: '0',
    targets: [
      series({
        fields: { Restarts: over('count', 'step') },
        from: {
          fields: { step: change('uptime_s') },
          from: 'miner',
          where: [tagIsOneOf('site', 'minutes', 'raw'), ...OF_THE_MINER],
        },
        where: ['"step" < 0'],
      }),
      series({
        fields: { Restarts: aggregate('sum', 'restarts') },
        from: 'miner_1h',
        where: [tagIsOneOf('site', 'hours', 'raw'), ...OF_THE_MINER],
      }),
    ],
  }),
];
