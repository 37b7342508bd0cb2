import { Celsius, TeraHashesPerSecond, Watt } from '@grafana/grafana-foundation-sdk/units';
import { aggregate, over } from '../../parts/influxql.ts';
import { colour, lines, REFERENCE_LINE } from '../../parts/panels.ts';
import { series } from '../../parts/targets.ts';
import { COLOURS } from '../../parts/thresholds.ts';
import { HASHRATE_AND_EXPECTED, OF_CHOSEN_SITES, perMiner, together } from './queries.ts';

const BOTH_RATES = ['"hashrate_ths" > 0', '"expected_ths" > 0'];

export const overTime = [
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
      'Miners their agents asked in each interval. Hashing includes degraded (below 90 % of expected). All ' +
      'lines at 0 mean that no agent reported.',
    size: [12, 9],
    unit: 'none',
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
    unit: 'suffix:J/TH',
    min: null,
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
