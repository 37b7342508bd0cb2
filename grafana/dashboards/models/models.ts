import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from '../../parts/dashboard.ts';
import { aggregate, tagIsOneOf } from '../../parts/influxql.ts';
import { TO_MODEL, UIDS } from '../../parts/links.ts';
import { lines } from '../../parts/panels.ts';
import { table } from '../../parts/tables.ts';
import { rows, series, type Target } from '../../parts/targets.ts';
import { anyIsWorthALook } from '../../parts/thresholds.ts';
import {
  algorithmVariable,
  CHOSEN_MODELS,
  CHOSEN_SITES,
  modelVariable,
  siteVariable,
} from '../../parts/variables.ts';
import { ALGORITHM, BY_ALGORITHM_TABLE, GROUP_COLUMNS, GROUP_TABLE } from '../common/groups.ts';
import { minerColumns } from '../common/miners.ts';

const KEPT = 'Minutes of models are kept for 30 days.';
const NOTHING = 'No minute of these models in this range; they are kept for 30 days.';

/** A line for each model, over all chosen sites. */
function perModel(expression: string, where: readonly string[] = []): Target {
  return series(
    {
      fields: { value: expression },
      from: 'model_agg',
      where: [tagIsOneOf('site', 'site'), tagIsOneOf('model', 'model'), ...where],
      per: 'interval',
      tags: ['model'],
      fill: 'null',
    },
    '$tag_model',
  );
}
const ratio = (over: Parameters<typeof aggregate>[1], under: Parameters<typeof aggregate>[1]) =>
  `${aggregate('sum', over)} / ${aggregate('sum', under)}`;

const MINERS = `FROM grafana.miners m JOIN grafana.miner_models t ON t.miner_id = m.id
  LEFT JOIN grafana.hardware h ON h.miner_id = m.id
  WHERE ${CHOSEN_SITES} AND ${CHOSEN_MODELS} AND m.is_active`;

const now = [
  table({
    id: 1,
    title: 'Models',
    description:
      'Each make and model now, most miners first. "Missing board": miners with a board less than most of their kind, or one at 0 TH/s.',
    size: [24, 9],
    noValue: 'No miner is known yet.',
    columns: {
      tag: { hidden: true },
      Model: { width: 190, link: TO_MODEL },
      ...BY_ALGORITHM_TABLE,
      'Missing board': { minWidth: 115, thresholds: anyIsWorthALook() },
    },
    targets: [
      rows(
        `SELECT t.model_tag AS tag, min(coalesce(nullif(concat_ws(' ', manufacturer, model), ''), 'unknown')) AS "Model", ${ALGORITHM} AS "Algorithm", ${GROUP_COLUMNS},
           count(*) FILTER (WHERE h.boards_missing > 0) AS "Missing board"
         ${MINERS} GROUP BY t.model_tag, "Algorithm" ORDER BY count(*) DESC, 2`,
      ),
    ],
  }),
  table({
    id: 2,
    title: 'Firmware',
    description:
      'Each firmware and version on each model now: which does better, and which is left over.',
    size: [24, 9],
    noValue: 'No miner reports its firmware.',
    columns: {
      Model: { width: 190 },
      Firmware: { filter: true, minWidth: 105 },
      Version: { filter: true },
      ...GROUP_TABLE,
    },
    targets: [
      rows(
        `SELECT min(coalesce(nullif(concat_ws(' ', manufacturer, model), ''), 'unknown')) AS "Model", firmware AS "Firmware", firmware_version AS "Version", ${GROUP_COLUMNS}
         ${MINERS} GROUP BY t.model_tag, ${ALGORITHM}, firmware, firmware_version ORDER BY 1, count(*) DESC LIMIT 500`,
      ),
    ],
  }),
];

const overTime = [
  lines({
    id: 11,
    title: 'Share of expected',
    description: `Hashrate divided by what is expected of the miners that report both, by model. ${KEPT}`,
    size: [12, 9],
    unit: 'percent',
    noValue: NOTHING,
    targets: [perModel(`100 * ${ratio('rated_ths', 'expected_ths')}`)],
  }),
  lines({
    id: 12,
    title: 'Efficiency',
    description: `Power divided by hashrate of the miners that report both, by model of the chosen algorithm: J/TH of two cannot be compared. Lower is better. ${KEPT}`,
    size: [12, 9],
    unit: 'suffix:J/TH',
    min: null,
    noValue: NOTHING,
    targets: [perModel(ratio('metered_w', 'metered_ths'), [tagIsOneOf('algo', 'algo')])],
  }),
  lines({
    id: 13,
    title: 'Hottest chip',
    description: `The hottest chip of any miner of the model. ${KEPT}`,
    size: [12, 9],
    unit: 'celsius',
    min: null,
    noValue: NOTHING,
    targets: [perModel(aggregate('max', 'temp_chip_max_c'))],
  }),
  lines({
    id: 14,
    title: 'Hardware errors for each miner',
    description: `Wrong nonces in a minute, divided by the miners of the model that have samples. ${KEPT}`,
    size: [12, 9],
    unit: 'suffix:/min',
    interval: '5m',
    noValue: NOTHING,
    targets: [perModel(ratio('hw_errors', 'miners_seen'))],
  }),
];

const list = [
  table({
    id: 21,
    title: 'Miners of these models',
    description: 'Lowest share of expected first; 500 at most.',
    size: [24, 12],
    noValue: 'No miner here.',
    columns: {
      ...minerColumns(
        'id',
        'scope',
        'Miner',
        'Site',
        'State',
        'Model',
        'Hashrate',
        'Of expected',
        'Hottest chip',
        'Power',
        'J/TH',
      ),
      Firmware: { filter: true, minWidth: 105 },
    },
    targets: [
      rows(
        `SELECT m.id::text AS id, scope, name AS "Miner", site AS "Site", state AS "State", concat_ws(' ', manufacturer, model) AS "Model",
           concat_ws(' ', firmware, firmware_version) AS "Firmware", hashrate_ths AS "Hashrate", percent_of_expected AS "Of expected",
           temp_chip_c AS "Hottest chip", power_w AS "Power", efficiency_j_th AS "J/TH"
         FROM grafana.miners m JOIN grafana.miner_models t ON t.miner_id = m.id
         WHERE ${CHOSEN_SITES} AND ${CHOSEN_MODELS} AND is_active ORDER BY percent_of_expected NULLS LAST, name LIMIT 500`,
      ),
    ],
  }),
];

/** Models and firmware against one another. */
export function models(): DashboardBuilder {
  return dashboard({
    title: 'Models and firmware',
    uid: UIDS.models,
    description:
      'What each model and firmware does against what it should: hashrate, efficiency, heat, faults.',
    from: 'now-24h',
    adminPath: '/miners',
    variables: [siteVariable(), modelVariable(), algorithmVariable()],
    sections: [
      { id: 101, title: 'Now', panels: now },
      { id: 102, title: 'Over time', panels: overTime },
      { id: 103, title: 'Which miners', panels: list },
    ],
  });
}
