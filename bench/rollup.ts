import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { syncBody } from '../contract/sync.ts';
import { migrate } from '../migrations/migrate.ts';
import { buildApp } from '../server/app.ts';
import type { Deps } from '../server/deps.ts';
import { checkBatch } from '../server/features/ingest/check-batch.ts';
import { linesOfSample } from '../server/features/ingest/lines-of-sample.ts';
import { makeGuard } from '../server/features/people/guard.ts';
import { markBegun, markWritten, type Mark } from '../server/features/rollups/marks.ts';
import { makeRollups } from '../server/features/rollups/rollups.ts';
import { ensureDatabases } from '../server/influx/databases.ts';
import { openInflux } from '../server/influx/open-influx.ts';
import { openPostgres } from '../server/resources/postgres.ts';
import { startDatabases } from './databases.ts';
import { influxConfig, openHttp, printLine, registerAgents } from './ingest.ts';
import { batchOf, slotsFrom } from './ingest/fleet.ts';

const TARGET_SHARE = 0.15;
const TARGET_BACKLOG_S = 300;
const HOUR_S = 3600;
/** Minutes that are not counted. */
const WARM_UP = 2;
/** Processor seconds in a fifth of a second; the databases take less when they have nothing to do. */
const BUSY_S = 0.02;
/** Batches sent at once: as many as the server works on. */
const AT_ONCE = 3;
/** The leader waits so long after the last batch, and so long between rounds of a backlog. */
const QUIET_S = 10;
const PAUSE_MS = 250;

export interface RollupBenchOptions {
  agents?: number;
  miners?: number;
  backlogHours?: number;
  print?: (line: string) => void;
}

export interface RollupBenchResult {
  /** Processor time of the rollups, parts of that of ingest without them: server, Postgres and InfluxDB together. */
  share: number;
  /** Seconds from the arrival of the last batch to the last point. */
  backlogS: number;
  ok: boolean;
}

/**
 * What rollups cost: an hour of live batches through HTTP, minute by minute on a clock of the benchmark's own, with a
 * round of the rollups after each, in one run; then a backlog of one more site. Processor time is that of all
 * processes (this one holds the server). What a sync does for the rollups is done a second time to measure it.
 */
