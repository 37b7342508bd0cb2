import { expect, test } from 'vitest';
import { BOARD_FIELDS, MINER_FIELDS } from '../server/influx/lines.ts';
import { AGENT_FIELDS } from '../server/features/agents/metrics.ts';
import { buildDashboards } from './build.ts';
import { MEASUREMENTS, ROLLUP, type Measurement } from './parts/samples.ts';
import { parseInfluxql, type Parsed } from './testing/parse-influxql.ts';
import { queriesOf, type DashboardJson } from './testing/queries.ts';

const QUERIES = [...buildDashboards().values()]
  .flatMap((text) => queriesOf(JSON.parse(text) as DashboardJson))
  .filter(({ source }) => source !== 'postgres');

test('the fields the queries may name are those the server writes', () => {
  expect(MEASUREMENTS.miner.fields).toEqual(MINER_FIELDS.map(({ name }) => name));
  expect(MEASUREMENTS.board.fields).toEqual(BOARD_FIELDS.map(({ name }) => name));
  expect(MEASUREMENTS.agent.fields).toEqual(AGENT_FIELDS.map(({ name }) => name));
});

test('there are queries', () => {
  expect(QUERIES.length).toBeGreaterThan(100);
});

test.each(QUERIES)('$panel.title: $text', ({ source, text }) => {
  const levels = levelsOf(parseInfluxql(text));
  for (const level of levels)
    expect(level.hasTimeFilter, 'every level has the time filter').toBe(true);
  const bottom = levels.at(-1);
  const measurement = bottom?.from as Measurement;
  expect(source, 'the database that holds it').toBe(measurement in ROLLUP ? 'history' : 'samples');
  const tags: readonly string[] = MEASUREMENTS[measurement].tags;
  const fields: readonly string[] = MEASUREMENTS[measurement].fields;
  for (const { columns } of bottom?.fields ?? []) {
    for (const column of columns) expect(fields).toContain(column);
  }
  const matches = levels.flatMap((level) => level.matches);
  expect(matches.length).toBeGreaterThan(0);
  for (const { column, regex } of matches) {
    expect(tags).toContain(column);
    expect(regex).toMatch(/^\/\^\(\$\{\w+:(regex|raw)\}\)\$\/$/);
  }
  for (const level of levels) {
    for (const tag of level.groupBy.tags) expect(tags).toContain(tag);
  }
});

test.each([
  'SELECT mean("up") AS "x" INTO "y" FROM "miner"',
  'SELECT mean("up") AS "x" FROM "raw"."miner"',
  'SELECT mean("up") AS "x" FROM "miner"; DROP DATABASE x',
  'SELECT mean("up") AS "x" FROM "miner" SLIMIT 1',
  'SELECT spread("up") AS "x" FROM "miner"',
  'SELECT mean("up") AS "x" FROM "miner" WHERE "site" = \'a\'',
  'SELECT * FROM "miner"',
])('refuses %s', (text) => {
  expect(() => parseInfluxql(text)).toThrow(/portable|Expected/);
});

function levelsOf(parsed: Parsed): Parsed[] {
  return typeof parsed.from === 'string' ? [parsed] : [parsed, ...levelsOf(parsed.from)];
}
