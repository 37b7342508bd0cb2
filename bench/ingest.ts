import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import postgres from 'postgres';
import { Pool } from 'undici';
import { syncBody } from '../contract/sync.ts';
import type { ServerConfig } from '../server/config.ts';
import { addAgentKey } from '../server/features/enrolment/agent-keys.ts';
import { checkBatch } from '../server/features/ingest/check-batch.ts';
import { modelTag } from '../server/features/ingest/series-key.ts';
import { ensureDatabases } from '../server/influx/databases.ts';
import { linesOf } from '../server/influx/lines.ts';
import { openInflux } from '../server/influx/open-influx.ts';
import { startDatabases } from './databases.ts';
import { batchOf, slotsFrom } from './ingest/fleet.ts';
import { startServerProcess } from './server-process.ts';

const TARGET_RATIO = 0.5;
const TARGET_MB = 300;

export interface IngestBenchOptions {
  agents?: number;
  miners?: number;
  /**
   * Batches each agent sends in a round; a multiple of five holds as many board slots as a day does. Rounds of a second
   * or two leave influxd's compaction of one way's points to the other's turn; with 30 each pays its own.
   */
  batches?: number;
  rounds?: number;
  print?: (line: string) => void;
  /** Options for the server's Node, e.g. --cpu-prof. */
  nodeOptions?: string[];
}

export interface IngestBenchResult {
  /** Samples (one miner at one instant) stored a second: by us, and as bare lines by the same client. */
  samplesPerS: number;
  directSamplesPerS: number;
  ratio: number;
  /** Most memory the server's process has held, MB. */
  serverRssMb: number;
  ok: boolean;
}

/**
 * How fast batches go through HTTP, Postgres and InfluxDB, against writing the very same lines to the same influxd:
 * same batches, same number at once, same client. The two alternate round by round, the order too; the first
 * round warms up and is not counted. Postgres, influxd and the server are processes of this run alone.
 */
export async function run(options: IngestBenchOptions = {}): Promise<IngestBenchResult> {
  const { agents = 4, miners = 1000, batches = 30, rounds = 4, print = printLine } = options;
  await using stack = new AsyncDisposableStack();
  const { database, influxd } = await startDatabases(stack);
  const server = await startServerProcess(database.url, influxd, options.nodeOptions ?? []);
  stack.defer(() => server.stop());

  const keys = await registerAgents(database.url, agents);
  const direct = await openDirect(influxd, agents);
  stack.defer(() => direct.close());
  const http = await openHttp(server.url, keys);
  stack.defer(() => http.close());

  // Day-old, so that no sample is from the future whatever the number of rounds.
  const startS = Math.floor(Date.now() / 300_000) * 300 - 86_400;
  const spent = { direct: 0, http: 0 };
  let samples = 0;
  for (let round = 0; round < rounds; round++) {
    const slots = slotsFrom(startS + round * batches * 60, batches);
    const work = Array.from({ length: agents }, (_, agent) =>
      slots.map((slot, i) => batchOf(agent, slot, miners, round * batches + i)),
    );
    const bodies = work.map((list) =>
      list.map((batch) => gzipSync(JSON.stringify(batch), { level: 1 })),
    );
    const lines = work.map((list, agent) =>
      list.map((batch) => linesOfBatch(`agent-${agent + 1}`, syncBody.parse(batch))),
    );
    const viaHttp = () => eachAgent(bodies, (agent, body) => http.send(agent, body));
    const viaInflux = () => eachAgent(lines, (agent, text) => direct.send(agent, text));
    const order = round % 2 === 0 ? (['direct', 'http'] as const) : (['http', 'direct'] as const);
    for (const way of order) {
      const seconds = await timed(way === 'http' ? viaHttp : viaInflux);
      if (round > 0) spent[way] += seconds;
    }
    if (round > 0) samples += agents * batches * miners;
  }
  await expectStored(influxd, agents * batches * miners * rounds);

  const ratio = Number((spent.direct / spent.http).toFixed(2));
  const serverRssMb = server.peakRssMb();
  const result = {
    samplesPerS: Math.round(samples / spent.http),
    directSamplesPerS: Math.round(samples / spent.direct),
    ratio,
    serverRssMb,
    ok: ratio >= TARGET_RATIO && serverRssMb <= TARGET_MB,
  };
  print(
    `${agents} agents at once, ${miners} miners a batch, ${samples} samples in ${rounds - 1} rounds`,
  );
  print(`lines straight to influxd     ${result.directSamplesPerS} samples/s`);
  print(`HTTP + Postgres + InfluxDB    ${result.samplesPerS} samples/s`);
  print(`ratio                         ${result.ratio} (target >= ${TARGET_RATIO})`);
  print(`server memory, most           ${result.serverRssMb} MB (target <= ${TARGET_MB})`);
  return result;
}

