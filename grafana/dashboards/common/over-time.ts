import { Celsius, TeraHashesPerSecond, Watt } from '@grafana/grafana-foundation-sdk/units';
import { past, pastSums } from '../../parts/history.ts';
import { aggregate } from '../../parts/influxql.ts';
import { colour, lines, REFERENCE_LINE } from '../../parts/panels.ts';
import { COLOURS } from '../../parts/thresholds.ts';
import { conditions, OF_ALGORITHM, type Whole } from './queries.ts';

const mean = (field: Parameters<typeof aggregate>[1]) => aggregate('mean', field);

const STATE_FIELDS = {
  Hashing: mean('hashing'),
  Degraded: mean('degraded'),
  Idle: mean('idle'),
  Offline: mean('offline'),
  Unknown: mean('unknown'),
};

/** What was, minute by minute, or hour by hour in long ranges. */
export function overTimePanels(whole: Whole) {
  const ofAll = conditions(whole);
  const where = [...ofAll, ...OF_ALGORITHM];
  return [
    lines({
      id: 11,
      title: 'Hashrate against expected',
      description:
        'Expected: what all known miners should do by their own last word, offline and silent ones included. The distance ' +
        'between the lines is lost hashrate. Over more than 7 days from hourly means.',
      size: [12, 9],
      unit: TeraHashesPerSecond,
      overrides: {
        Hashrate: [colour(COLOURS.good)],
        Expected: [colour(COLOURS.expected), ...REFERENCE_LINE],
      },
      targets: past({
        of: whole,
        where,
        fields: { Hashrate: mean('hashrate_ths'), Expected: mean('expected_known_ths') },
        hours: { Hashrate: mean('hashrate_mean_ths'), Expected: mean('expected_known_ths') },
      }),
    }),
    lines({
      id: 16,
      title: 'Lost hashrate by cause',
      description:
        'Expected minus hashrate. No hashrate reported: offline, idle without a reading, or their agent is silent (for an ' +
        'hour, then they are no longer counted). Below expected: they answer and do less than they should.',
      size: [12, 9],
      unit: TeraHashesPerSecond,
      stacked: true,
      overrides: {
        'No hashrate reported': [colour(COLOURS.bad)],
        'Below expected': [colour(COLOURS.warning)],
      },
      targets: past({
        of: whole,
        where,
        fields: {
          'No hashrate reported': `${mean('expected_known_ths')} - ${mean('expected_ths')}`,
          'Below expected': `${mean('expected_ths')} - ${mean('rated_ths')}`,
        },
      }),
    }),
    lines({
      id: 12,
      title: 'Miners by state',
      description:
        'All algorithms. Unknown: known miners of which no sample came, so their agent was silent. Nothing at all: no sample ' +
        'of any miner.',
      size: [12, 9],
      unit: 'none',
      stacked: true,
      overrides: {
        Hashing: [colour(COLOURS.good)],
        Degraded: [colour(COLOURS.warning)],
        Idle: [colour(COLOURS.neutral)],
        Offline: [colour(COLOURS.bad)],
        Unknown: [colour(COLOURS.unknown)],
      },
      targets: pastSums({ of: whole, where: ofAll, fields: STATE_FIELDS, by: ['algo'] }),
    }),
    lines({
      id: 17,
      title: 'Share of expected among the miners',
      description:
        'A tenth of the miners does less than the lowest line, half of them less than the middle one. Miners that report a ' +
        'hashrate and what they should do.',
      size: [12, 9],
      unit: 'percent',
      overrides: {
        'Weakest tenth': [colour(COLOURS.bad)],
        Median: [colour(COLOURS.good)],
        'Best tenth': [colour(COLOURS.neutral)],
      },
      targets: past({
        of: whole,
        where,
        fields: {
          'Weakest tenth': mean('percent_p10'),
          Median: mean('percent_p50'),
          'Best tenth': mean('percent_p90'),
        },
      }),
    }),
    lines({
      id: 13,
      title: 'Power',
      description: 'Sum over the miners of all algorithms that report their power.',
      size: [8, 8],
      unit: Watt,
      overrides: { Power: [colour(COLOURS.neutral)] },
      targets: pastSums({
        of: whole,
        where: ofAll,
        fields: { Power: mean('power_w') },
        hours: { Power: mean('power_mean_w') },
        by: ['algo'],
      }),
    }),
    lines({
      id: 14,
      title: 'Efficiency',
      description: 'Power divided by hashrate, over the miners that report both. Lower is better.',
      size: [8, 8],
      unit: 'suffix:J/TH',
      min: null,
      targets: past({
        of: whole,
        where,
        fields: { Efficiency: `${mean('metered_w')} / ${mean('metered_ths')}` },
      }),
    }),
    lines({
      id: 15,
      title: 'Chip temperature',
      description:
        'The hottest chip of all, and of each miner its hottest: nine tenths of the miners lie below the middle line, half of ' +
        'them below the lowest. Miners without chip sensors do not count.',
      size: [8, 8],
      unit: Celsius,
      min: null,
      overrides: {
        Hottest: [colour(COLOURS.bad)],
        'Nine tenths below': [colour(COLOURS.warning)],
        Median: [colour(COLOURS.neutral)],
      },
      targets: past({
        of: whole,
        where,
        fields: {
          Hottest: aggregate('max', 'temp_chip_max_c'),
          'Nine tenths below': mean('temp_chip_p90_c'),
          Median: mean('temp_chip_p50_c'),
        },
      }),
    }),
  ];
}
