import { Celsius, Watt } from '@grafana/grafana-foundation-sdk/units';
import { colour, lines, REFERENCE_LINE } from '../../parts/panels.ts';
import type { Field } from '../../parts/samples.ts';
import { COLOURS } from '../../parts/thresholds.ts';
import { boardLines, line } from './queries.ts';

export const heat = [
  lines({
    id: 21,
    title: 'Temperature',
    description:
      'The hottest chip, the hottest board sensor and the air at the inlet, where reported.',
    size: [8, 9],
    unit: Celsius,
    min: null,
    overrides: {
      'Hottest chip': [colour(COLOURS.bad)],
      'Hottest board': [colour(COLOURS.warning)],
      Inlet: [colour(COLOURS.neutral)],
    },
    targets: [
      line('Hottest chip', 'temp_chip_c'),
      line('Hottest board', 'temp_board_c'),
      line('Inlet', 'temp_env_c'),
    ],
  }),
  lines({
    id: 22,
    title: 'Chip temperature by board',
    description: 'The hottest chip of each hashboard; written every 5 minutes.',
    size: [8, 9],
    unit: Celsius,
    min: null,
    interval: '5m',
    targets: [boardLines('temp_chip_c')],
  }),
  lines({
    id: 23,
    title: 'Board temperature by board',
    description: 'The hottest sensor on the board itself; written every 5 minutes.',
    size: [8, 9],
    unit: Celsius,
    min: null,
    interval: '5m',
    targets: [boardLines('temp_board_c')],
  }),
  lines({
    id: 24,
    title: 'Fans',
    description:
      'Each fan by its slot. A fan at 0 stands still; a fan that is not reported has no line.',
    size: [12, 8],
    unit: 'rotrpm',
    targets: [1, 2, 3, 4, 5, 6, 7, 8].map((slot) => line(`Fan ${slot}`, `fan${slot}_rpm` as Field)),
  }),
  lines({
    id: 25,
    title: 'Power',
    description: 'Power as the miner reports it, and the limit it keeps to where it has one.',
    size: [12, 8],
    unit: Watt,
    overrides: {
      Power: [colour(COLOURS.neutral)],
      Limit: [colour(COLOURS.expected), ...REFERENCE_LINE],
    },
    noValue: 'This miner does not report its power.',
    targets: [line('Power', 'power_w'), line('Limit', 'power_limit_w')],
  }),
];
