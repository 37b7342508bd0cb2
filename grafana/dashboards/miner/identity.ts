import { Celsius, TeraHashesPerSecond } from '@grafana/grafana-foundation-sdk/units';
import { table } from '../../parts/tables.ts';
import { sqlAnnotation } from '../../parts/annotations.ts';
import { rows } from '../../parts/targets.ts';
import { chipTemperature, COLOURS } from '../../parts/thresholds.ts';
import { CHOSEN_MINER } from '../../parts/variables.ts';

const YES_OR_NO = {
  true: { text: 'Yes', color: COLOURS.good },
  false: { text: 'No', color: COLOURS.bad },
};

const IN_USE = {
  true: { text: 'Yes', color: COLOURS.absent },
  false: { text: 'No', color: COLOURS.absent },
};

export const identity = [
  table({
    id: 42,
    title: 'Hashboards now',
    description: 'As last reported. Fewer good chips than expected, or a missing slot, is a fault.',
    size: [24, 6],
    noValue: 'This miner reports no hashboards.',
    columns: {
      Hashrate: { unit: TeraHashesPerSecond, decimals: 1 },
      'Chip temp': { unit: Celsius, decimals: 0, thresholds: chipTemperature() },
      'Board temp': { unit: Celsius, decimals: 0 },
      Frequency: { unit: 'suffix:MHz', decimals: 0 },
      Voltage: { unit: 'volt', decimals: 2 },
      Power: { unit: 'suffix:W', decimals: 0 },
    },
    targets: [
      rows(
        `SELECT slot AS "Slot", hash_rate AS "Hashrate", temp_chip AS "Chip temp", temp_board AS "Board temp",
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
    size: [24, 6],
    noValue: 'This miner reports no pools.',
    columns: {
      Priority: { width: 80 },
      Pool: { minWidth: 330 },
      Worker: { minWidth: 200 },
      Alive: { states: YES_OR_NO },
      'In use': { states: IN_USE },
    },
    targets: [
      rows(
        `SELECT priority AS "Priority", url AS "Pool", "user" AS "Worker", alive AS "Alive", active AS "In use",
           accepted AS "Accepted", rejected AS "Rejected", stale AS "Stale"
         FROM grafana.pools WHERE miner_id ${CHOSEN_MINER} ORDER BY priority NULLS LAST`,
      ),
    ],
  }),
  table({
    id: 44,
    title: 'Errors now',
    description: 'Faults the miner itself reports, in its own words.',
    size: [12, 13],
    noValue: 'This miner reports no error.',
    columns: { Code: { width: 120 }, Severity: { width: 100 } },
    targets: [
      rows(
        `SELECT code AS "Code", severity AS "Severity", text AS "Text"
         FROM grafana.miner_errors WHERE miner_id ${CHOSEN_MINER}`,
      ),
    ],
  }),
  table({
    id: 41,
    title: 'Identity',
    description: 'What is known of this miner. Its history is stored under the series keys.',
    size: [12, 13],
    columns: { Property: { width: 150 } },
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
];

/** Marks on the charts, from what the miner's rows still tell. */
export const annotations = [
  sqlAnnotation(
    'Changes',
    'blue',
    `SELECT extract(epoch FROM at) AS time, concat_ws(': ', what, detail) AS text FROM grafana.changes
     WHERE miner_id ${CHOSEN_MINER} AND at BETWEEN $__timeFrom()::timestamptz AND $__timeTo()::timestamptz`,
  ),
  sqlAnnotation(
    'Errors',
    'red',
    `SELECT extract(epoch FROM at) AS time, concat_ws(' ', code, text) AS text FROM grafana.miner_errors
     WHERE miner_id ${CHOSEN_MINER} AND at BETWEEN $__timeFrom()::timestamptz AND $__timeTo()::timestamptz`,
  ),
];
