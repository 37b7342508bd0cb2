import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../tests/support/server.ts';
import { sync } from '../../tests/support/sync.ts';
import { writeAgentMetrics } from '../features/agents/metrics.ts';
import { makeRollups } from '../features/rollups/rollups.ts';

/**
 * docs/samples.md against what is in InfluxDB after miners and an agent that report everything have been heard for two
 * hours: what is written and not on the page is as wrong as what is on the page and never written.
 */

const PAGES = ['docs/samples.md', 'docs/ru/samples.md'];
const HOUR_S = Math.floor(Date.now() / 3_600_000) * 3600 - 72 * 3600;

/** Words in code style. */
const named = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);

const iso = (timeS: number) => new Date(timeS * 1000).toISOString();

let server: TestServer;
let now = HOUR_S;
const written = new Map<string, { database: string; fields: string[]; tags: string[] }>();

beforeAll(async () => {
  server = await startTestServer({ clock: () => new Date(now * 1000) });
  const { apiKey } = await server.registerAgent('a');
  for (let minute = 0; minute < 3; minute++) {
    const at = HOUR_S + minute * 60;
    now = at + 5;
    const board = {
      slot: 0,
      hash_rate: 33,
      expected_hash_rate: 34,
      temp_chip: 70,
      temp_board: 60,
      chips: 108,
      chips_good: 107,
      frequency_mhz: 500,
      voltage_v: 13.2,
      power_w: 1000,
      hw_errors: 1,
    };
    const sample = {
      ip_address: '10.0.0.1',
      timestamp: iso(at),
      manufacturer: 'AntMiner',
      model: 'S19',
      reachable: true,
      hash_rate: 100,
      hash_rate_avg: 99,
      expected_hash_rate: 104,
      power_consumption: 3000,
      temperature: 75,
      temp_chip: 75,
      temp_board: 60,
      temp_env: 20,
      temp_fluid_in: 30,
      temp_fluid_out: 40,
      fan_speed: 6000,
      fans: [6000, 5900, 5800, 5700, 5600, 5500, 5400, 5300],
      accepted_shares: 100 + minute,
      rejected_shares: 10 + minute,
      stale_shares: 5 + minute,
      pool_switches: 0.5,
      hw_errors: 3 + minute,
      uptime_s: 1000 + minute * 60,
      restarted: minute === 2,
      mining: true,
      power_limit_w: 3500,
      duration_ms: 120,
      boards: [board],
    };
    const answer = await sync(server, apiKey, {
      miner_stats: [sample],
      batch: { queue: '00000000-0000-4000-8000-000000000001', seq: minute },
      agent: {
        version: '1',
        boot: 'b',
        backlog: { batches: 1, bytes: 10, oldest: iso(at) },
        clock_error_ms: 3,
        queue: { state: 'disk', in_memory: 0, dead: 0, damaged: 0, last_error: null },
        cycle: { at: iso(at), duration_ms: 500, miners: 1, reachable: 1, interval_s: 60 },
      },
      scan: {
        started_at: iso(at - 30),
        finished_at: iso(at),
        ranges: ['10.0.0.0/30'],
        addresses: 4,
        identified: 1,
        unknown: 1,
        silent: 1,
        refused: 1,
        excluded: 0,
        unknown_devices: [],
      },
    });
    if (answer.body.errors.length > 0) throw new Error(answer.body.errors.join('\n'));
  }
  await writeAgentMetrics(server.deps);
  now = HOUR_S + 2 * 3600;
  const rollups = makeRollups(server.deps);
  for (let round = 0; round < 4; round++) await rollups.round();

  const { influx, config } = server.deps;
  for (const database of [config.influx.database, config.influx.rollupDatabase]) {
    const first = async (statement: string) =>
      (await influx.query(database, statement)).flatMap(({ values }) =>
        values.map((row) => String(row[0])),
      );
    for (const name of await first('SHOW MEASUREMENTS')) {
      written.set(name, {
        database,
        fields: (await first(`SHOW FIELD KEYS FROM "${name}"`)).toSorted(),
        tags: (await first(`SHOW TAG KEYS FROM "${name}"`)).toSorted(),
      });
    }
  }
});
afterAll(() => server[Symbol.asyncDispose]());

test.each(PAGES)(
  '%s names every measurement, field and tag that is written, and no other',
  (path) => {
    const page = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    // A heading names the measurements, the table below it their fields.
    const fields = new Map(
      page
        .split(/^## /m)
        .map((section) => [section.split('\n')[0] ?? '', section] as const)
        .flatMap(([heading, section]) => {
          const rows = [
            ...section.matchAll(/^\| `(\w+)` \| [^|]+ \| [^|]+ \| \d+\.\d+\.\d+ \|$/gm),
          ];
          return named(heading).map((name) => [
            name,
            rows.map(([, field = '']) => field).toSorted(),
          ]);
        }),
    );
    const inInflux = [...written].map(([name, one]) => [name, one.fields] as const);
    expect(Object.fromEntries(fields)).toEqual(Object.fromEntries(inInflux));

    const tags = [...page.matchAll(/^\| `(\w+)` \| [^|]+ \|$/gm)].map(([, tag]) => tag);
    const allTags = new Set([...written.values()].flatMap((one) => one.tags));
    expect(new Set(tags)).toEqual(allTags);

    const places = [...page.matchAll(/^\| `(hashyard\w*)` \| [^|]+ \| ([^|]+) \|$/gm)];
    const { database, rollupDatabase } = server.deps.config.influx;
    const names = new Map([
      ['hashyard', database],
      ['hashyard_rollup', rollupDatabase],
    ]);
    const listed = places.flatMap(([, place = '', list = '']) =>
      named(list).map((name) => [name, names.get(place)]),
    );
    const placed = [...written].map(([name, one]) => [name, one.database]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(placed));
  },
);

test('each measurement has the tags the page says it has', () => {
  const tags = Object.fromEntries([...written].map(([name, one]) => [name, one.tags.join(' ')]));
  expect(tags).toEqual({
    miner: 'miner model site',
    board: 'board miner model site',
    agent: 'agent site',
    site_agg: 'algo site',
    model_agg: 'algo model site',
    fleet_agg: 'algo',
    miner_1h: 'algo miner model site',
    site_1h: 'algo site',
    fleet_1h: 'algo',
  });
});
