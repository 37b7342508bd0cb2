import { pino } from 'pino';
import postgres from 'postgres';
import { dashboards, show, type Stored } from '../grafana/testing/dashboards.ts';
import type { PanelJson } from '../grafana/testing/queries.ts';
import { intervalOf, RANGES, type Range } from '../grafana/testing/ranges.ts';
import { migrate } from '../migrations/migrate.ts';
import { ensureDatabases } from '../server/influx/databases.ts';
import { openInflux } from '../server/influx/open-influx.ts';
import { startDatabases } from './databases.ts';
import { fillInflux, fillPostgres, keyOf, siteOf, WATCHED, type Size } from './query/farm.ts';
import { NAIVE, NAIVE_ARRIVALS } from './query/naive.ts';

/** A panel may take this share of the naive query's time. */
const TARGET = 1 / 20;
const MINER_TARGET_MS = 100;
const TIMES = 3;

export interface QueryBenchOptions {
  miners?: number;
  sites?: number;
  days?: number;
  rawHours?: number;
  print?: (line: string) => void;
}

/** A query of raw samples that may take minutes, which the server's own client does not wait for. */
type Patiently = (text: string) => Promise<void>;
const PATIENCE_MS = 15 * 60_000;

interface Measured {
  dashboard: string;
  panel: PanelJson;
  range: Range;
  ms: number;
  naiveMs: number;
}

/**
 * How long each panel of Fleet, Site and Pipeline takes for a day and for 30, against the naive query of the raw samples for the
 * same picture in the same run, and each panel of Miner for 7 days beside a trivial query. Raw samples of all miners are written for some
 * hours only, the naive times of charts are multiplied up to the range (the work grows with the samples); those of the newest
 * values are taken as they are. Postgres and influxd are processes of this run alone.
 */
