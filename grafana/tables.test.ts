import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../tests/support/database.ts';
import { dashboards, panelOf, show, type Shown } from './testing/dashboards.ts';
import { expand, type Chosen } from './testing/expand.ts';
import { loadedFarm, type LoadedFarm } from './testing/farm/loaded-farm.ts';
import { queriesOf } from './testing/queries.ts';

let farm: LoadedFarm;
beforeAll(async () => {
  farm = await loadedFarm();
}, 240_000);
afterAll(() => farm[Symbol.asyncDispose]());

/** What the tables and numbers say of the farm in grafana/testing/farm/cast.ts. */
async function tableOf(name: string, id: number, chosen: Record<string, Chosen> = {}) {
  return (await show(farm, name, '24 h', chosen)).table(panelOf(name, id));
}
const column = (rows: readonly Record<string, unknown>[], name: string) =>
  rows.map((row) => row[name]);
const sorted = (rows: readonly Record<string, unknown>[], name: string) =>
  column(rows, name).map(String).sort();
const north = () => ({ site: farm.scopes.North });

test('Fleet: miners by state, hottest, lowest', async () => {
  expect(await tableOf('fleet', 3)).toEqual([
    { Hashing: '6', Degraded: '3', Idle: '1', Offline: '1', Unknown: '1' },
  ]);
  expect(column(await tableOf('fleet', 21), 'Miner')[0]).toBe('hot');
  expect(column(await tableOf('fleet', 22), 'Miner').slice(0, 3)).toEqual([
    'idle',
    'board',
    'degraded',
  ]);
});

test('Fleet: lost hashrate by cause', async () => {
  const rows = await tableOf('fleet', 23);
  expect(sorted(rows, 'Cause')).toEqual(
    ['agent silent', 'board missing', 'pool dead', 'offline', 'too hot', 'unexplained'].sort(),
  );
  expect(rows.find((row) => row['Cause'] === 'offline')).toMatchObject({
    Site: 'North',
    Miners: '1',
    Lost: 100,
    Algorithm: 'sha256',
  });
  expect(rows.find((row) => row['Cause'] === 'agent silent')).toMatchObject({ Lost: 100 });
});

test('Fleet: what changed in a day', async () => {
  const rows = await tableOf('fleet', 24);
  const what = rows.map((row) => `${String(row['Name'])} ${String(row['What'])}`);
  for (const change of [
    'gone went offline',
    'restarted started',
    'degraded known by another key',
    'east samples lost',
  ]) {
    expect(what).toContain(change);
  }
  expect(what).not.toContain('steady new miner');
  const to = (name: string) => rows.find((row) => row['Name'] === name)?.['to'];
  expect(to('gone')).toBe(`hashyard-miner?var-miner=${farm.miners['gone']}`);
  expect(to('east')).toBe(`hashyard-pipeline?var-site=${farm.scopes.East}`);
});

test('Fleet: sites, each algorithm apart, and without an agent that is silent', async () => {
  const rows = await tableOf('fleet', 31);
  expect(rows.map((row) => [row['Site'], row['Algorithm'], row['Miners']])).toEqual(
    expect.arrayContaining([
      ['North', 'sha256', '7'],
      ['East', 'sha256', '3'],
      ['south (no site)', 'scrypt', '1'],
      ['south (no site)', 'sha256', '1'],
    ]),
  );
  expect(rows.find((row) => row['Site'] === 'East')).toMatchObject({ Expected: 100, Unknown: '1' });
});

test('Site: containers narrow the tables', async () => {
  const containers = await tableOf('site', 51, north());
  expect(sorted(containers, 'Container')).toEqual(['C1', 'C2', '–']);
  expect(containers.find((row) => row['Container'] === 'C1')).toMatchObject({
    Places: 10,
    Capacity: 40_000,
  });
  expect(column(await tableOf('site', 41, north()), 'Miner')).toHaveLength(7);
  expect(column(await tableOf('site', 41, { ...north(), container: ['C2'] }), 'Miner')).toEqual([
    'board',
    'fan',
  ]);
  expect(column(await tableOf('site', 41, { ...north(), container: ['–'] }), 'Miner')).toEqual([
    'gone',
  ]);
});

