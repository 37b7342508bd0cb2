import type { Json } from '../parts/finish.ts';
import { influxql } from '../parts/influxql.ts';
import { SAMPLES, STATE, trimmed } from '../parts/targets.ts';
import { RULES, type Question, type Rule } from './rules.ts';
import { MAINTENANCE, NOTIFY, type Maintenance } from './settings.ts';

const FOLDER = 'Hashyard alerts';
/** Contact point of all channels: each file adds a receiver to it. */
const CONTACT = 'hashyard';

/** Grafana's data source of expressions. */
const EXPRESSION = '__expr__';

/** File → text: the rules, and for each channel the contact point with the policy that leads to it. */
export function alertFiles(): Map<string, string> {
  const files = new Map<string, Json>([
    [
      'provisioning/alerting/hashyard-rules.json',
      { apiVersion: 1, groups: groups(), templates: TEMPLATES },
    ],
    // What Compose lays over these, when a channel has been set up.
    ...Object.keys(CHANNELS).map((name): [string, Json] => [
      `provisioning/alerting/contact-${name}.json`,
      NONE,
    ]),
    ['contact-points/contact-point.json', NONE],
    ...Object.entries(CHANNELS).map(([name, receiver]): [string, Json] => [
      `contact-points/${name}/contact-point.json`,
      channelFile(receiver, MAINTENANCE),
    ]),
  ]);
  return new Map([...files].map(([file, json]) => [file, `${JSON.stringify(json, null, 2)}\n`]));
}

const NONE: Json = { apiVersion: 1 };

function groups(): Json {
  return ([1, 5] as const).map((minutes) => ({
    orgId: 1,
    name: `hashyard, every ${minutes} min`,
    folder: FOLDER,
    interval: `${minutes}m`,
    rules: RULES.filter(({ every }) => every === minutes).map(ruleJson),
  }));
}

function ruleJson(rule: Rule): Json {
  const isAlive = 'alive' in rule.question;
  return {
    uid: rule.uid,
    title: rule.title,
    condition: 'C',
    data: dataOf(rule.question),
    dashboardUid: rule.panel[0],
    panelId: rule.panel[1],
    // No row is nobody in trouble; a database that is away is told once, by its own rule.
    noDataState: 'OK',
    execErrState: isAlive ? 'Alerting' : 'OK',
    for: rule.for,
    labels: { severity: rule.severity, source: 'hashyard' },
    annotations: {
      summary: rule.summary.replaceAll(
        'VALUE',
        `{{ printf "%.${rule.decimals ?? 0}f" .Values.B.Value }}`,
      ),
      link: `{{ externalURL }}${rule.link}`,
    },
  };
}

/** A asks, B is the number with its names, C is whether it is wrong. The question's own range, in seconds, ends now. */
function dataOf(question: Question): Json[] {
  if ('alive' in question) {
    const { alive } = question;
    return 'sql' in alive
      ? [sqlQuery('A', alive.sql), math('B', '$A * 1'), math('C', '$B < 0')]
      : [
          influxQuery('A', influxql(alive.select), 300),
          reduce('R', 'A'),
          math('B', '$R * 1'),
          math('C', '$B < 0'),
        ];
  }
  if ('sql' in question) {
    return [sqlQuery('A', question.sql), math('B', '$A * 1'), math('C', '$B >= 0')];
  }
  return [
    influxQuery('A', influxql(question.select), question.seconds),
    reduce('R', 'A'),
    sqlQuery('N', question.names),
    math('B', '$R * $N'),
    math('C', `$B > ${question.above}`),
  ];
}

const RECENT = { from: 600, to: 0 };

function sqlQuery(refId: string, sql: string): Json {
  return {
    refId,
    datasourceUid: STATE.uid,
    relativeTimeRange: RECENT,
    model: {
      refId,
      datasource: { ...STATE },
      rawSql: trimmed(sql),
      rawQuery: true,
      format: 'table',
      editorMode: 'code',
    },
  };
}