export async function run(options: RollupBenchOptions = {}): Promise<RollupBenchResult> {
  const { agents = 10, miners = 1000, backlogHours = 24, print = printLine } = options;
  await using stack = new AsyncDisposableStack();
  const { database, influxd } = await startDatabases(stack);

  const startS = Math.floor(Date.now() / 1000 / HOUR_S) * HOUR_S - 48 * HOUR_S;
  const now = { s: startS };
  const deps = await openDeps(stack, database.url, influxd, () => new Date(now.s * 1000));
  const app = stack.adopt(await buildApp(deps), (built) => built.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const http = await openHttp(url, await registerAgents(database.url, agents + 1));
  stack.defer(() => http.close());
  const rollups = makeRollups(deps);

  const spent = { ingest: 0, marks: 0, rollups: 0 };
  const minutes = slotsFrom(startS, 62);
  for (const [index, slotS] of minutes.entries()) {
    const batches = Array.from({ length: agents }, (_, agent) =>
      batchOf(agent, slotS, miners, index),
    );
    const bodies = batches.map((batch) => gzipSync(JSON.stringify(batch), { level: 1 }));
    const checked = batches.map(
      (batch) => checkBatch(syncBody.parse(batch), deps.clock(), deps.clock()).samples,
    );
    now.s = slotS + 5;
    const ingest = await cpuOf(() => inParallel(bodies, (body, agent) => http.send(agent, body)));
    const made: Mark[] = [];
    const marks = await cpuOf(() =>
      inParallel(checked, async (samples) => {
        const times = samples.map(({ timeS }) => timeS);
        const some = await deps.sql.begin((tx) => markBegun(tx, 'bench', times, deps.clock()));
        await markWritten(deps.sql, some, samples, deps.clock());
        made.push(...some);
      }),
    );
    await deps.sql`DELETE FROM rollup_marks WHERE id = ANY(${made.map(({ id }) => id)}::bigint[])`;
    now.s = slotS + 31;
    const round = await cpuOf(() => rollups.round());
    // The first minute makes ten thousand miners; after it the leader reads what it does not remember.
    if (index < WARM_UP) continue;
    spent.ingest += ingest;
    spent.marks += marks;
    spent.rollups += round;
  }
  await expectHour(deps, startS, agents, miners);
  const share = (spent.marks + spent.rollups) / (spent.ingest - spent.marks);

  const backlog = {
    agent: agents,
    fromS: startS - (backlogHours + 2) * HOUR_S,
    hours: backlogHours,
    miners,
  };
  const scope = `agent-${agents + 1}`;
  await storeBacklog(deps, scope, backlog);
  now.s += QUIET_S;
  const began = performance.now();
  while ((await rollups.round()) !== 'idle') await sleep(PAUSE_MS);
  const backlogS = QUIET_S + (performance.now() - began) / 1000;
  await expectBacklog(deps, scope, backlog);

  const perSample = (seconds: number) =>
    ((seconds * 1e6) / (agents * miners * (minutes.length - WARM_UP))).toFixed(1);
  const result = {
    share: Number(share.toFixed(3)),
    backlogS: Math.round(backlogS),
    ok: share <= TARGET_SHARE && backlogS <= TARGET_BACKLOG_S,
  };
  print(
    `${agents * miners} miners, ${minutes.length - WARM_UP} live minutes; processor time a sample:`,
  );
  print(`ingest without rollups        ${perSample(spent.ingest - spent.marks)} µs`);
  print(`handing over to the rollups   ${perSample(spent.marks)} µs`);
  print(`rollups                       ${perSample(spent.rollups)} µs`);
  print(
    `share                         ${(100 * share).toFixed(1)} % (target <= ${100 * TARGET_SHARE} %)`,
  );
  print(
    `backlog of ${backlogHours} h, ${miners} miners  ${result.backlogS} s after its arrival (target <= ${TARGET_BACKLOG_S} s)`,
  );
  return result;
}

async function openDeps(
  stack: AsyncDisposableStack,
  databaseUrl: string,
  influxd: { url: string; user: string; password: string },
  clock: () => Date,
): Promise<Deps> {
  const log = pino({ level: 'silent' });
  const access = { url: influxd.url, user: influxd.user, password: influxd.password };
  const config = {
    databaseUrl,
    influx: influxConfig(access, 'hashyard'),
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    grafanaUrl: undefined,
    trustProxy: [],
    logLevel: 'silent' as const,
  };
  const sql = stack.adopt(openPostgres(databaseUrl, log), (pool) => pool.end({ timeout: 1 }));
  await migrate(sql);
  await ensureDatabases(config.influx, log);
  const influx = stack.adopt(openInflux(config.influx, log), (client) => client.close());
  return {
    sql,
    influx,
    guard: makeGuard({ sql, clock, publicUrl: undefined }),
    config,
    log,
    clock,
  };
}

/** A few at once, by index. */
async function inParallel<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [index, item] of queue) await work(item, index);
    }),
  );
}

/**
 * Processor seconds of this process while `work` went on, and of all processes below it until they have become quiet: an
 * hour of syncs goes by in minutes, and what InfluxDB still compacts of them is theirs, not of what comes next.
 */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = cpuBelow();
  const start = process.cpuUsage();
  await work();
  const own = process.cpuUsage(start);
  let after = cpuBelow();
  for (let looks = 0; looks < 100; looks++) {
    await sleep(200);
    const now = cpuBelow();
    const isQuiet = now - after < BUSY_S;
    after = now;
    if (isQuiet) break;
  }
  return (own.user + own.system) / 1e6 + after - before;
}

