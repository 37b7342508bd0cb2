import { expect, test } from 'vitest';
import { buildDashboards } from '../build.ts';
import type { RuleJson } from '../testing/alerting/evaluate.ts';
import { parseInfluxql } from '../testing/parse-influxql.ts';
import type { DashboardJson } from '../testing/queries.ts';
import { alertFiles, channelFile } from './provision.ts';

const file = JSON.parse(alertFiles().get('provisioning/alerting/hashyard-rules.json') ?? '') as {
  groups: { rules: RuleJson[] }[];
  templates: { template: string }[];
};
const rules = file.groups.flatMap((group) => group.rules);
const dashboards = [...buildDashboards().values()].map((text) => JSON.parse(text) as DashboardJson);

test.each(rules)('$title: what every version of Grafana from 9.3 to 12 takes', (rule) => {
  expect(rule.uid).toMatch(/^hashyard-[a-z-]+$/);
  expect(rule.uid.length).toBeLessThanOrEqual(40);
  // "KeepLast" came with 11.
  expect(['OK', 'Alerting']).toContain(rule.noDataState);
  expect(['OK', 'Alerting']).toContain(rule.execErrState);
  expect(rule.data.map(({ refId }) => refId)).toContain(rule.condition);
  for (const { model } of rule.data) {
    // Rules have no variables, and their Postgres plugin no range that matters.
    expect(model.rawSql ?? '').not.toContain('$');
    expect(model.query === undefined || parseInfluxql(model.query).hasTimeFilter).toBe(true);
    expect([undefined, 'reduce', 'math']).toContain(model.type);
  }
});

test.each(rules)(
  '$title: texts expand in every version, and lead to a panel that exists',
  (rule) => {
    for (const text of Object.values(rule.annotations)) {
      // Some versions take "$labels" for a variable of the environment.
      expect(text).not.toContain('$');
      for (const [, used = ''] of text.matchAll(/\{\{ (.*?) \}\}/g)) {
        expect(used).toMatch(/^(\.Labels\.\w+|externalURL|printf "%\.[01]f" \.Values\.B\.Value)$/);
      }
    }
    const dashboard = dashboards.find(({ uid }) => uid === rule.dashboardUid);
    expect(dashboard?.panels.map(({ id }) => id)).toContain(rule.panelId);
    const [, uid, variable] =
      /d\/([\w-]+)(?:\?var-(\w+)=)?/.exec(rule.annotations['link'] ?? '') ?? [];
    const target = dashboards.find((one) => one.uid === uid);
    expect(target).toBeDefined();
    if (variable === undefined) return;
    expect(target?.templating.list.map(({ name }) => name)).toContain(variable);
  },
);

test('no contact point by default; a channel brings its own, without a secret in the file', () => {
  const files = alertFiles();
  const channels = ['email', 'telegram', 'webhook', 'slack'];
  for (const name of channels) {
    expect(files.get(`provisioning/alerting/contact-${name}.json`)).toBe(
      '{\n  "apiVersion": 1\n}\n',
    );
    const text = files.get(`contact-points/${name}/contact-point.json`) ?? '';
    expect(text).toContain(`"receiver": "hashyard"`);
    expect(text).toMatch(/\$\{HASHYARD_ALERT_\w+\}/);
  }
});

test('maintenance: a route for the site that is mute in the times given, and nothing without any', () => {
  const receiver = { type: 'webhook', settings: { url: '${HASHYARD_ALERT_WEBHOOK}' } };
  expect(channelFile(receiver, [])).not.toHaveProperty('muteTimes');
  const times = [{ weekdays: ['tuesday'], times: [{ start_time: '09:00', end_time: '12:00' }] }];
  expect(channelFile(receiver, [{ site: 'North', times }])).toMatchObject({
    muteTimes: [{ name: 'hashyard maintenance of North', time_intervals: times }],
    policies: [
      {
        routes: [
          {
            object_matchers: [['site_name', '=', 'North']],
            mute_time_intervals: ['hashyard maintenance of North'],
          },
        ],
      },
    ],
  });
});
