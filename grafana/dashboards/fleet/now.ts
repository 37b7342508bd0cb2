import { TeraHashesPerSecond, Watt } from '@grafana/grafana-foundation-sdk/units';
import { colour, stat } from '../../parts/panels.ts';
import { rows } from '../../parts/targets.ts';
import { anyIsWorthALook, COLOURS, noneIsGood, percentOfExpected } from '../../parts/thresholds.ts';
import { CHOSEN_SITES } from '../../parts/variables.ts';
import { NOW } from './queries.ts';

export const now = [
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
        { id: 'decimals', value: 2 },
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
