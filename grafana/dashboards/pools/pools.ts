import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from '../../parts/dashboard.ts';
import { past, pastSums } from '../../parts/history.ts';
import { aggregate, tagIsOneOf } from '../../parts/influxql.ts';
import { UIDS } from '../../parts/links.ts';
import { colour, lines, stat } from '../../parts/panels.ts';
import { table, type Column } from '../../parts/tables.ts';
import { rows } from '../../parts/targets.ts';
import { anyIsWorthALook, COLOURS, noneIsGood, rejectedShare } from '../../parts/thresholds.ts';
import { algorithmVariable, CHOSEN_SITES, siteVariable } from '../../parts/variables.ts';
import { minerColumns } from '../common/miners.ts';

const OF_SITE = [tagIsOneOf('site', 'site'), tagIsOneOf('algo', 'algo')];
/** Pools of the miners that answer; what the firmware's maker mines for itself does not count. */
const POOLS = `FROM grafana.pools p JOIN grafana.miners m ON m.id = p.miner_id
  WHERE ${CHOSEN_SITES} AND is_active AND state NOT IN ('unknown', 'offline') AND p.is_dev_fee IS NOT TRUE`;

const SHARES = `sum(p.accepted) AS "Accepted", sum(p.rejected) AS "Rejected", sum(p.stale) AS "Stale",
  100 * sum(p.rejected) / nullif(sum(p.accepted) + sum(p.rejected), 0) AS "Rejected %",
  100 * sum(p.stale) / nullif(sum(p.accepted) + sum(p.rejected), 0) AS "Stale %"`;
const REJECTED_COLUMNS: Record<string, Column> = {
  Accepted: { unit: 'short', decimals: 1 },
  Rejected: { unit: 'short', decimals: 1 },
  'Rejected %': { unit: 'percent', decimals: 2, thresholds: rejectedShare() },
};
const SHARE_COLUMNS: Record<string, Column> = {
  ...REJECTED_COLUMNS,
  Stale: { unit: 'short', decimals: 1 },
  'Stale %': { unit: 'percent', decimals: 2, thresholds: rejectedShare() },
};

const now = [
  stat({
    id: 1,
    title: 'Miners by pool',
    description:
      'Dead pool: the pool in use does not answer, as the miner says. Outside the list: the pool in use is not in the inventory of pools. The ' +
      'list is the pools whose name is a host, such as "example.com", which allows every host below it; without any, nothing is outside.',
    size: [24, 4],
    decimals: 0,
    overrides: {
      'With pools': [],
      'Pool in use dead': [{ id: 'thresholds', value: noneIsGood().build() }],
      'Some pool dead': [{ id: 'thresholds', value: anyIsWorthALook().build() }],
      'Outside the list': [{ id: 'thresholds', value: noneIsGood().build() }],
      'Pools not reported': [],
    },
    targets: [
      rows(
        `SELECT count(DISTINCT p.miner_id) AS "With pools",
           count(DISTINCT p.miner_id) FILTER (WHERE p.active AND p.alive IS FALSE) AS "Pool in use dead",
           count(DISTINCT p.miner_id) FILTER (WHERE p.alive IS FALSE) AS "Some pool dead",
           count(DISTINCT p.miner_id) FILTER (WHERE p.active AND p.allowed IS FALSE) AS "Outside the list",
           (SELECT count(*) FROM grafana.miners n WHERE n.${CHOSEN_SITES} AND n.is_active AND n.state NOT IN ('unknown', 'offline')
             AND NOT EXISTS (SELECT FROM grafana.pools q WHERE q.miner_id = n.id)) AS "Pools not reported"
         ${POOLS}`,
      ),
    ],
  }),
];

const overTime = [
  lines({
    id: 11,
    title: 'Rejected and stale',
    description:
      'Share of the shares that the pools did not pay, of all miners of the chosen sites and algorithm. Samples do not know pools: by pool see below.',
    size: [12, 8],
    unit: 'percent',
    interval: '5m',
    overrides: { Rejected: [colour(COLOURS.bad)], Stale: [colour(COLOURS.warning)] },
    targets: [
      ...past({
        of: 'site',
        where: OF_SITE,
        fields: {
          Rejected: `100 * ${aggregate('sum', 'rejected')} / (${aggregate('sum', 'accepted')} + ${aggregate('sum', 'rejected')})`,
        },
      }),
      ...past({
        of: 'site',
        where: OF_SITE,
        fields: {
          Stale: `100 * ${aggregate('sum', 'stale')} / (${aggregate('sum', 'accepted')} + ${aggregate('sum', 'rejected')})`,
        },
      }),
    ],
  }),
  lines({
    id: 12,
    title: 'Shares',
    description:
      'Accepted shares of all miners of the chosen sites, all algorithms; their number follows the difficulty the pools set.',
    size: [12, 8],
    unit: 'suffix:/min',
    overrides: { Accepted: [colour(COLOURS.good)] },
    targets: pastSums({
      of: 'site',
      where: [tagIsOneOf('site', 'site')],
      by: ['site', 'algo'],
      fields: { Accepted: aggregate('mean', 'accepted') },
      hours: { Accepted: `${aggregate('mean', 'accepted')} / 60` },
    }),
  }),
];

