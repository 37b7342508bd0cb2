import { pastSums } from '../../parts/history.ts';
import { aggregate, growth } from '../../parts/influxql.ts';
import { colour, lines, stat } from '../../parts/panels.ts';
import { rows, series, sqlSeries } from '../../parts/targets.ts';
import { anyIsWorthALook, COLOURS, plain } from '../../parts/thresholds.ts';
import { CHOSEN_SITES } from '../../parts/variables.ts';
import { NOTHING_NOTED, OF_SITES, sumOfAgents } from './of-agents.ts';

export const ingest = [
  lines({
    id: 21,
    title: 'Miners with samples, of those known',
    description:
      'Each minute: miners that have a sample in it, by the time of the sample, so a backlog fills what was missing; and the miners ' +
      'known then. Sites that are polled less often have fewer. Over more than 7 days: of each hour.',
    size: [12, 8],
    unit: 'none',
    overrides: { Known: [colour(COLOURS.expected)], 'With samples': [colour(COLOURS.good)] },
    targets: pastSums({
      of: 'site',
      where: OF_SITES,
      by: ['site', 'algo'],
      fields: {
        Known: aggregate('mean', 'miners_known'),
        'With samples': aggregate('mean', 'miners_seen'),
      },
    }),
  }),
  lines({
    id: 22,
    title: 'Samples stored',
    description:
      'By the moment they were stored, so a backlog shows as a peak. Batches of the last 30 days; agents of the old kind name none and ' +
      'are not here.',
    size: [12, 8],
    unit: 'suffix:/s',
    noValue: 'No batch was stored in this range; receipts are kept for 30 days.',
    targets: [
      sqlSeries(
        `SELECT to_timestamp(floor(extract(epoch FROM at) * 1000 / $__interval_ms) * $__interval_ms / 1000) AS time,
           sum(samples) * 1000.0 / $__interval_ms AS "Stored"
         FROM grafana.receipts
         WHERE at BETWEEN $__timeFrom()::timestamptz AND $__timeTo()::timestamptz
           AND agent_id IN (SELECT id FROM grafana.agents WHERE ${CHOSEN_SITES})
         GROUP BY 1 ORDER BY 1`,
      ),
    ],
  }),
  lines({
    id: 23,
    title: 'Set aside and refused',
    description:
      'Items that went into quarantine, and syncs the server did not take, by the moment. Of the last 30 days.',
    size: [12, 8],
    unit: 'none',
    noValue: NOTHING_NOTED,
    overrides: { Quarantined: [colour(COLOURS.warning)], Refused: [colour(COLOURS.bad)] },
    targets: [sumOfAgents({ Quarantined: growth('quarantined'), Refused: growth('refused') })],
  }),
  lines({
    id: 24,
    title: 'Waiting for InfluxDB',
    description:
      'Syncs of agents of the old kind that the server keeps until InfluxDB takes them. Above 0 for long: InfluxDB is away or refuses. ' +
      'Of the last 30 days.',
    size: [12, 8],
    unit: 'none',
    noValue: NOTHING_NOTED,
    overrides: { Pending: [colour(COLOURS.warning)] },
    targets: [sumOfAgents({ Pending: aggregate('max', 'pending') })],
  }),
];

export const databases = [
  stat({
    id: 31,
    title: 'Postgres',
    description:
      'Size on disk, connections of those that are allowed, and the share of blocks found in memory. "–": Postgres does not answer.',
    size: [12, 4],
    overrides: {
      Size: [
        { id: 'unit', value: 'bytes' },
        { id: 'decimals', value: 1 },
      ],
      Connections: [],
      Allowed: [],
      'From memory': [
        { id: 'unit', value: 'percent' },
        { id: 'decimals', value: 1 },
      ],
    },
    targets: [
      rows(
        `SELECT bytes AS "Size", connections AS "Connections", max_connections AS "Allowed", cache_hit_percent AS "From memory"
         FROM grafana.database`,
      ),
    ],
  }),
  stat({
    id: 32,
    title: 'InfluxDB: points of agents in 10 minutes',
    description:
      'The server writes a point for each active agent every minute. Fewer than nine for each: the server or InfluxDB was away.',
    size: [6, 4],
    newest: '10m',
    noValue: 'none: server or InfluxDB away',
    decimals: 0,
    thresholds: plain(),
    targets: [
      series({
        fields: { Points: aggregate('count', 'silence_s') },
        from: 'agent',
        where: OF_SITES,
      }),
    ],
  }),
  stat({
    id: 33,
    title: 'Waiting for InfluxDB now',
    description: 'Syncs of agents of the old kind that InfluxDB has not taken yet.',
    size: [6, 4],
    decimals: 0,
    thresholds: anyIsWorthALook(),
    targets: [rows(`SELECT pending AS "Waiting" FROM grafana.database`)],
  }),
];