function influxQuery(refId: string, query: string, seconds: number): Json {
  return {
    refId,
    datasourceUid: SAMPLES.uid,
    relativeTimeRange: { from: seconds, to: 0 },
    model: {
      refId,
      datasource: { ...SAMPLES },
      query,
      rawQuery: true,
      resultFormat: 'time_series',
    },
  };
}

function expression(refId: string, model: Record<string, Json>): Json {
  return {
    refId,
    datasourceUid: EXPRESSION,
    relativeTimeRange: RECENT,
    model: { refId, datasource: { type: EXPRESSION, uid: EXPRESSION }, ...model },
  };
}
const reduce = (refId: string, of: string) =>
  expression(refId, { type: 'reduce', expression: of, reducer: 'last' });
const math = (refId: string, text: string) => expression(refId, { type: 'math', expression: text });

const TEMPLATES: Json = [
  {
    orgId: 1,
    name: 'hashyard',
    template:
      '{{ define "hashyard.title" }}Hashyard: {{ if .Alerts.Firing }}{{ len .Alerts.Firing }} firing{{ else }}resolved{{ end }}, {{ .CommonLabels.alertname }}{{ if .CommonLabels.site_name }} at {{ .CommonLabels.site_name }}{{ end }}{{ end }}\n' +
      '{{ define "hashyard.text" }}{{ range .Alerts.Firing }}🔴 {{ .Annotations.summary }}\n{{ .Annotations.link }}\n{{ end }}' +
      '{{ range .Alerts.Resolved }}🟢 over: {{ .Labels.alertname }}{{ if .Labels.miner }}, {{ .Labels.miner }}{{ end }}{{ if .Labels.agent_name }}, agent {{ .Labels.agent_name }}{{ end }}{{ if .Labels.site_name }} at {{ .Labels.site_name }}{{ end }}\n{{ end }}{{ end }}',
  },
];

const TITLE = '{{ template "hashyard.title" . }}';
const TEXT = '{{ template "hashyard.text" . }}';

/** Values come from Grafana's environment; one of the form $__file{/path} is read from that file. */
const CHANNELS: Record<string, { type: string; settings: Record<string, string> }> = {
  email: {
    type: 'email',
    settings: { addresses: '${HASHYARD_ALERT_EMAIL}', subject: TITLE, message: TEXT },
  },
  telegram: {
    type: 'telegram',
    settings: {
      bottoken: '${HASHYARD_ALERT_TELEGRAM_TOKEN}',
      chatid: '${HASHYARD_ALERT_TELEGRAM_CHAT}',
      message: TEXT,
    },
  },
  webhook: {
    type: 'webhook',
    settings: { url: '${HASHYARD_ALERT_WEBHOOK}', title: TITLE, message: TEXT },
  },
  slack: {
    type: 'slack',
    settings: { url: '${HASHYARD_ALERT_SLACK}', title: TITLE, text: TEXT },
  },
};

const muteName = ({ site }: Maintenance) => `hashyard maintenance of ${site}`;

/** The policy tree of Grafana is one: it is replaced when a channel is set up, and not touched before. */
export function channelFile(
  { type, settings }: { type: string; settings: Record<string, string> },
  maintenance: readonly Maintenance[],
): Json {
  return {
    apiVersion: 1,
    contactPoints: [
      { orgId: 1, name: CONTACT, receivers: [{ uid: `hashyard-${type}`, type, settings }] },
    ],
    ...(maintenance.length > 0
      ? {
          muteTimes: maintenance.map((one) => ({
            orgId: 1,
            name: muteName(one),
            time_intervals: one.times as unknown as Json,
          })),
        }
      : {}),
    policies: [
      {
        orgId: 1,
        receiver: CONTACT,
        group_by: ['alertname', 'site_name'],
        group_wait: NOTIFY.wait,
        group_interval: NOTIFY.changed,
        repeat_interval: NOTIFY.repeat,
        ...(maintenance.length > 0
          ? {
              routes: maintenance.map((one) => ({
                receiver: CONTACT,
                object_matchers: [['site_name', '=', one.site]],
                mute_time_intervals: [muteName(one)],
              })),
            }
          : {}),
      },
    ],
  };
}
