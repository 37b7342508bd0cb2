import {
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
  TimePickerBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { Celsius, TeraHashesPerSecond, Watt } from '@grafana/grafana-foundation-sdk/units';
import { aggregate, change, over, perMinute, tagIsOneOf, type Select } from '../parts/influxql.ts';
import { TAG, toOtherDashboards, UIDS } from '../parts/links.ts';
import { colour, lines, REFERENCE_LINE, stat, timeline } from '../parts/panels.ts';
import type { Field, Measurement } from '../parts/samples.ts';
import { STATES } from '../parts/states.ts';
import { table } from '../parts/tables.ts';
import { rows, series, type Target } from '../parts/targets.ts';
import {
  anyIsWorthALook,
  chipTemperature,
  COLOURS,
  percentOfExpected,
} from '../parts/thresholds.ts';
import { CHOSEN_MINER, minerVariable, seriesVariables, siteVariable } from '../parts/variables.ts';

/** All series keys of the miner: its history before and after its MAC became known is one line. */
const OF_THE_MINER = [tagIsOneOf('site', 'scopes', 'raw'), tagIsOneOf('miner', 'keys', 'raw')];

function overTime(
  fields: Select['fields'],
  from: Measurement = 'miner',
  tags: Select['tags'] = [],
): Select {
  return { fields, from, where: OF_THE_MINER, perInterval: true, tags, fill: 'null' };
}

/**
 * A query for each line: a miner that does not report a field has no line for it, where one query for
 * several would give an empty line and its name in the legend.
 */
function line(name: string, field: Field): Target {
  return series(overTime({ [name]: aggregate('mean', field) }));
}

function boardLines(field: Field): Target {
  return series(
    overTime({ value: aggregate('mean', field) }, 'board', ['board']),
    'Board $tag_board',
  );
}

/** No `fill(null)`: it would turn a pause between two samples of a counter into a rate of nothing. */
function growth(name: string, field: Field): Target {
  return series({ ...overTime({ [name]: perMinute(field) }), fill: 'none' });
}

const MINER = `FROM grafana.miners WHERE id ${CHOSEN_MINER}`;

const now = [
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
    id: 2,
    title: 'Hashrate',
    description: 'Of the newest sample, beside what the miner says it should do.',
    size: [6, 4],
    unit: TeraHashesPerSecond,
    decimals: 1,
    overrides: { Now: [], Expected: [] },
    targets: [rows(`SELECT hashrate_ths AS "Now", expected_ths AS "Expected" ${MINER}`)],
  }),
  stat({
    id: 3,
    title: 'Of expected',
    description: 'Hashrate as a share of the expected one. Green from 90 %, red below 75 %.',
    size: [3, 4],
    unit: 'percent',
    decimals: 0,
    thresholds: percentOfExpected(),
    targets: [rows(`SELECT percent_of_expected AS "Of expected" ${MINER}`)],
  }),
  stat({
    id: 4,
    title: 'Hottest chip',
    description: 'Hottest chip; hottest sensor of any kind where the miner has none on its chips.',
    size: [3, 4],
    unit: Celsius,
    decimals: 0,
    thresholds: chipTemperature(),
    targets: [rows(`SELECT coalesce(temp_chip_c, temp_c) AS "Hottest" ${MINER}`)],
  }),
  stat({
    id: 5,
    title: 'Power and efficiency',
    description: 'As the miner reports it: measured at its PSU, or estimated by its firmware.',
    size: [5, 4],
    decimals: 1,
    overrides: {
      Power: [
        { id: 'unit', value: Watt },
        { id: 'decimals', value: 0 },
      ],
      'J/TH': [],
    },
    targets: [rows(`SELECT power_w AS "Power", efficiency_j_th AS "J/TH" ${MINER}`)],
  }),
  stat({
    id: 6,
    title: 'Restarts',
    description:
      'How often the uptime fell in the time range. Two restarts between two samples count once.',
    size: [3, 4],
    decimals: 0,
    thresholds: anyIsWorthALook(),
    noValue: '0',
    targets: [
      series({
        fields: { Restarts: over('count', 'step') },
        from: { fields: { step: change('uptime_s') }, from: 'miner', where: OF_THE_MINER },
        where: ['"step" < 0'],
      }),
    ],
  }),
];