test('Site: its agents, with what they hold and lost', async () => {
  const rows = await tableOf('site', 52, { site: farm.scopes.East });
  expect(column(rows, 'Agent')).toEqual(['sleeper', 'east']);
  expect(Number(rows[0]?.['Silent'])).toBeGreaterThan(30 * 60);
  expect(rows[1]).toMatchObject({
    Silent: 0,
    Held: 90,
    Lost: '30',
    Clock: 120,
    'Cycle %': 50,
    Answered: '6 of 7',
  });
});

const ofMiner = (name: string, id: number) =>
  tableOf('miner', id, { miner: String(farm.miners[name]) });

test('Miner: one that is well, one that is not', async () => {
  expect(await ofMiner('gone', 1)).toEqual([{ State: 'offline' }]);
  // Its agent is silent: what it did then is not what it does now.
  expect(await ofMiner('asleep', 1)).toEqual([{ State: 'unknown' }]);
  expect(await ofMiner('asleep', 2)).toEqual([{ Now: null, Expected: 100 }]);
  expect(await ofMiner('asleep', 4)).toEqual([{ Hottest: null }]);
  expect(column(await ofMiner('board', 42), 'Slot')).toEqual([0, 1]);
  expect(await ofMiner('astray', 44)).toMatchObject([{ Code: 'E1' }]);
  expect(await ofMiner('steady', 44)).toEqual([]);
  const identity = Object.fromEntries(
    (await ofMiner('degraded', 41)).map((row) => [row['Property'], row['Value']]),
  );
  expect(identity).toMatchObject({
    Name: 'degraded',
    Site: 'North',
    'Series keys': '02aabbccdd02, ip-10-0-0-7-4028',
  });
});

test('Miner: a history under two keys is one line; the names of the fields it reports are the lines', async () => {
  const shown = await show(farm, 'miner', '30 d', { miner: String(farm.miners['degraded']) });
  const line = (await shown.lines(panelOf('miner', 25))).find(({ name }) => name === 'Power');
  expect(line?.points.filter(([, value]) => value !== null).length).toBeGreaterThan(700);
  const fans = await show(farm, 'miner', '24 h', { miner: String(farm.miners['fan']) });
  expect((await fans.lines(panelOf('miner', 24))).map(({ name }) => name)).toEqual([
    'Fan 1',
    'Fan 2',
    'Fan 3',
    'Fan 4',
  ]);
  const plain = await show(farm, 'miner', '24 h', { miner: String(farm.miners['plain']) });
  expect(await plain.lines(panelOf('miner', 24))).toEqual([]);
  expect(await plain.lines(panelOf('miner', 25))).toEqual([]);
});

test('Miner: restarts, by samples and by hours', async () => {
  for (const range of ['24 h', '30 d'] as const) {
    const shown = await show(farm, 'miner', range, { miner: String(farm.miners['restarted']) });
    const [line] = await shown.lines(panelOf('miner', 6));
    expect(line?.points).toMatchObject([[expect.any(Number), 1]]);
  }
});

test('Miner: an outage is a gap', async () => {
  const shown = await show(farm, 'miner', '24 h', { miner: String(farm.miners['gone']) });
  const line = (await shown.lines(panelOf('miner', 11))).find(({ name }) => name === 'Hashrate');
  expect(line?.points.slice(-200).every(([, value]) => value === null)).toBe(true);
});

test('Miner: marks on the charts', async () => {
  const shown = await show(farm, 'miner', '24 h', { miner: String(farm.miners['degraded']) });
  const [, changes, errors] = dashboards['miner']?.annotations.list ?? [];
  const read = (text = '') =>
    farm.rows(
      expand(text, { from: shown.from, to: shown.to, intervalS: 60, variables: shown.variables }),
    );
  expect(column(await read(changes?.rawQuery), 'text')).toEqual([
    'known by another key: 02aabbccdd02',
  ]);
  expect(await read(errors?.rawQuery)).toEqual([]);
});

test('Heat and fans: a fan at 0, and one that cannot be true', async () => {
  expect(column(await tableOf('heat', 22, north()), 'Miner')).toEqual(['fan']);
  expect(column(await tableOf('heat', 22, { site: farm.scopes.East }), 'Miner')).toEqual([
    'astray',
  ]);
  expect(await tableOf('heat', 1, north())).toMatchObject([
    { '90 °C and more': '1', '60 to 79 °C': '5', 'Not reported': '1' },
  ]);
  const shown = await show(farm, 'heat', '24 h', north());
  expect(await shown.lines(panelOf('heat', 11))).toHaveLength(7);
});

