import { aggregate, type Select } from '../parts/influxql.ts';
import { UIDS } from '../parts/links.ts';
import { ALERTS } from './settings.ts';

/** What a rule asks. Each row or series that comes out is an alert, its texts or tags are the labels. */
export type Question =
  /** Rows of what is wrong now: texts, and one number `value` that is not negative. */
  | { sql: string }
  /**
   * One number for each series over the last `seconds`, wrong above `above`. Samples do not know names: `names` are rows with the
   * same tags, more labels, and `value` 1; a series without a row is nobody's any more.
   */
  | { select: Select; seconds: number; above: number; names: string }
  /** Wrong when it cannot be answered at all. */
  | { alive: { sql: string } | { select: Select } };

export interface Rule {
  uid: string;
  title: string;
  /** Minutes between two looks. */
  every: 1 | 5;
  for: string;
  severity: 'critical' | 'warning';
  question: Question;
  /** Who and what, with the value and the threshold. Go template: `.Labels.x`; VALUE stands for the number. */
  summary: string;
  /** Of the value in the text; 0 unless said otherwise. */
  decimals?: 1;
  /** Where it can be seen, below Grafana's own address. */
  link: string;
  /** The panel that shows it. */
  panel: readonly [uid: string, id: number];
}

/** Labels of a miner. `site` is the tag of the samples, `site_name` what people call it. */
const MINER = 'm.id::text AS id, m.name AS miner, m.scope AS site, m.site AS site_name';
const WHO = '{{ .Labels.miner }} at {{ .Labels.site_name }}';
const ANSWERING = `m.is_active AND m.state NOT IN ('unknown', 'offline')`;
const toMiner = `d/${UIDS.miner}?var-miner={{ .Labels.id }}`;
const toSite = `d/${UIDS.site}?var-site={{ .Labels.site }}`;
const toPipeline = `d/${UIDS.pipeline}?var-site={{ .Labels.site }}`;
const { siteOutage } = ALERTS;

/** SQL: sites so much of which does not answer that each miner need not be named. Needs ${siteOutage}. */
const OUTAGES = `SELECT scope, site, count(*) FILTER (WHERE state = 'offline') AS offline, count(*) AS known
  FROM grafana.miners WHERE is_active AND state <> 'unknown' GROUP BY scope, site
  HAVING count(*) FILTER (WHERE state = 'offline') >= ${siteOutage.miners}
    AND 100 * count(*) FILTER (WHERE state = 'offline') >= ${siteOutage.percent} * count(*)`;

const SITE_NAMES = `SELECT scope AS site, name AS site_name, 1 AS value FROM grafana.sites`;
const AGENT_NAMES = `SELECT 'agent-' || id AS agent, scope AS site, name AS agent_name, site AS site_name, 1::float8 AS value
  FROM grafana.agents WHERE is_active`;

const grown = (field: 'backlog_batches' | 'quarantined'): Select => ({
  fields: { grown: `${aggregate('last', field)} - ${aggregate('first', field)}` },
  from: 'agent',
  tags: ['agent', 'site'],
});