export async function run(options: QueryBenchOptions = {}): Promise<{ ok: boolean }> {
  const { miners = 10_000, sites = 20, days = 30, rawHours = 1 } = options;
  const size: Size = { miners, sites, days, rawHours };
  const print = options.print ?? ((line: string) => void process.stdout.write(`${line}\n`));
  await using stack = new AsyncDisposableStack();
  const { database: cluster, influxd } = await startDatabases(stack, { durable: false });
  const log = pino({ level: 'silent' });
  const config = { ...influxd, database: 'bench', rollupDatabase: 'bench_rollup' };
  await ensureDatabases(config, log);
  const influx = stack.adopt(openInflux(config, log), (one) => one.close());
  const sql = stack.adopt(postgres(cluster.url, { max: 2, onnotice: () => undefined }), (one) =>
    one.end(),
  );
  await migrate(sql);

  const endS = Math.floor(Date.now() / 60_000) * 60 - 60;
  await fillPostgres(sql, size, endS);
  await fillInflux(influx, config, size, endS, (what, points, seconds) => {
    print(`${what}: ${points} points in ${seconds.toFixed(0)} s`);
  });
  const stored: Stored = {
    endS,
    influxql: (source, text) =>
      influx.query(source === 'history' ? config.rollupDatabase : config.database, text),
    rows: async (text) => [...(await sql.unsafe(text))],
  };

  const authorization = `Basic ${Buffer.from(`${config.user}:${config.password}`).toString('base64')}`;
  const patiently: Patiently = async (q) => {
    const answer = await fetch(`${config.url}/query?db=${config.database}&epoch=s`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({ q }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await answer.text();
    if (!answer.ok || text.includes('"error"'))
      throw new Error(`InfluxDB refused ${q}: ${text.slice(0, 300)}`);
  };

  const measured: Measured[] = [];
  for (const dashboard of ['fleet', 'site', 'pipeline']) {
    for (const range of ['24 h', '30 d'] as const)
      measured.push(...(await measure(stored, patiently, size, dashboard, range)));
  }
  print(
    `\n${miners} miners, ${sites} sites; ms, median of ${TIMES}; naive over ${rawHours} h of samples, multiplied up for charts`,
  );
  print(
    'dashboard  range   panel                                          ms      naive ms  share',
  );
  for (const { dashboard, range, panel, ms, naiveMs } of measured) {
    const share = ms / naiveMs;
    print(
      `${dashboard.padEnd(10)} ${range.padEnd(6)} ${panel.title.slice(0, 40).padEnd(41)} ${ms.toFixed(1).padStart(8)} ${naiveMs.toFixed(0).padStart(13)}  1/${Math.round(1 / share)}${share <= TARGET ? '' : `  MISSED, target 1/${1 / TARGET}`}`,
    );
  }
  const trivialMs = await median(() =>
    stored.influxql(
      'samples',
      `SELECT last("up") FROM "miner" WHERE "miner" = '${keyOf(WATCHED)}'`,
    ),
  );
  print(`\none miner, 7 d; a trivial query takes ${trivialMs.toFixed(1)} ms`);
  let slow = 0;
  const shown = await show(stored, 'miner', '7 d', { miner: String(WATCHED) });
  for (const panel of drawn('miner')) {
    const ms = await median(() => ask(shown, panel));
    if (ms > MINER_TARGET_MS) slow += 1;
    print(
      `${panel.title.slice(0, 40).padEnd(41)} ${ms.toFixed(1).padStart(8)} ms  ${(ms / trivialMs).toFixed(0).padStart(4)} times the trivial${ms > MINER_TARGET_MS ? `  MISSED, target ${MINER_TARGET_MS} ms` : ''}`,
    );
  }
  const missed = measured.filter(({ ms, naiveMs }) => ms / naiveMs > TARGET).length;
  print(
    `\n${missed} of ${measured.length} panels missed 1/${1 / TARGET}, ${slow} of Miner ${MINER_TARGET_MS} ms`,
  );
  return { ok: missed === 0 && slow === 0 };
}

const drawn = (name: string) => dashboards[name]?.panels.filter(({ type }) => type !== 'row') ?? [];
const ask = async (shown: Awaited<ReturnType<typeof show>>, panel: PanelJson) => {
  if (panel.targets?.some(({ rawSql }) => rawSql !== undefined && panel.type !== 'timeseries'))
    await shown.table(panel);
  else await shown.lines(panel);
};

async function measure(
  stored: Stored,
  patiently: Patiently,
  size: Size,
  dashboard: string,
  range: Range,
): Promise<Measured[]> {
  const site = siteOf(WATCHED, size.sites);
  const shown = await show(stored, dashboard, range, dashboard === 'site' ? { site } : {});
  const naive = new Map<string, number>();
  const found: Measured[] = [];
  for (const panel of drawn(dashboard)) {
    // Repeated for each site: one of them.
    if (panel.repeat !== undefined) shown.variables['site'] = site;
    const ms = await median(() => ask(shown, panel));
    if (panel.repeat !== undefined) shown.variables['site'] = { all: '.*' };
    const ofSite = dashboard === 'site' || panel.repeat !== undefined;
    const texts = dashboard === 'pipeline' || panel.id === 52 ? NAIVE_ARRIVALS : NAIVE[panel.id];
    if (!texts) throw new Error(`No naive query for panel ${panel.id} of ${dashboard}`);
    let naiveMs = 0;
    for (const text of texts) {
      const key = `${ofSite} ${text}`;
      const known =
        naive.get(key) ??
        (await naively(stored, patiently, size, range, text, ofSite ? site : null));
      naive.set(key, known);
      naiveMs += known;
    }
    found.push({ dashboard, panel, range, ms, naiveMs });
  }
  return found;
}

/** Once: it is long enough. Charts are multiplied up to the range, newest values are not. */
async function naively(
  stored: Stored,
  patiently: Patiently,
  { rawHours }: Size,
  range: Range,
  text: string,
  site: string | null,
): Promise<number> {
  const fromS = stored.endS - rawHours * 3600;
  const where = `time > ${fromS}s AND time <= ${stored.endS}s${site === null ? '' : ` AND "site" = '${site}'`}`;
  const query = text.replaceAll('@', where).replaceAll('#', `${intervalOf(RANGES[range])}s`);
  const ms = await timed(() => patiently(query));
  const isNewest = text.startsWith('SELECT last(');
  return isNewest ? ms : (ms * RANGES[range]) / (rawHours * 3600);
}

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let time = 0; time < TIMES; time += 1) times.push(await timed(work));
  return times.sort((a, b) => a - b)[Math.floor(TIMES / 2)] ?? 0;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