test('Hardware health: a board less than others of its kind, and chips', async () => {
  expect(await tableOf('hardware', 21)).toMatchObject([
    { Miner: 'board', Boards: '2', Usual: '3', 'Chips missing': 3 },
  ]);
  expect(await tableOf('hardware', 1)).toMatchObject([
    { 'Missing board': '1', 'Missing chips': '1', Errors: '1', 'Restarted in 24 h': '1' },
  ]);
  expect(column(await tableOf('hardware', 23), 'Miner')).toEqual(['astray']);
  expect(column(await tableOf('hardware', 24), 'Miner')).toEqual(['restarted']);
});

test('Pools and shares: outside the list, dead, rejected', async () => {
  expect(await tableOf('pools', 24)).toMatchObject([
    { Miner: 'astray', What: 'outside the list' },
    { Miner: 'idle', What: 'dead, in use' },
  ]);
  const pools = await tableOf('pools', 21);
  expect(pools.map((row) => [row['Pool'], row['Allowed']])).toEqual([
    ['btc.example.com', 'yes'],
    ['elsewhere.test', 'no'],
    ['ltc.example.com', 'yes'],
  ]);
  const [worst] = await tableOf('pools', 23);
  expect(worst).toMatchObject({ Miner: 'restarted', 'Rejected %': expect.closeTo(3, 1) });
});

test('Models and firmware: chosen by the tag of the samples', async () => {
  expect(sorted(await tableOf('models', 1), 'tag')).toEqual(['antminer-l7', 'antminer-s19j-pro']);
  expect(column(await tableOf('models', 21, { model: ['antminer-l7'] }), 'Miner')).toEqual([
    'scrypt',
  ]);
  expect(sorted(await tableOf('models', 2), 'Firmware')).toEqual(['Bitmain', 'Bitmain', 'Braiins']);
});

test('Pipeline: receipts by the moment, databases', async () => {
  const shown = await show(farm, 'pipeline', '15 m');
  const [stored] = await shown.lines(panelOf('pipeline', 22));
  expect(stored?.points.at(-2)?.[1]).toBeCloseTo(6 / 60);
  expect(await shown.table(panelOf('pipeline', 31))).toMatchObject([{ Allowed: 200 }]);
});

describe.each(Object.keys(dashboards))('%s', (name) => {
  let shown: Shown;
  beforeAll(async () => {
    const chosen = name === 'miner' ? { miner: String(farm.miners['astray']) } : {};
    shown = await show(farm, name, '24 h', name === 'site' || name === 'heat' ? north() : chosen);
  });

  test('tables have rows, and the columns that are set up; a row has what its link needs', async () => {
    for (const panel of dashboards[name]?.panels ?? []) {
      if (panel.type !== 'table') continue;
      const rows = await shown.table(panel);
      const columns = Object.keys(rows[0] ?? {});
      const overrides = (panel.fieldConfig?.overrides ?? []).filter(
        ({ matcher }) => matcher.id !== 'byRegexp',
      );
      const wanted = [
        ...overrides.map(({ matcher }) => matcher.options),
        ...JSON.stringify(overrides)
          .matchAll(/__data\.fields\.(\w+)/g)
          .map(([, name = '']) => name),
      ];
      expect({
        panel: panel.title,
        empty: rows.length === 0,
        missing: wanted.filter((name) => !columns.includes(name)),
      }).toEqual({ panel: panel.title, empty: false, missing: [] });
    }
  });
});

test('an empty installation: every query is understood, and every table empty', async () => {
  await using empty = await freshDatabase();
  const filled: string[] = [];
  for (const dashboard of Object.values(dashboards)) {
    const variables: Record<string, Chosen> = {};
    const choice = {
      from: new Date(Date.now() - 86_400_000),
      to: new Date(),
      intervalS: 60,
      variables,
    };
    for (const variable of dashboard.templating.list) {
      variables[variable.name] = variable.allValue === undefined ? '' : { all: variable.allValue };
      if (variable.datasource.uid !== 'hashyard-postgres') continue;
      const [row] = await empty.sql.unsafe(expand(variable.query, choice));
      if (variable.skipUrlSync) variables[variable.name] = String(row?.[variable.name] ?? '');
    }
    for (const { panel, source, text } of queriesOf(dashboard)) {
      if (source !== 'postgres') continue;
      const rows = await empty.sql.unsafe(expand(text, choice));
      if (panel.type === 'table' && rows.length > 0) filled.push(panel.title);
    }
  }
  expect(filled).toEqual([]);
});