export const RULES: readonly Rule[] = [
  {
    uid: 'hashyard-agent-silent',
    title: 'Agent silent',
    every: 1,
    for: ALERTS.agentSilent.for,
    severity: 'critical',
    question: {
      sql: `SELECT 'agent-' || id AS agent, name AS agent_name, scope AS site, site AS site_name, miners::text AS miners,
          silence_s / 60 AS value
        FROM grafana.agents WHERE is_active AND silence_s > patience_s`,
    },
    summary:
      'Agent {{ .Labels.agent_name }} at {{ .Labels.site_name }} has been silent for VALUE min, limit three polls; how its miners ({{ .Labels.miners }}) are is unknown',
    link: toPipeline,
    panel: [UIDS.pipeline, 11],
  },
  {
    uid: 'hashyard-site-low',
    title: 'Site hashrate below expected',
    every: 1,
    for: ALERTS.siteLow.for,
    severity: 'critical',
    question: {
      sql: `SELECT site, site_name, algorithm, value FROM (
          SELECT scope AS site, site AS site_name, coalesce(lower(regexp_replace(algorithm, '[^A-Za-z0-9]', '', 'g')), 'unknown') AS algorithm,
            100 * coalesce(sum(hashrate_ths), 0) / sum(expected_ths) AS value
          FROM grafana.miners WHERE is_active AND state <> 'unknown' AND expected_ths > 0 GROUP BY 1, 2, 3
        ) sites WHERE value < ${ALERTS.siteLow.belowPercent}`,
    },
    summary: `{{ .Labels.site_name }} hashes VALUE % of what is expected of it ({{ .Labels.algorithm }}), limit ${ALERTS.siteLow.belowPercent} %`,
    link: toSite,
    panel: [UIDS.site, 11],
  },
  {
    uid: 'hashyard-site-outage',
    title: 'Many miners of a site offline',
    every: 1,
    for: siteOutage.for,
    severity: 'critical',
    question: {
      sql: `SELECT scope AS site, site AS site_name, known::text AS miners, offline::float8 AS value FROM (${OUTAGES}) outages`,
    },
    summary: `VALUE of {{ .Labels.miners }} miners at {{ .Labels.site_name }} do not answer, limit ${siteOutage.miners} and ${siteOutage.percent} %`,
    link: toSite,
    panel: [UIDS.site, 12],
  },
  {
    uid: 'hashyard-miner-offline',
    title: 'Miner offline',
    every: 1,
    for: ALERTS.minerOffline.for,
    severity: 'warning',
    question: {
      sql: `SELECT ${MINER}, extract(epoch FROM now() - coalesce(m.answered_at, m.created_at))::float8 / 60 AS value
        FROM grafana.miners m
        WHERE m.is_active AND m.state = 'offline'
          AND coalesce(m.answered_at, m.created_at) < now() - interval '${ALERTS.minerOffline.minutes} minutes'
          AND m.scope NOT IN (SELECT scope FROM (${OUTAGES}) outages)`,
    },
    summary: `${WHO} has not answered for VALUE min, limit ${ALERTS.minerOffline.minutes} min`,
    link: toMiner,
    panel: [UIDS.miner, 13],
  },
  {
    uid: 'hashyard-hashrate-low',
    title: 'Hashrate low',
    every: 1,
    for: ALERTS.hashrateLow.for,
    severity: 'warning',
    question: {
      sql: `SELECT ${MINER}, m.percent_of_expected AS value
        FROM grafana.miners m JOIN grafana.hardware h ON h.miner_id = m.id
        WHERE ${ANSWERING} AND h.mining IS NOT FALSE AND m.percent_of_expected < ${ALERTS.hashrateLow.belowPercent}`,
    },
    summary: `${WHO} hashes VALUE % of what it should, limit ${ALERTS.hashrateLow.belowPercent} %`,
    link: toMiner,
    panel: [UIDS.miner, 11],
  },
  {
    uid: 'hashyard-chip-hot',
    title: 'Chip too hot',
    every: 1,
    for: ALERTS.chipHot.for,
    severity: 'critical',
    question: {
      sql: `SELECT ${MINER}, m.temp_chip_c AS value
        FROM grafana.miners m WHERE ${ANSWERING} AND m.temp_chip_c >= ${ALERTS.chipHot.celsius}`,
    },
    summary: `${WHO}: hottest chip VALUE °C, limit ${ALERTS.chipHot.celsius} °C`,
    link: toMiner,
    panel: [UIDS.miner, 21],
  },
  {
    uid: 'hashyard-fan',
    title: 'Fan stopped or impossible',
    every: 1,
    for: ALERTS.fan.for,
    severity: 'critical',
    question: {
      sql: `SELECT ${MINER}, h.fans AS fans, CASE WHEN h.fans_stopped > 0 THEN 0::float8 ELSE h.fan_max_rpm END AS value
        FROM grafana.miners m JOIN grafana.hardware h ON h.miner_id = m.id
        WHERE ${ANSWERING} AND (h.fans_stopped > 0 AND m.state <> 'idle' OR h.fan_max_rpm >= ${ALERTS.fan.impossibleRpm})`,
    },
    summary: `${WHO}: a fan at VALUE rpm, limits 1 and ${ALERTS.fan.impossibleRpm} rpm`,
    link: toMiner,
    panel: [UIDS.miner, 24],
  },
  {
    uid: 'hashyard-board-missing',
    title: 'Board missing',
    every: 5,
    for: ALERTS.boardMissing.for,
    severity: 'warning',
    question: {
      sql: `SELECT ${MINER}, h.boards_missing::float8 AS value
        FROM grafana.miners m JOIN grafana.hardware h ON h.miner_id = m.id
        WHERE ${ANSWERING} AND h.boards_missing > 0`,
    },
    summary: `${WHO} misses VALUE of its boards, limit 1`,
    link: toMiner,
    panel: [UIDS.miner, 12],
  },
  {
    uid: 'hashyard-rejected-high',
    title: 'Rejected share high',
    every: 1,
    for: ALERTS.rejectedHigh.for,
    severity: 'warning',
    question: {
      select: {
        fields: {
          share: `100 * ${aggregate('sum', 'rejected')} / (${aggregate('sum', 'accepted')} + ${aggregate('sum', 'rejected')})`,
        },
        from: 'site_agg',
        tags: ['site'],
      },
      seconds: 3600,
      above: ALERTS.rejectedHigh.percent,
      names: SITE_NAMES,
    },
    decimals: 1,
    summary: `Pools rejected VALUE % of the shares of {{ .Labels.site_name }} in the last hour, limit ${ALERTS.rejectedHigh.percent} %`,
    link: `d/${UIDS.pools}?var-site={{ .Labels.site }}`,
    panel: [UIDS.pools, 11],
  },
  {
    uid: 'hashyard-pool-outside',
    title: 'Pool outside the list',
    every: 5,
    for: ALERTS.poolOutside.for,
    severity: 'critical',
    question: {
      sql: `SELECT ${MINER}, p.host AS pool, count(*)::float8 AS value
        FROM grafana.pools p JOIN grafana.miners m ON m.id = p.miner_id
        WHERE ${ANSWERING} AND p.active AND p.allowed IS FALSE AND p.is_dev_fee IS NOT TRUE
        GROUP BY m.id, m.name, m.scope, m.site, p.host`,
    },
    summary: `${WHO} mines at {{ .Labels.pool }}, which is not in the list of pools (VALUE, limit 0)`,
    link: `d/${UIDS.pools}?var-site={{ .Labels.site }}`,
    panel: [UIDS.pools, 24],
  },
  {
    uid: 'hashyard-backlog-growing',
    title: 'Backlog growing',
    every: 1,
    for: ALERTS.backlogGrowing.for,
    severity: 'warning',
    question: {
      select: grown('backlog_batches'),
      seconds: 1800,
      above: ALERTS.backlogGrowing.batches,
      names: AGENT_NAMES,
    },
    summary: `Agent {{ .Labels.agent_name }} at {{ .Labels.site_name }} holds VALUE batches more than half an hour ago, limit ${ALERTS.backlogGrowing.batches}`,
    link: toPipeline,
    panel: [UIDS.pipeline, 12],
  },
  {
    uid: 'hashyard-quarantine-growing',
    title: 'Quarantine growing',
    every: 1,
    for: ALERTS.quarantineGrowing.for,
    severity: 'warning',
    question: {
      select: grown('quarantined'),
      seconds: 3600,
      above: ALERTS.quarantineGrowing.items,
      names: AGENT_NAMES,
    },
    summary: `VALUE items of agent {{ .Labels.agent_name }} at {{ .Labels.site_name }} were set aside in the last hour, limit ${ALERTS.quarantineGrowing.items}`,
    link: toPipeline,
    panel: [UIDS.pipeline, 23],
  },
  {
    uid: 'hashyard-postgres-away',
    title: 'Postgres does not answer',
    every: 1,
    for: ALERTS.databaseAway.for,
    severity: 'critical',
    question: { alive: { sql: 'SELECT 1::float8 AS value FROM grafana.database' } },
    summary: `Postgres has not answered Grafana for ${ALERTS.databaseAway.for}`,
    link: `d/${UIDS.pipeline}`,
    panel: [UIDS.pipeline, 31],
  },
  {
    uid: 'hashyard-influx-away',
    title: 'InfluxDB does not answer',
    every: 1,
    for: ALERTS.databaseAway.for,
    severity: 'critical',
    question: {
      alive: {
        select: { fields: { value: aggregate('count', 'silence_s') }, from: 'agent' },
      },
    },
    summary: `InfluxDB has not answered Grafana for ${ALERTS.databaseAway.for}`,
    link: `d/${UIDS.pipeline}`,
    panel: [UIDS.pipeline, 32],
  },
];
