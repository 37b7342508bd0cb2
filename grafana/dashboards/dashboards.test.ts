import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { buildDashboards } from '../build.ts';
import { TO_THAT, UIDS } from '../parts/links.ts';
import { HISTORY, MIXED, SAMPLES, STATE } from '../parts/targets.ts';
import type { DashboardJson, PanelJson } from '../testing/queries.ts';

/** Panels every Grafana from 9.3 on has; "table" and "timeseries" among them since 7. */
const PANELS_OF_9_3 = ['heatmap', 'row', 'stat', 'state-timeline', 'table', 'timeseries'];
const dashboards = [...buildDashboards()].map(([file, text]) => ({
  file,
  dashboard: JSON.parse(text) as DashboardJson,
}));
const everyPanel = dashboards.flatMap(({ file, dashboard }) =>
  dashboard.panels.map((panel) => ({ file, panel, name: `${file} ${panel.title}` })),
);
const drawn = everyPanel.filter(({ panel }) => panel.type !== 'row');

describe.each(dashboards)('$file', ({ dashboard }) => {
  test('has its uid, a description, the tag and the schema of Grafana 9.3', () => {
    expect(Object.values<string>(UIDS)).toContain(dashboard.uid);
    expect(dashboard.description).not.toBe('');
    expect(dashboard.tags).toEqual(['hashyard']);
    expect(dashboard.editable).toBe(false);
    expect(dashboard.refresh).toBe('1m');
    expect(dashboard.schemaVersion).toBe(37);
    expect(dashboard).not.toHaveProperty('id');
  });

  test('numbers its panels once each', () => {
    const ids = dashboard.panels.map((panel) => panel.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Math.min(...ids)).toBeGreaterThan(0);
  });

  test('lays its panels out inside 24 columns and over no other', () => {
    const cells = dashboard.panels.flatMap(cellsOf);
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of dashboard.panels)
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  test('has nothing Grafana 9.3 does not know', () => {
    for (const panel of dashboard.panels) expect(PANELS_OF_9_3).toContain(panel.type);
    expect(dashboard.panels.filter((panel) => 'transformations' in panel)).toEqual([]);
    const text = JSON.stringify(dashboard);
    for (const newer of ['placement":"inControlsMenu', 'cellOptions', 'cellHeight', 'wideLayout']) {
      expect(text).not.toContain(newer);
    }
  });

  test('hides what follows from another variable, and keeps it out of the address', () => {
    for (const variable of dashboard.templating.list) {
      expect(variable.description).toBeTruthy();
      expect([STATE, SAMPLES]).toContainEqual(variable.datasource);
      const derived = variable.hide === 2;
      expect(variable.skipUrlSync).toBe(derived);
    }
  });
});

describe.each(drawn)('$name', ({ panel }) => {
  test('says what it shows, in which unit, and what no data means', () => {
    expect(panel.description?.length).toBeGreaterThan(20);
    expect(panel.fieldConfig?.defaults.noValue).toBeTruthy();
    expect(panel.type === 'timeseries' && !panel.fieldConfig?.defaults.unit).toBe(false);
  });

  test('reads a provisioned data source, each query under a name of its own', () => {
    const refIds = (panel.targets ?? []).map((target) => target.refId);
    expect(refIds.length).toBeGreaterThan(0);
    expect(new Set(refIds).size).toBe(refIds.length);
    for (const target of panel.targets ?? []) {
      expect([SAMPLES, HISTORY, STATE]).toContainEqual(target.datasource);
      expect([target.datasource, MIXED]).toContainEqual(panel.datasource);
    }
  });
});

test('a link leads to a dashboard and a variable that exist', () => {
  const links = drawn.flatMap(({ panel }) =>
    (panel.fieldConfig?.overrides ?? []).flatMap((override) =>
      override.properties
        .filter((property) => property.id === 'links')
        .flatMap((property) => property.value as { url: string }[]),
    ),
  );
  expect(links.length).toBeGreaterThan(20);
  for (const { url } of links) {
    // What the rows of the second kind say is checked with the rows, in tables.test.ts.
    if (url.startsWith('${admin:raw}/') || url === TO_THAT.url) continue;
    const [, uid, variable] =
      /^\/d\/([\w-]+)\?(?:\$\{site:queryparam\}&)?var-(\w+)=\$\{__data\.fields\.\w+\}&\$\{__url_time_range\}$/.exec(
        url,
      ) ?? [];
    const target = dashboards.find(({ dashboard }) => dashboard.uid === uid);
    expect(target?.dashboard.templating.list.map(({ name }) => name)).toContain(variable);
  }
});

test('every dashboard leads to the others and to the admin page', () => {
  for (const { dashboard } of dashboards) {
    const [others, admin] = dashboard.links;
    expect(others).toMatchObject({ type: 'dashboards', tags: ['hashyard'], keepTime: true });
    expect(admin?.['url']).toMatch(/^\$\{admin:raw\}\//);
  }
});

test('a chart neither fills gaps with its text for no data nor writes it at its ticks', () => {
  for (const { panel } of drawn.filter(({ panel }) => panel.type === 'timeseries')) {
    expect(Number(panel.fieldConfig?.defaults.noValue)).toBeNaN();
    expect(panel.fieldConfig?.defaults).not.toHaveProperty('decimals');
  }
});

test('settings for a line name a line of the queries', () => {
  for (const { panel } of drawn.filter(({ panel }) => panel.type !== 'table')) {
    const columns = (panel.targets ?? []).flatMap((target) =>
      [...(target.rawSql ?? target.query ?? '').matchAll(/ AS "([^"]+)"/g)].map(([, as]) => as),
    );
    for (const override of panel.fieldConfig?.overrides ?? []) {
      if (override.matcher.id === 'byRegexp') continue;
      expect(columns).toContain(override.matcher.options);
    }
  }
});

test('data sources: the uids of the dashboards, one YAML, no secret in it', async () => {
  const yaml = await readFile(
    new URL('../provisioning/datasources/hashyard.yaml', import.meta.url),
    'utf8',
  );
  expect([...yaml.matchAll(/^ {4}uid: (.+)$/gm)].map(([, uid]) => uid)).toEqual([
    SAMPLES.uid,
    HISTORY.uid,
    STATE.uid,
  ]);
  for (const [, secret] of yaml.matchAll(/password: (.+)$/gm)) {
    expect(secret).toMatch(/^\$\{HASHYARD_\w+\}$/);
  }
});

function cellsOf({ gridPos: { x, y, w, h } }: PanelJson): string[] {
  return Array.from(
    { length: w * h },
    (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`,
  );
}
