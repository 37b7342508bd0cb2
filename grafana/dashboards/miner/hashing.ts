import { TeraHashesPerSecond } from '@grafana/grafana-foundation-sdk/units';
import { aggregate } from '../../parts/influxql.ts';
import { colour, lines, REFERENCE_LINE, timeline } from '../../parts/panels.ts';
import { series } from '../../parts/targets.ts';
import { COLOURS } from '../../parts/thresholds.ts';
import { boardLines, growth, line, overTime } from './queries.ts';

export const hashing = [
  lines({
    id: 11,
    title: 'Hashrate against expected',
    description:
      'Hashrate over the shortest window the miner offers, its own long average (kept for 30 days), and what it says it should do. Over ' +
      'more than 7 days means of hours.',
    size: [16, 9],
    unit: TeraHashesPerSecond,
    overrides: {
      Hashrate: [colour(COLOURS.good)],
      Average: [colour(COLOURS.neutral)],
      Expected: [colour(COLOURS.expected), ...REFERENCE_LINE],
    },
    targets: [
      ...line('Hashrate', 'hashrate_ths', 'hashrate_mean_ths'),
      ...line('Average', 'hashrate_avg_ths'),
      ...line('Expected', 'expected_ths', 'expected_ths'),
    ],
  }),
  lines({
    id: 12,
    title: 'Hashrate by board',
    description: 'Each hashboard by its slot; written every 5 minutes, kept for 30 days.',
    size: [8, 9],
    unit: TeraHashesPerSecond,
    interval: '5m',
    noValue: 'No board was reported in this range; boards are kept for 30 days.',
    targets: [boardLines('hashrate_ths')],
  }),
  timeline({
    id: 13,
    title: 'Answering and mining',
    description:
      'Green: answered, and says that it mines. Red: the agent asked and got no answer. Nothing: no sample, ' +
      'so the agent itself was silent. Kept for 30 days.',
    size: [24, 4],
    states: {
      0: { text: 'No', color: COLOURS.bad },
      1: { text: 'Yes', color: COLOURS.good },
    },
    targets: [
      series(overTime({ Answers: aggregate('min', 'up') })),
      series(overTime({ Mines: aggregate('min', 'mining') })),
    ],
  }),
];

export const shares = [
  lines({
    id: 31,
    title: 'Shares',
    description: 'Growth of the share counters; a counter that starts anew counts from 0.',
    size: [12, 8],
    unit: 'suffix:/min',
    overrides: {
      Accepted: [colour(COLOURS.good)],
      Rejected: [colour(COLOURS.bad)],
      Stale: [colour(COLOURS.warning)],
    },
    targets: [
      ...growth('Accepted', 'accepted'),
      ...growth('Rejected', 'rejected'),
      ...growth('Stale', 'stale'),
    ],
  }),
  lines({
    id: 32,
    title: 'Hardware errors',
    description: 'Growth of the counter of wrong nonces, of the whole miner.',
    size: [6, 8],
    unit: 'suffix:/min',
    overrides: { 'Hardware errors': [colour(COLOURS.warning)] },
    targets: growth('Hardware errors', 'hw_errors'),
  }),
  lines({
    id: 33,
    title: 'Uptime',
    description:
      'As the miner reports it; each fall is a restart of the miner or of its mining program. Kept for 30 days.',
    size: [6, 8],
    unit: 's',
    targets: [series(overTime({ Uptime: aggregate('last', 'uptime_s') }))],
  }),
];
