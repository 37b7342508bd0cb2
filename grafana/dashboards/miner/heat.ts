import { Celsius, Watt } from '@grafana/grafana-foundation-sdk/units';
import { past } from '../../parts/history.ts';
import { aggregate } from '../../parts/influxql.ts';
import { colour, lines, REFERENCE_LINE } from '../../parts/panels.ts';
import type { Field } from '../../parts/samples.ts';
import { COLOURS } from '../../parts/thresholds.ts';
import { boardLines, line, OF_THE_MINER } from './queries.ts';

export const heat = [
  lines({
    id: 21,
    title: 'Temperature',
    description:
      'The hottest chip, the hottest board sensor, the air at the inlet, water or oil, where reported. All but the chip are kept for 30 days.',
    size: [8, 9],
    unit: Celsius,
    min: null,
    noValue: 'No temperature was reported in this range.',
    overrides: {
      'Hottest chip': [colour(COLOURS.bad)],
      'Hottest board': [colour(COLOURS.warning)],
      Inlet: [colour(COLOURS.neutral)],
    },
    targets: [
      ...line('Hottest chip', 'temp_chip_c', 'temp_chip_mean_c'),
      ...line('Hottest board', 'temp_board_c'),
      ...line('Inlet', 'temp_env_c'),
      ...line('Fluid in', 'temp_fluid_in_c'),
      ...line('Fluid out', 'temp_fluid_out_c'),
    ],
  }),
  lines({
    id: 22,
    title: 'Chip temperature by board',
    description: 'The hottest chip of each hashboard; written every 5 minutes, kept for 30 days.',
    size: [8, 9],
    unit: Celsius,
    min: null,
    interval: '5m',
    noValue: 'No board reported a temperature in this range; boards are kept for 30 days.',
    targets: [boardLines('temp_chip_c')],
  }),
  lines({
    id: 23,
    title: 'Board temperature by board',
    description:
      'The hottest sensor on the board itself; written every 5 minutes, kept for 30 days.',
    size: [8, 9],
    unit: Celsius,
    min: null,
    interval: '5m',
    noValue: 'No board reported a temperature in this range; boards are kept for 30 days.',
    targets: [boardLines('temp_board_c')],
  }),
  lines({
    id: 24,
    title: 'Fans',
    description:
      'Each fan by its slot. A fan at 0 stands still; a fan that is not reported has no line. Kept for 30 days.',
    size: [8, 8],
    unit: 'rotrpm',
    noValue: 'No fan was reported in this range.',
    targets: [1, 2, 3, 4, 5, 6, 7, 8].flatMap((slot) =>
      line(`Fan ${slot}`, `fan${slot}_rpm` as Field),
    ),
  }),
  lines({
    id: 25,
    title: 'Power',
    description: 'Power as the miner reports it, and the limit it keeps to where it has one.',
    size: [8, 8],
    unit: Watt,
    overrides: {
      Power: [colour(COLOURS.neutral)],
      Limit: [colour(COLOURS.expected), ...REFERENCE_LINE],
    },
    noValue: 'This miner does not report its power.',
    targets: [...line('Power', 'power_w', 'power_mean_w'), ...line('Limit', 'power_limit_w')],
  }),
  lines({
    id: 26,
    title: 'Efficiency',
    description: 'Power divided by hashrate, of samples that have both. Lower is better.',
    size: [8, 8],
    unit: 'suffix:J/TH',
    min: null,
    noValue: 'This miner does not report its power.',
    targets: past({
      of: 'miner',
      where: OF_THE_MINER,
      fields: {
        Efficiency: `${aggregate('mean', 'power_w')} / ${aggregate('mean', 'hashrate_ths')}`,
      },
      hours: { Efficiency: aggregate('mean', 'efficiency_j_th') },
    }),
  }),
];