/** Processor seconds of the processes this one has started, and of theirs. Linux counts hundredths. */
function cpuBelow(): number {
  const processes = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.split(') ').at(-1)?.split(' ') ?? [];
      // With the children that have ended.
      const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
      processes.set(Number(name), { parent: Number(fields[1]), ticks });
    } catch {
      // It has just ended.
    }
  }
  const isBelow = (pid: number): boolean => {
    const parent = processes.get(pid)?.parent;
    return parent === process.pid || (parent !== undefined && parent > 1 && isBelow(parent));
  };
  let ticks = 0;
  for (const [pid, one] of processes) if (isBelow(pid)) ticks += one.ticks;
  return ticks / 100;
}

async function expectHour(
  { influx, config }: Deps,
  hourS: number,
  agents: number,
  miners: number,
): Promise<void> {
  const { database, rollupDatabase } = config.influx;
  const at = `time >= ${hourS}s AND time < ${hourS + HOUR_S}s`;
  await expectOne(
    influx,
    rollupDatabase,
    `SELECT count("samples") FROM "miner_1h" WHERE ${at}`,
    agents * miners,
  );
  await expectOne(
    influx,
    rollupDatabase,
    `SELECT sum("samples") FROM "miner_1h" WHERE ${at}`,
    agents * miners * 60,
  );
  await expectOne(
    influx,
    rollupDatabase,
    `SELECT sum("miners_seen") FROM "fleet_1h" WHERE ${at}`,
    agents * miners,
  );
  await expectOne(
    influx,
    database,
    `SELECT sum("miners_seen") FROM "fleet_agg" WHERE ${at}`,
    agents * miners * 60,
  );
}

interface Backlog {
  agent: number;
  fromS: number;
  hours: number;
  miners: number;
}

/** As syncs do it, without their limits for one agent. */
async function storeBacklog(
  deps: Deps,
  scope: string,
  { agent, fromS, hours, miners }: Backlog,
): Promise<void> {
  for (const [seq, slotS] of slotsFrom(fromS, hours * 60).entries()) {
    const body = syncBody.parse(batchOf(agent, slotS, miners, seq));
    const { samples } = checkBatch(body, deps.clock(), deps.clock());
    const marks = await deps.sql.begin((tx) => markBegun(tx, scope, [slotS], deps.clock()));
    const lines = samples.flatMap((sample) => linesOfSample(scope, sample));
    await deps.influx.write(
      deps.config.influx.database,
      lines.map(({ text }) => text),
    );
    await markWritten(deps.sql, marks, samples, deps.clock());
  }
}

/** Every point is there, and holds what InfluxDB adds up itself. */
async function expectBacklog(
  { influx, config }: Deps,
  scope: string,
  { fromS, hours, miners }: Backlog,
): Promise<void> {
  const { database, rollupDatabase } = config.influx;
  const site = `"site" = '${scope}'`;
  await expectOne(
    influx,
    database,
    `SELECT count("miners_seen") FROM "site_agg" WHERE ${site}`,
    hours * 60,
  );
  await expectOne(
    influx,
    rollupDatabase,
    `SELECT sum("samples") FROM "miner_1h" WHERE ${site}`,
    hours * 60 * miners,
  );
  for (const minute of [0, 59, 60, hours * 60 - 1]) {
    const at = `${site} AND time = ${fromS + minute * 60}s`;
    const [series] = await influx.query(database, `SELECT sum("power_w") FROM "miner" WHERE ${at}`);
    await expectOne(
      influx,
      database,
      `SELECT sum("power_w") FROM "site_agg" WHERE ${at}`,
      Number(series?.values[0]?.[1]),
    );
  }
}

async function expectOne(
  influx: Deps['influx'],
  database: string,
  influxql: string,
  expected: number,
): Promise<void> {
  const [series] = await influx.query(database, influxql);
  const value = Number(series?.values[0]?.[1] ?? 0);
  if (Math.abs(value - expected) > 0.5)
    throw new Error(`${influxql}: ${value} instead of ${expected}`);
}
