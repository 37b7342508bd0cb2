import { Celsius, TeraHashesPerSecond, Watt } from '@grafana/grafana-foundation-sdk/units';
import { TO_FLEET_OF_SITE } from '../../parts/links.ts';
import { colour, lines, REFERENCE_LINE } from '../../parts/panels.ts';
import { table } from '../../parts/tables.ts';
import { rows } from '../../parts/targets.ts';
import {
  anyIsWorthALook,
  chipTemperature,
  COLOURS,
  noneIsGood,
  percentOfExpected,
  plain,
} from '../../parts/thresholds.ts';
import { CHOSEN_SITES } from '../../parts/variables.ts';
import { HASHRATE_AND_EXPECTED } from './queries.ts';

export const sites = [
  table({
    id: 31,
    title: 'Sites',
    description:
      'Each site now, worst share of expected first. "Last contact": when an agent of the site last spoke to the server.',
    size: [24, 6],
    columns: {
      scope: { hidden: true },
      Site: { link: TO_FLEET_OF_SITE, width: 160 },
      Hashrate: { unit: TeraHashesPerSecond, decimals: 2 },
      Expected: { unit: TeraHashesPerSecond, decimals: 2 },
      'Of expected': { unit: 'percent', decimals: 1, thresholds: percentOfExpected() },
      Offline: { thresholds: noneIsGood() },
      Unknown: { thresholds: anyIsWorthALook() },
      Power: { unit: Watt, decimals: 2 },
      'J/TH': { decimals: 1 },
      'Hottest chip': { unit: Celsius, decimals: 0, thresholds: chipTemperature() },
      'Last contact': { unit: 'dateTimeFromNow', width: 140, thresholds: plain() },
    },
    targets: [
      rows(
        `SELECT s.scope AS scope, s.name AS "Site",
           count(m.id) AS "Miners",
           count(m.id) FILTER (WHERE m.state IN ('hashing', 'degraded')) AS "Hashing",
           count(m.id) FILTER (WHERE m.state = 'offline') AS "Offline",
           count(m.id) FILTER (WHERE m.state = 'unknown') AS "Unknown",
           sum(m.hashrate_ths) FILTER (WHERE m.state <> 'unknown') AS "Hashrate",
           sum(m.expected_ths) FILTER (WHERE m.state <> 'unknown') AS "Expected",
           100 * coalesce(sum(m.hashrate_ths) FILTER (WHERE m.state <> 'unknown' AND m.expected_ths > 0), 0)
             / nullif(sum(m.expected_ths) FILTER (WHERE m.state <> 'unknown'), 0) AS "Of expected",
           sum(m.power_w) FILTER (WHERE m.state <> 'unknown') AS "Power",
           sum(m.power_w) FILTER (WHERE m.state <> 'unknown' AND m.hashrate_ths > 0)
             / nullif(sum(m.hashrate_ths) FILTER (WHERE m.state <> 'unknown' AND m.power_w IS NOT NULL), 0) AS "J/TH",
           max(m.temp_chip_c) FILTER (WHERE m.state <> 'unknown') AS "Hottest chip",
           (SELECT max(a.last_seen_at) FROM grafana.agents a WHERE a.scope = s.scope) AS "Last contact"
         FROM grafana.sites s LEFT JOIN grafana.miners m ON m.scope = s.scope AND m.is_active
         WHERE s.${CHOSEN_SITES}
         GROUP BY s.scope, s.name
         ORDER BY "Of expected" NULLS LAST, s.name`,
      ),
    ],
  }),
  lines({
    id: 32,
    title: '$site',
    description:
      'Hashrate of one site against its expected hashrate, as in the panel of the fleet.',
    size: [24, 6],
    unit: TeraHashesPerSecond,
    repeat: 'site',
    overrides: {
      Hashrate: [colour(COLOURS.good)],
      Expected: [colour(COLOURS.expected), ...REFERENCE_LINE],
    },
    targets: HASHRATE_AND_EXPECTED,
  }),
];
