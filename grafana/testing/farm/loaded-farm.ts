import pino from 'pino';
import type { ReservedSql, Sql } from 'postgres';
import { RAW_RETENTION_DAYS } from '../../../server/influx/databases.ts';
import { openInflux } from '../../../server/influx/open-influx.ts';
import type { Influx } from '../../../server/influx/influx.ts';
import { freshDatabase, type FreshDatabase } from '../../../tests/support/database.ts';
import { freshInflux, type FreshInflux } from '../../../tests/support/influx.ts';
import type { Stored } from '../dashboards.ts';
import type { Source } from '../queries.ts';
import { SLEEPS_SINCE } from './cast.ts';
import { fillInventory, type Inventory } from './inventory.ts';
import { rollup, type Point } from './rollup.ts';
import { samplesOf, slots, type Sample } from './samples.ts';

export interface LoadedFarm extends Inventory, Stored, AsyncDisposable {
  sql: Sql;
  samples: readonly Sample[];
  /** Everything in InfluxDB but the samples: rollups, and the measurement `agent`. */
  points: readonly Point[];
}

const ofSource = (source: Source) => (point: Point) =>
  (source === 'history') === point.measurement.endsWith('_1h');

/** A farm with 400 days behind it on databases of the test's own: a minute ago it was like this. */
export async function loadedFarm(): Promise<LoadedFarm> {
  return farmOn(await freshDatabase(), await freshInflux());
}

/** The same on an empty migrated Postgres and two empty databases of InfluxDB, which it disposes of. */
export async function farmOn(database: FreshDatabase, influxdb: FreshInflux): Promise<LoadedFarm> {
  const influx = openInflux(influxdb.config, pino({ level: 'silent' }));
  const endS = Math.floor(Date.now() / 60_000) * 60 - 60;
  const samples = samplesOf(endS);
  const inventory = await fillInventory(database.sql, samples, endS);
  const points = [
    ...rollup(samples, ({ role }) => inventory.scopes[role.site]),
    ...agentPoints(inventory, endS),
  ];
  const names = { samples: influxdb.config.database, history: influxdb.config.rollupDatabase };
  const keptFrom = endS - RAW_RETENTION_DAYS * 86_400;
  const recent = ({ timeS }: { timeS: number }) => timeS >= keptFrom;
  await write(influx, names.samples, [
    ...samples.filter(recent).flatMap((sample) => sampleLines(sample, inventory)),
    ...points.filter(ofSource('samples')).filter(recent).map(lineOf),
  ]);
  await write(influx, names.history, points.filter(ofSource('history')).map(lineOf));
  const grafana: ReservedSql = await database.sql.reserve();
  await grafana`set role hashyard_grafana`;
  return {
    ...inventory,
    sql: database.sql,
    endS,
    samples,
    points: points.filter((point) => ofSource('history')(point) || recent(point)),
    influxql: (source, text) =>
      influx.query(source === 'history' ? names.history : names.samples, text),
    rows: async (text) => [...(await grafana.unsafe(text))],
    async [Symbol.asyncDispose]() {
      grafana.release();
      await influx.close();
      await influxdb[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

const pairs = (fields: Readonly<Record<string, number | string>>) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');

function lineOf({ measurement, tags, fields, timeS }: Point): string {
  return `${measurement},${pairs(tags)} ${pairs(fields)} ${timeS}`;
}

function sampleLines({ role, key, model, timeS, fields }: Sample, { scopes }: Inventory): string[] {
  const tags = { miner: key, model, site: scopes[role.site] };
  const lines = [lineOf({ measurement: 'miner', tags, fields, timeS })];
  if (fields['up'] !== 1 || timeS % 300 !== 0) return lines;
  for (let board = 0; board < role.boards; board += 1) {
    const values = {
      hashrate_ths: role.hashrateThs / role.boards,
      ...(role.chipC === null
        ? {}
        : { temp_chip_c: role.chipC + board, temp_board_c: role.chipC - 10 + board }),
    };
    lines.push(
      lineOf({
        measurement: 'board',
        tags: { board: String(board), ...tags },
        fields: values,
        timeS,
      }),
    );
  }
  return lines;
}

/** What the server notes of each agent every minute. */
function agentPoints({ agents, scopes }: Inventory, endS: number): Point[] {
  const site = {
    north: scopes.North,
    east: scopes.East,
    sleeper: scopes.East,
    south: scopes.South,
  };
  return slots(endS).flatMap((timeS) => {
    const minutesAgo = (endS - timeS) / 60;
    return (['north', 'east', 'sleeper', 'south'] as const).map((name) => ({
      measurement: 'agent',
      tags: { agent: `agent-${agents[name]}`, site: site[name] },
      timeS,
      fields: {
        silence_s:
          name === 'sleeper' && minutesAgo < SLEEPS_SINCE ? (SLEEPS_SINCE - minutesAgo) * 60 : 20,
        quarantined: minutesAgo < 60 ? 3 : 0,
        refused: 0,
        pending: name === 'south' && minutesAgo < 30 ? 2 : 0,
        ...(name === 'south'
          ? {}
          : {
              backlog_batches: name === 'east' ? Math.max(0, 90 - minutesAgo) : 0,
              backlog_bytes: name === 'east' ? 1000 * Math.max(0, 90 - minutesAgo) : 0,
              backlog_age_s: name === 'east' && minutesAgo < 90 ? (90 - minutesAgo) * 60 : 0,
              clock_error_ms: 120,
              cycle_ms: 30_000,
              cycle_miners: 7,
              cycle_reachable: 6,
              gap_samples: name === 'east' && minutesAgo < 100 ? 30 : 0,
              scan_identified: 7,
              scan_unknown: 1,
              scan_silent: 240,
              scan_refused: 2,
            }),
      },
    }));
  });
}

/** One request for each day, as InfluxDB keeps days apart. */
async function write(influx: Influx, database: string, lines: string[]): Promise<void> {
  const days = Map.groupBy(lines, (line) =>
    Math.floor(Number(line.slice(line.lastIndexOf(' '))) / 86_400),
  );
  let batch: string[] = [];
  for (const day of days.values()) {
    batch.push(...day);
    if (batch.length < 5000) continue;
    for (let at = 0; at < batch.length; at += 10_000)
      await influx.write(database, batch.slice(at, at + 10_000));
    batch = [];
  }
  if (batch.length > 0) await influx.write(database, batch);
}