export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** All agents at once, the batches of each one after another. */
async function eachAgent<T>(
  lists: readonly (readonly T[])[],
  send: (agent: number, item: T) => Promise<void>,
): Promise<void> {
  await Promise.all(
    lists.map(async (list, agent) => {
      for (const item of list) await send(agent, item);
    }),
  );
}

function linesOfBatch(scope: string, body: ReturnType<typeof syncBody.parse>): string[] {
  return checkBatch(body, new Date(), new Date()).samples.flatMap(({ key, timeS, sample }) =>
    linesOf(
      { site: scope, miner: key, model: modelTag(sample.manufacturer, sample.model) },
      sample,
      timeS,
    ),
  );
}

export async function registerAgents(databaseUrl: string, count: number): Promise<string[]> {
  const sql = postgres(databaseUrl, { max: 1 });
  const keys: string[] = [];
  for (let i = 0; i < count; i++) {
    const [agent] = await sql<
      { id: number }[]
    >`INSERT INTO agents (name) VALUES (${`bench ${i}`}) RETURNING id`;
    if (!agent) throw new Error('no agent');
    keys.push((await sql.begin((tx) => addAgentKey(tx, agent.id, null))).token);
  }
  await sql.end();
  return keys;
}

export function influxConfig(
  access: { url: string; user: string; password: string },
  name: string,
): ServerConfig['influx'] {
  return { ...access, database: name, rollupDatabase: `${name}_rollup` };
}

/** One client for each writer, so that each has a request of its own under way. */
async function openDirect(
  access: { url: string; user: string; password: string },
  writers: number,
) {
  const log = pino({ level: 'silent' });
  const config = influxConfig(
    { url: access.url, user: access.user, password: access.password },
    'direct',
  );
  await ensureDatabases(config, log);
  const clients = Array.from({ length: writers }, () => openInflux(config, log));
  return {
    send: async (agent: number, lines: readonly string[]) => {
      await clients[agent]?.write(config.database, lines);
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

export async function openHttp(url: string, keys: readonly string[]) {
  const pool = new Pool(url, { connections: keys.length });
  return {
    send: async (agent: number, body: Buffer) => {
      for (;;) {
        const answer = await pool.request({
          method: 'POST',
          path: '/api/agent/sync',
          headers: {
            'x-api-key': keys[agent] ?? '',
            'content-type': 'application/json',
            'content-encoding': 'gzip',
          },
          body,
        });
        const text = await answer.body.text();
        if (answer.statusCode === 200 && text.includes('"errors":[]')) return;
        // On a machine with other work a place may not be free in time: then as agents do.
        if (!text.includes('"code":"busy"')) {
          throw new Error(`sync answered ${answer.statusCode}: ${text.slice(0, 300)}`);
        }
        await sleep(Number(answer.headers['retry-after']) * 1_000);
      }
    },
    close: () => pool.close(),
  };
}

/** Both databases hold every sample once; else the numbers mean nothing. */
async function expectStored(
  access: { url: string; user: string; password: string },
  samples: number,
) {
  for (const name of ['direct', 'hashyard']) {
    const config = influxConfig(
      { url: access.url, user: access.user, password: access.password },
      name,
    );
    const influx = openInflux(config, pino({ level: 'silent' }));
    const [series] = await influx.query(name, 'SELECT count(up) FROM miner');
    await influx.close();
    const stored = Number(series?.values[0]?.[1] ?? 0);
    if (stored !== samples)
      throw new Error(`${name} holds ${stored} samples instead of ${samples}`);
  }
}
