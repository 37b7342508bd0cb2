import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { MIXES } from '../all-models.ts';
import { startFarm, type Farm } from '../farm.ts';
import { buildAgent, startAgentProcess, type AgentProcess } from '../services/agent-process.ts';
import { startInfluxd } from '../services/influxd.ts';
import { refuseTakenPort } from '../services/ports.ts';
import { startPostgres } from '../services/postgres.ts';
import { PROJECT } from '../services/project.ts';
import { startServerProcess, type ServerEnvironment } from '../services/server-process.ts';
import { logIn } from './api.ts';
import { queueHistory } from './history.ts';
import type { Words } from './words.ts';

const run = promisify(execFile);

const MINERS_PER_SITE = 40;
const HISTORY_MS = 24 * 3600 * 1000;
/** Short, so that what is seen moves. */
const POLL_INTERVAL_S = 15;
const SCAN_INTERVAL_S = 60;
const DATABASE = 'hashyard';
const ADMINISTRATOR = 'admin';

export interface DemoSite {
  id: number;
  farm: Farm;
}

export interface Demo {
  /** For people. */
  url: string;
  password: string;
  environment: ServerEnvironment;
  sites: DemoSite[];
  /** Samples of the past that lay in the queues when the agents started. */
  historySamples: number;
  /** No live sample is older. */
  liveSince: Date;
  /** Samples all agents have been told are stored. */
  acknowledged(): number;
  /** Ends the polling; what is on the way arrives first. */
  stopAgents(): Promise<void>;
  /** Resolves with what happened when a part ends by itself. */
  broken: Promise<string>;
}

export interface DemoOptions {
  dir: string;
  /** Without it a free one. */
  port?: number;
  /** Site n lives on 127.20.(thirdOctet + n).0/24. */
  thirdOctet: number;
  words: Words;
  /** Told of each step that is done. */
  say: (line: string) => void;
  /** Takes over the end of everything that is started, at once. */
  release: AsyncDisposableStack;
}

const SITES = [
  { name: 'North', location: 'Hall 1–2', models: MIXES.usual },
  { name: 'South', location: 'Containers A–D', models: MIXES.mixed },
] as const;

/** Starts the whole system on this machine. What was started before a failure ends with `release`. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { dir, words, say, release } = options;
  if (options.port !== undefined) await refuseTakenPort(options.port);
  await mkdir(dir, { recursive: true });
  // Root's Postgres runs as somebody else, who must get through.
  await chmod(dir, 0o711);

  const building = Promise.all([buildAgent(), buildAdminPage()]).then(() => say(words.built));
  const own = <T extends { described: string; stop: () => Promise<void> }>(service: T): T => {
    say(service.described);
    return release.adopt(service, () => service.stop());
  };
  const [database, influx] = await Promise.all([
    startPostgres({ dir: join(dir, 'postgres') }).then(own),
    startInfluxd({ dir: join(dir, 'influxdb') }).then(own),
  ]);

  const environment: ServerEnvironment = {
    DATABASE_URL: await createDatabase(database.url),
    INFLUX_URL: influx.url,
    INFLUX_USER: influx.user,
    INFLUX_PASSWORD: influx.password,
  };
  await building;
  const server = await startServerProcess({
    dir: join(dir, 'server'),
    environment,
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  release.defer(() => server.stop());
  const password = randomBytes(12).toString('base64url');
  await createAdministrator(environment, password);
  say(words.serverReady);

  const api = await logIn(server.url, ADMINISTRATOR, password);
  const farms: { name: string; id: number; farm: Farm; range: string; key: string }[] = [];
  for (const [index, { name, location, models }] of SITES.entries()) {
    const range = `127.20.${options.thirdOctet + index}.0/24`;
    const farm = await startFarm({
      range,
      miners: MINERS_PER_SITE,
      seed: index + 1,
      models,
      faults: 'typical',
    });
    release.defer(() => farm.close());
    const { id } = await api.createSite(name, location);
    const { api_key: key } = await api.registerAgent(`agent-${name.toLowerCase()}`, id);
    farms.push({ name, id, farm, range, key });
    say(words.farm(name, MINERS_PER_SITE, range));
  }

  const to = new Date(Date.now() - 60_000);
  const from = new Date(to.getTime() - HISTORY_MS);
  let historySamples = 0;
  for (const { name, farm } of farms) {
    const queueDir = join(dir, name.toLowerCase(), 'queue');
    historySamples += await queueHistory({ farm, queueDir, from, to });
  }
  say(words.history(historySamples));

  const liveSince = new Date();
  const agents: AgentProcess[] = [];
  let acknowledged = 0;
  for (const { name, range, key } of farms) {
    const agent = await startAgentProcess({
      dir: join(dir, name.toLowerCase()),
      config: {
        server_url: server.url,
        api_key: key,
        network_cidr: range,
        poll_interval: POLL_INTERVAL_S,
        scan_interval: SCAN_INTERVAL_S,
      },
      onEvent(event) {
        if (event.event === 'acknowledged') acknowledged += event.samples;
      },
    });
    release.defer(() => agent.stop());
    agents.push(agent);
  }
  say(words.agents);
  return {
    url: server.publicUrl,
    password,
    environment,
    sites: farms.map(({ id, farm }) => ({ id, farm })),
    historySamples,
    liveSince,
    acknowledged: () => acknowledged,
    async stopAgents() {
      await Promise.all(agents.map((agent) => agent.stop()));
    },
    broken: Promise.race(
      [server, ...agents].map(async (part) => {
        const code = await part.exited;
        return `A part of the system ended by itself (exit code ${code}):\n${part.logTail()}`;
      }),
    ),
  };
}

async function buildAdminPage(): Promise<void> {
  await run('npm', ['run', '--silent', 'build:admin'], { cwd: PROJECT });
}

async function createDatabase(adminUrl: string): Promise<string> {
  const sql = postgres(adminUrl, { max: 1 });
  await sql`create database ${sql(DATABASE)}`;
  await sql.end();
  const url = new URL(adminUrl);
  url.pathname = `/${DATABASE}`;
  return url.href;
}

/** As an administrator does it on a new server, except that nobody types. */
async function createAdministrator(
  environment: ServerEnvironment,
  password: string,
): Promise<void> {
  const creating = run(
    process.execPath,
    [join(PROJECT, 'server/main.ts'), 'admin', 'create', ADMINISTRATOR],
    { cwd: PROJECT, env: { ...environment, PATH: process.env['PATH'] } },
  );
  creating.child.stdin?.end(`${password}\n`);
  await creating;
}

/** A second's pause; throws when something the demo needs has ended by itself. */
export async function unlessBroken(broken: Promise<string>): Promise<void> {
  const reason = await Promise.race([broken, sleep(1000, null)]);
  if (reason !== null) throw new Error(reason);
}
