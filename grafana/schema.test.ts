import { expect, test } from 'vitest';
import { buildDashboards } from './build.ts';
import { dashboardSchema } from './testing/schema.ts';

const texts = [...buildDashboards()];

test.each(texts)('%s is what Grafana 9.3 knows, and nothing else', (_, text) => {
  expect(dashboardSchema.safeParse(JSON.parse(text)).error?.issues ?? []).toEqual([]);
});

test.each([
  ['a panel that came later', '"type": "stat"', '"type": "xychart"'],
  ['an option that came later', '"showHeader": true', '"showHeader": true, "cellHeight": "sm"'],
  ['a cell option that came later', '"id": "custom.displayMode"', '"id": "custom.cellOptions"'],
  ['a newer schema', '"schemaVersion": 37', '"schemaVersion": 42'],
  ['a transformation', '"transparent": false', '"transparent": false, "transformations": [{}]'],
])('%s is found', (_, from, to) => {
  const text = texts.find(([name]) => name === 'site')?.[1] ?? '';
  expect(text).toContain(from);
  expect(dashboardSchema.safeParse(JSON.parse(text.replace(from, to))).success).toBe(false);
});
