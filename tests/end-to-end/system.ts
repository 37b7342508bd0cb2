import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { Sql } from 'postgres';
import type { SyncRequest } from '#contract/sync.ts';
import { logIn } from '../../simulator/demo/api.ts';
import { startFarm, type Farm, type FarmOptions } from '../../simulator/farm.ts';
import {
  startAgentProcess,
  type AgentEvent,
  type AgentProcess,
} from '../../simulator/services/agent-process.ts';
import { startInfluxd, type InfluxService } from '../../simulator/services/influxd.ts';
import { askInflux, type InfluxRows } from '../../simulator/services/influxql.ts';
import { startServerProcess, type ServerProcess } from '../../simulator/services/server-process.ts';
import { hashPassword } from '../../server/features/people/password.ts';
import { freshDatabase } from '../support/database.ts';

/** Enough for a loaded machine; what is waited for is a state, never a time. */
const PATIENCE_MS = 100_000;
const PASSWORD = 'correct horse battery';

/** Everything between a miner's socket and the databases, each part a process of its own that can be killed. */
export interface System extends AsyncDisposable {
  sql: Sql;
  farm: Farm;
  /** Of the agent's site. */
  scope: string;
  apiKey: string;
  serverUrl: string;
  /** Samples it has made, and been told are stored, as it logs them. */
  agent: { polled: number; acknowledged: number };
  influx(query: string): Promise<InfluxRows[]>;
  /** Files of the batches on the agent's disk. */
  queued(): Promise<string[]>;
  /** Samples in them. */
  held(): Promise<number>;
  killServer: () => Promise<void>;
  startServer: () => Promise<void>;
  killInflux: () => Promise<void>;
  startInflux: () => Promise<void>;
  /** In order: what it holds in memory reaches its disk, and the server if that answers. */
  stopAgent: () => Promise<void>;
}

/** `buildAgent` has run. Range: any /24 of 127.0.0.0/8 no other test uses. */
export async function startSystem(farmOptions: FarmOptions): Promise<System> {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'hashyard-end-to-end-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  await chmod(dir, 0o711);
  const database = stack.use(await freshDatabase());
  const { sql } = database;

  // An InfluxDB of this system's own: the others' tests must not feel it being killed.
  let influx: InfluxService = await startInfluxd({ dir: join(dir, 'influxdb') });
  stack.defer(() => influx.stop());
  const environment = {
    DATABASE_URL: database.url,
    INFLUX_URL: influx.url,
    INFLUX_USER: influx.user,
    INFLUX_PASSWORD: influx.password,
  };
  let server: ServerProcess = await startServerProcess({ dir: join(dir, 'server'), environment });
  stack.defer(() => server.stop());

  await sql`insert into users (username, role, password_hash)
    values ('admin', 'admin', ${await hashPassword(PASSWORD)})`;
  const api = await logIn(server.url, 'admin', PASSWORD);
  const site = await api.createSite('North', 'Hall 1');
  const { api_key: apiKey } = await api.registerAgent('agent-north', site.id);

  const farm = await startFarm(farmOptions);
  stack.defer(() => farm.close());
  const counts = { polled: 0, acknowledged: 0 };
  const agentDir = join(dir, 'agent');
  const agent: AgentProcess = await startAgentProcess({
    dir: agentDir,
    config: {
      server_url: server.url,
      api_key: apiKey,
      network_cidr: farmOptions.range,
      poll_interval: 1,
      scan_interval: 5,
    },
    onEvent(event: AgentEvent) {
      if (event.event === 'polled') counts.polled += event.miners - event.skipped;
      if (event.event === 'acknowledged') counts.acknowledged += event.samples;
    },
  });
  stack.defer(() => agent.stop());

  const serverPort = Number(new URL(server.url).port);
  const influxPort = Number(new URL(influx.url).port);
  const queueDir = join(agentDir, 'queue');
  const queued = async () =>
    (await readdir(queueDir))
      .filter((name) => name.endsWith('.json.gz'))
      .map((name) => join(queueDir, name));
  const owned = stack.move();
  return {
    sql,
    farm,
    scope: `site-${site.id}`,
    apiKey,
    serverUrl: server.url,
    agent: counts,
    influx: (query) => askInflux(influx, 'hashyard', query),
    queued,
    async held() {
      let samples = 0;
      for (const file of await queued()) {
        const body = JSON.parse(gunzipSync(await readFile(file)).toString()) as SyncRequest;
        samples += body.miner_stats?.length ?? 0;
      }
      return samples;
    },
    killServer: () => server.kill(),
    async startServer() {
      server = await startServerProcess({
        dir: join(dir, 'server'),
        environment,
        port: serverPort,
      });
    },
    killInflux: () => influx.kill(),
    async startInflux() {
      influx = await startInfluxd({ dir: join(dir, 'influxdb'), port: influxPort });
    },
    stopAgent: () => agent.stop(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Waits for a state; throws, saying what was waited for, when it does not come. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}`);
    await sleep(100);
  }
}
