import pino from 'pino';
import type { ReservedSql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openInflux } from '../server/influx/open-influx.ts';
import type { Influx, Series } from '../server/influx/influx.ts';
import { freshDatabase, type FreshDatabase } from '../tests/support/database.ts';
import { freshInflux, type FreshInflux } from '../tests/support/influx.ts';
import { build } from './build.ts';
import { expand, type Choice, type Chosen } from './testing/expand.ts';
import { queriesOf, type DashboardJson, type PanelQuery } from './testing/queries.ts';
import { smallFarm, type MinerName, type SmallFarm } from './testing/small-farm.ts';

const dashboards = Object.fromEntries(
  [...build()].map(([file, text]) => [
    file.replace('.json', ''),
    JSON.parse(text) as DashboardJson,
  ]),
);
const fleet = part('fleet');
const miner = part('miner');

function part(name: string) {
  const dashboard = dashboards[name];
  if (!dashboard) throw new Error(`No dashboard ${name}`);
  const queries = queriesOf(dashboard);
  return {
    dashboard,
    queries,
    influxql: queries.filter((query) => query.language === 'influxql'),
    sql: queries.filter((query) => query.language === 'sql'),
    /** Texts of one panel, by its number. */
    panel: (id: number) => queries.filter((query) => query.panel.id === id),
    variable: (wanted: string) => {
      const found = dashboard.templating.list.find((variable) => variable.name === wanted);
      if (!found) throw new Error(`${name} has no variable ${wanted}`);
      return found.query;
    },
  };
}

const label = ({ panel, text }: PanelQuery) => `${panel.id} ${panel.title}: ${text.slice(0, 60)}`;

