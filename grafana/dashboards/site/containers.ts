import { Watt } from '@grafana/grafana-foundation-sdk/units';
import { UIDS } from '../../parts/links.ts';
import { table } from '../../parts/tables.ts';
import { rows } from '../../parts/targets.ts';
import { CHOSEN_SITES } from '../../parts/variables.ts';
import { ALGORITHM, BY_ALGORITHM_TABLE, GROUP_COLUMNS } from '../common/groups.ts';

export const containers = table({
  id: 51,
  title: 'Containers',
  description:
    'Each container of the site now, a row for each algorithm; "–" holds the miners that stand in none. A click narrows the tables.',
  size: [24, 7],
  noValue: 'No miner here.',
  columns: {
    Container: {
      width: 140,
      link: {
        title: 'Only this container',
        url: `/d/${UIDS.site}?\${site:queryparam}&var-container=\${__data.fields.Container}&\${__url_time_range}`,
      },
    },
    ...BY_ALGORITHM_TABLE,
    Capacity: { unit: Watt, decimals: 2 },
  },
  targets: [
    rows(
      `SELECT coalesce(m.container, '–') AS "Container", ${ALGORITHM} AS "Algorithm", ${GROUP_COLUMNS},
         max(c.places) AS "Places", max(c.capacity_w) AS "Capacity"
       FROM grafana.miners m LEFT JOIN grafana.containers c ON c.name = m.container AND c.scope = m.scope
       WHERE m.${CHOSEN_SITES} AND m.is_active
       GROUP BY m.container, "Algorithm"
       ORDER BY "Of expected" NULLS LAST, 1`,
    ),
  ],
});