const hashing = [
  lines({
    id: 11,
    title: 'Hashrate against expected',
    description:
      'Hashrate over the shortest window the miner offers, its own long average, and what it says it should do.',
    size: [16, 9],
    unit: TeraHashesPerSecond,
    overrides: {
      Hashrate: [colour(COLOURS.good)],
      Average: [colour(COLOURS.neutral)],
      Expected: [colour(COLOURS.expected), ...REFERENCE_LINE],
    },
    targets: [
      line('Hashrate', 'hashrate_ths'),
      line('Average', 'hashrate_avg_ths'),
      line('Expected', 'expected_ths'),
    ],
  }),
  lines({
    id: 12,
    title: 'Hashrate by board',
    description: 'Each hashboard by its slot; written every 5 minutes.',
    size: [8, 9],
    unit: TeraHashesPerSecond,
    interval: '5m',
    targets: [boardLines('hashrate_ths')],
  }),
  timeline({
    id: 13,
    title: 'Answering and mining',
    description:
      'Green: answered, and says that it mines. Red: the agent asked and got no answer. Nothing: no sample, ' +
      'so the agent itself was silent.',
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

const heat = [
  lines({
    id: 21,
    title: 'Temperature',
    description:
      'The hottest chip, the hottest board sensor and the air at the inlet, where reported.',
    size: [8, 9],
    unit: Celsius,
    min: null,
    decimals: 0,
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
    decimals: 0,
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
    decimals: 0,
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
    decimals: 0,
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
    targets: [line('Power', 'power_w'), line('Limit', 'power_limit_w')],
  }),
];

const shares = [
  lines({
    id: 31,
    title: 'Shares',
    description: 'Growth of the share counters; a counter that starts anew counts from 0.',
    size: [12, 8],
    unit: 'cpm',
    overrides: {
      Accepted: [colour(COLOURS.good)],
      Rejected: [colour(COLOURS.bad)],
      Stale: [colour(COLOURS.warning)],
    },
    targets: [
      growth('Accepted', 'accepted'),
      growth('Rejected', 'rejected'),
      growth('Stale', 'stale'),
    ],
  }),
  lines({
    id: 32,
    title: 'Hardware errors',
    description: 'Growth of the counter of wrong nonces, of the whole miner.',
    size: [6, 8],
    unit: 'cpm',
    overrides: { 'Hardware errors': [colour(COLOURS.warning)] },
    targets: [growth('Hardware errors', 'hw_errors')],
  }),
  lines({
    id: 33,
    title: 'Uptime',
    description:
      'As the miner reports it; each fall is a restart of the miner or of its mining program.',
    size: [6, 8],
    unit: 's',
    targets: [series(overTime({ Uptime: aggregate('last', 'uptime_s') }))],
  }),
];

const identity = [
  table({
    id: 41,
    title: 'Identity',
    description: 'What is known of this miner. Its history is stored under the series keys.',
    size: [8, 12],
    columns: {},
    targets: [
      rows(
        `SELECT property AS "Property", value AS "Value"
         FROM grafana.miners m
         CROSS JOIN LATERAL (VALUES
           ('Name', m.name), ('Site', m.site), ('Container', m.container), ('Address', m.ip_address || ':' || m.port),
           ('MAC', m.mac), ('Serial', m.serial), ('Hostname', m.hostname), ('Maker', m.manufacturer), ('Model', m.model),
           ('Model, as reported', m.model_raw), ('Firmware', m.firmware), ('Firmware version', m.firmware_version),
           ('Control board', m.control_board), ('Algorithm', m.algorithm), ('Agent', m.agent),
           ('Why offline', CASE WHEN m.state = 'offline' THEN m.reason END),
           ('Series keys', replace(m.keys, '|', ', '))
         ) AS known(property, value)
         WHERE m.id ${CHOSEN_MINER} AND value IS NOT NULL`,
      ),
    ],
  }),
  table({
    id: 42,
    title: 'Hashboards now',
    description: 'As last reported. Fewer good chips than expected, or a missing slot, is a fault.',
    size: [16, 6],
    noValue: 'This miner reports no hashboards.',
    columns: {
      Hashrate: { unit: TeraHashesPerSecond, decimals: 1 },
      Chip: { unit: Celsius, decimals: 0, thresholds: chipTemperature() },
      Board: { unit: Celsius, decimals: 0 },
      Frequency: { unit: 'suffix: MHz', decimals: 0 },
      Voltage: { unit: 'volt', decimals: 2 },
      Power: { unit: Watt, decimals: 0 },
    },
    targets: [
      rows(
        `SELECT slot AS "Slot", hash_rate AS "Hashrate", temp_chip AS "Chip", temp_board AS "Board",
           chips AS "Chips", chips_good AS "Good", chips_expected AS "Expected chips", frequency_mhz AS "Frequency",
           voltage_v AS "Voltage", power_w AS "Power", hw_errors AS "Errors", serial AS "Serial"
         FROM grafana.boards WHERE miner_id ${CHOSEN_MINER} ORDER BY slot`,
      ),
    ],
  }),
  table({
    id: 43,
    title: 'Pools now',
    description: 'As configured in the miner, and what it last said of each.',
    size: [16, 6],
    noValue: 'This miner reports no pools.',
    columns: {},
    targets: [
      rows(
        `SELECT priority AS "Priority", url AS "Pool", "user" AS "Worker", alive AS "Alive", active AS "Active",
           accepted AS "Accepted", rejected AS "Rejected", stale AS "Stale"
         FROM grafana.pools WHERE miner_id ${CHOSEN_MINER} ORDER BY priority NULLS LAST`,
      ),
    ],
  }),
];

/** Everything of one miner: what it does, how hot, how loud, and what it is. */
export function miner(): DashboardBuilder {
  const dashboard = new DashboardBuilder('Miner')
    .uid(UIDS.miner)
    .description(
      'Everything of one miner: what it does against what it should, its boards, heat, fans, power, shares and identity.',
    )
    .tags([TAG])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-24h', to: 'now' })
    .timepicker(new TimePickerBuilder().nowDelay('1m'))
    .refresh('1m')
    .link(toOtherDashboards());
  for (const variable of [siteVariable(), minerVariable(), ...seriesVariables()]) {
    dashboard.withVariable(variable);
  }
  const sections = [
    { id: 101, title: 'Now', panels: now },
    { id: 102, title: 'Hashing', panels: hashing },
    { id: 103, title: 'Heat, fans and power', panels: heat },
    { id: 104, title: 'Shares and restarts', panels: shares },
    { id: 105, title: 'What it is', panels: identity },
  ];
  for (const section of sections) {
    dashboard.withRow(new RowBuilder(section.title).id(section.id));
    for (const panel of section.panels) dashboard.withPanel(panel);
  }
  return dashboard;
}