const tables = [
  table({
    id: 21,
    title: 'By pool',
    description:
      'Each host the miners have configured, with the shares since each miner started. "In use": miners that mine there now.',
    size: [24, 9],
    noValue: 'No miner reports its pools.',
    columns: { Pool: { width: 280 }, ...SHARE_COLUMNS, Dead: { thresholds: noneIsGood() } },
    targets: [
      rows(
        `SELECT p.host AS "Pool", CASE WHEN bool_and(p.allowed) THEN 'yes' WHEN bool_or(NOT p.allowed) THEN 'no' ELSE 'no list' END AS "Allowed",
           count(DISTINCT p.miner_id) AS "Miners", count(DISTINCT p.miner_id) FILTER (WHERE p.active) AS "In use",
           count(DISTINCT p.miner_id) FILTER (WHERE p.alive IS FALSE) AS "Dead", ${SHARES}
         ${POOLS} AND p.host IS NOT NULL GROUP BY p.host ORDER BY "In use" DESC, p.host LIMIT 200`,
      ),
    ],
  }),
  table({
    id: 22,
    title: 'By account',
    description:
      'Worker names up to the first dot, by pool, with the shares since each miner started.',
    size: [24, 8],
    noValue: 'No miner reports its workers.',
    columns: { Account: { minWidth: 200 }, Pool: { width: 280 }, ...SHARE_COLUMNS },
    targets: [
      rows(
        `SELECT p.account AS "Account", p.host AS "Pool", count(DISTINCT p.miner_id) FILTER (WHERE p.active) AS "In use", ${SHARES}
         ${POOLS} AND p.account <> '' GROUP BY p.account, p.host ORDER BY "In use" DESC, 1, 2 LIMIT 200`,
      ),
    ],
  }),
  table({
    id: 23,
    title: 'Most rejected',
    description:
      'The 20 workers with the highest share of rejected shares since their miner started; from 100 shares on.',
    size: [24, 10],
    noValue: 'No worker has 100 shares yet.',
    columns: {
      ...minerColumns('id', 'scope', 'Miner', 'Site'),
      Worker: { minWidth: 200 },
      Pool: { width: 280 },
      ...REJECTED_COLUMNS,
    },
    targets: [
      rows(
        `SELECT m.id::text AS id, scope, m.name AS "Miner", m.site AS "Site", p."user" AS "Worker", p.host AS "Pool", p.accepted AS "Accepted", p.rejected AS "Rejected",
           100 * p.rejected / nullif(p.accepted + p.rejected, 0) AS "Rejected %"
         ${POOLS} AND p.accepted + p.rejected >= 100
         ORDER BY "Rejected %" DESC, m.name LIMIT 20`,
      ),
    ],
  }),
  table({
    id: 24,
    title: 'Outside the list, or dead',
    description:
      'Miners whose pool in use is not in the inventory of pools, and pools that do not answer, as the miner says; 500 at most.',
    size: [24, 9],
    noValue: 'All pools answer and are in the list, or there is no list.',
    columns: {
      ...minerColumns('id', 'scope', 'Miner', 'Site', 'Container'),
      Pool: { width: 280 },
      What: { filter: true },
    },
    targets: [
      rows(
        `SELECT m.id::text AS id, scope, m.name AS "Miner", m.site AS "Site", m.container AS "Container",
           CASE WHEN p.active AND p.allowed IS FALSE THEN 'outside the list' WHEN p.active THEN 'dead, in use' ELSE 'dead' END AS "What",
           p.url AS "Pool", p."user" AS "Worker"
         ${POOLS} AND (p.active AND p.allowed IS FALSE OR p.alive IS FALSE)
         ORDER BY "What" DESC, m.name LIMIT 500`,
      ),
    ],
  }),
];

/** Where the miners mine, and what of their work is not paid. */
export function pools(): DashboardBuilder {
  return dashboard({
    title: 'Pools and shares',
    uid: UIDS.pools,
    description:
      'Where the miners mine, which shares the pools did not take, dead pools, and pools that are not in the list.',
    from: 'now-24h',
    adminPath: '/miners',
    variables: [siteVariable(), algorithmVariable()],
    sections: [
      { id: 101, title: 'Now', panels: now },
      { id: 102, title: 'Over time', panels: overTime },
      { id: 103, title: 'Which pools and miners', panels: tables },
    ],
  });
}