describe('on real databases', () => {
  let database: FreshDatabase;
  let influxdb: FreshInflux;
  let influx: Influx;
  let grafana: ReservedSql;
  let farm: SmallFarm;

  beforeAll(async () => {
    [database, influxdb] = await Promise.all([freshDatabase(), freshInflux()]);
    influx = openInflux(influxdb.config, pino({ level: 'silent' }));
    farm = await smallFarm(database.sql, new Date());
    for (const day of perDay(farm.lines)) await influx.write(influxdb.config.database, day);
    grafana = await database.sql.reserve();
    await grafana`set role hashyard_grafana`;
  });

  afterAll(async () => {
    grafana.release();
    await influx.close();
    await influxdb[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const choice = (variables: Record<string, Chosen>): Choice => ({
    // A range of whole intervals, so that the newest bucket is full.
    from: farm.from,
    to: new Date(farm.end.getTime() - 1),
    intervalS: 300,
    variables,
  });
  const ask = (query: PanelQuery, variables: Record<string, Chosen>): Promise<Series[]> =>
    influx.query(influxdb.config.database, expand(query.text, choice(variables)));
  const read = (text: string, variables: Record<string, Chosen>) =>
    grafana.unsafe(expand(text, choice(variables)));

  /** As Grafana fills the variables of the miner dashboard when a link names the miner. */
  const variablesOf = async (name: MinerName): Promise<Record<string, Chosen>> => {
    const chosen: Record<string, Chosen> = { site: { all: '.*' }, miner: String(farm.ids[name]) };
    for (const derived of ['keys', 'scopes']) {
      const [row] = await read(miner.variable(derived), chosen);
      chosen[derived] = String(row?.[derived]);
    }
    return chosen;
  };
  /** Last value of every series of a panel, by what Grafana calls it. */
  const lastValues = async (id: number, of: typeof fleet, variables: Record<string, Chosen>) => {
    const last: Record<string, unknown> = {};
    for (const query of of.panel(id)) {
      if (query.language === 'sql') {
        Object.assign(last, (await read(query.text, variables)).at(-1));
        delete last['time'];
        continue;
      }
      for (const { name, value } of named(await ask(query, variables), query.alias))
        last[name] = value;
    }
    return last;
  };

  const ALL = { site: { all: '.*' } };
  const sites = () => {
    const north = farm.lines[0]?.match(/site=([\w-]+)/)?.[1] ?? '';
    const south = farm.lines
      .find((line) => line.includes('site=agent'))
      ?.match(/site=([\w-]+)/)?.[1];
    return { north, south: south ?? '' };
  };

  const row = async (id: number) => {
    const [first] = await read(fleet.panel(id)[0]?.text ?? '', ALL);
    return Object.assign({}, first);
  };
  /** Who is in the rows of a table; each row has the value its link needs. */
  const names = async (id: number) =>
    (await read(fleet.panel(id)[0]?.text ?? '', ALL)).map((found) => {
      expect(found['id'] ?? found['scope']).toEqual(expect.any(String));
      return found['Miner'] ?? found['Site'];
    });

  test.each(fleet.influxql.map((query) => [label(query), query] as const))(
    'fleet answers for one site, for several and for all: %s',
    async (_, query) => {
      const { north, south } = sites();
      for (const site of [{ all: '.*' }, [north], [north, south]]) {
        const found = await ask(query, { site });
        if (query.text.includes('"Idle"') && !(Array.isArray(site) && site.includes(south)))
          continue;
        expect(found.length).toBeGreaterThan(0);
      }
    },
  );

  test('fleet: sums over the newest interval', async () => {
    expect(await lastValues(11, fleet, ALL)).toEqual({ Hashrate: 180, Expected: 510 });
    expect(await lastValues(12, fleet, ALL)).toEqual({
      Hashing: 2,
      Degraded: 1,
      Idle: 1,
      Offline: 1,
    });
    expect(await lastValues(13, fleet, ALL)).toEqual({ Power: 3000 });
    expect(await lastValues(14, fleet, ALL)).toEqual({ Efficiency: 30 });
    expect(await lastValues(15, fleet, ALL)).toEqual({ Hottest: 95, Mean: 85 });
  });

  test('fleet: a chosen site leaves the others out', async () => {
    const { north, south } = sites();
    expect(await lastValues(11, fleet, { site: [north] })).toEqual({
      Hashrate: 180,
      Expected: 410,
    });
    expect(await lastValues(32, fleet, { site: south })).toEqual({ Hashrate: 0, Expected: 100 });
    expect(await lastValues(11, fleet, { site: [north, south] })).toEqual(
      await lastValues(11, fleet, ALL),
    );
  });

  test('fleet: the numbers of now', async () => {
    expect(await row(1)).toEqual({ Now: 180, Expected: 410 });
    expect(await row(2)).toEqual({ 'Of expected': (100 * 180) / 410 });
    expect(await row(3)).toEqual({
      Hashing: '1',
      Degraded: '1',
      Idle: '1',
      Offline: '1',
      Unknown: '1',
    });
    expect(await row(4)).toEqual({ Power: 3000, 'J/TH': 30 });
  });

  test('fleet: tables, worst first, each row with what its link needs', async () => {
    expect(await names(21)).toEqual(['degraded', 'steady']);
    expect(await names(22)).toEqual(['idle', 'degraded', 'steady']);
    expect(await names(31)).toEqual(['South (no site)', 'North']);
    expect(await names(41)).toEqual(['degraded', 'gone', 'silent', 'steady', 'idle']);
  });

  test('an empty farm: every query is understood, every table empty', async () => {
    await using empty = await freshDatabase();
    const nobody = choice({ ...ALL, miner: '' });
    const tables = [...fleet.sql, ...miner.sql].filter(({ panel }) => panel.type === 'table');
    const texts = [...fleet.sql, ...miner.sql].map(({ text }) => text);
    for (const text of [...texts, ...['site', 'miner', 'keys', 'scopes'].map(miner.variable)]) {
      await expect(empty.sql.unsafe(expand(text, nobody))).resolves.toBeInstanceOf(Array);
    }
    for (const { text } of tables) {
      expect(await empty.sql.unsafe(expand(text, nobody))).toHaveLength(0);
    }
  });

  test('variables offer sites and miners by name', async () => {
    const { north, south } = sites();
    expect(await read(fleet.variable('site'), {})).toEqual([
      { __text: 'North', __value: north },
      { __text: 'South (no site)', __value: south },
    ]);
    const ofSouth = await read(miner.variable('miner'), { site: [south] });
    expect(ofSouth).toEqual([{ __text: 'idle · South (no site)', __value: String(farm.ids.idle) }]);
    expect(await read(miner.variable('miner'), ALL)).toHaveLength(5);
  });

  const EMPTY = new Set(['Fan 5', 'Fan 6', 'Fan 7', 'Fan 8', 'Restarts']);
  test.each(miner.influxql.map((query) => [label(query), query] as const))(
    'miner answers: %s',
    async (_, query) => {
      const found = await ask(query, await variablesOf('steady'));
      const name = /AS "([^"]+)" FROM/.exec(query.text)?.[1] ?? '';
      // No line at all for what the miner does not report; an empty one would still be in the legend.
      expect(found.length > 0).toBe(!EMPTY.has(name));
    },
  );

  test('miner: newest values of a miner that reports everything', async () => {
    const variables = await variablesOf('steady');
    expect(await lastValues(11, miner, variables)).toEqual({
      Hashrate: 100,
      Average: 99,
      Expected: 100,
    });
    expect(await lastValues(12, miner, variables)).toEqual({
      'Board 0': 33,
      'Board 1': 33,
      'Board 2': 33,
    });
    expect(await lastValues(13, miner, variables)).toEqual({ Answers: 1, Mines: 1 });
    expect(await lastValues(21, miner, variables)).toEqual({
      'Hottest chip': 75,
      'Hottest board': 65,
      Inlet: 25,
    });
    expect(await lastValues(22, miner, variables)).toEqual({
      'Board 0': 70,
      'Board 1': 71,
      'Board 2': 72,
    });
    expect(await lastValues(24, miner, variables)).toEqual({
      'Fan 1': 5000,
      'Fan 2': 5100,
      'Fan 3': 5200,
      'Fan 4': 0,
    });
    expect(await lastValues(25, miner, variables)).toEqual({ Power: 3000, Limit: 3200 });
    expect(await lastValues(31, miner, variables)).toEqual({ Accepted: 10, Rejected: 1, Stale: 0 });
    expect(await lastValues(32, miner, variables)).toEqual({ 'Hardware errors': 2 });
  });

  test('miner: the history goes on under another series key, and a restart is counted', async () => {
    const variables = await variablesOf('degraded');
    expect(variables['keys']).toBe('02aabbccdd02|ip-10-0-0-7-4028');
    const [hashrate] = miner.panel(11);
    if (!hashrate) throw new Error('no panel');
    const [one] = await ask(hashrate, variables);
    expect(one?.values).toHaveLength(24);
    expect(one?.values.every(([, value]) => value === 80)).toBe(true);
    expect(await lastValues(6, miner, variables)).toEqual({ Restarts: 1 });
  });

  test('miner: an outage is a gap, and the state says so', async () => {
    const variables = await variablesOf('gone');
    const [hashrate] = miner.panel(11);
    if (!hashrate) throw new Error('no panel');
    const [one] = await ask(hashrate, variables);
    expect(one?.values.slice(12).map(([, value]) => value)).toEqual(Array(12).fill(null));
    expect(await lastValues(13, miner, variables)).toMatchObject({ Answers: 0 });
    const [state] = await read(miner.panel(1)[0]?.text ?? '', variables);
    expect(state).toEqual({ State: 'offline' });
  });

  test('miner: tables', async () => {
    const variables = await variablesOf('steady');
    const table = (id: number) => read(miner.panel(id)[0]?.text ?? '', variables);
    const identity = Object.fromEntries(
      (await table(41)).map((row) => [row['Property'], row['Value']]),
    );
    expect(identity).toMatchObject({
      Name: 'steady',
      Site: 'North',
      'Series keys': '02aabbccdd01',
    });
    expect(identity).not.toHaveProperty('Why offline');
    expect(await table(42)).toHaveLength(3);
    expect(await table(43)).toMatchObject([{ Worker: 'worker.001', Active: true }]);
    for (const query of miner.sql) await read(query.text, variables);
  });
});

/** One request a day, as InfluxDB keeps days apart. */
function perDay(lines: string[]): string[][] {
  return Object.values(
    Object.groupBy(lines, (line) => Math.floor(Number(line.slice(line.lastIndexOf(' '))) / 86_400)),
  ).filter((day) => day !== undefined);
}

function named(found: Series[], alias: string): { name: string; value: unknown }[] {
  return found.flatMap((one) =>
    one.columns.slice(1).map((column, index) => ({
      name: alias
        .replace('$col', column)
        .replaceAll(/\$tag_(\w+)/g, (_, tag: string) => one.tags[tag] ?? ''),
      value: one.values.at(-1)?.[index + 1],
    })),
  );
}
