import { readFileSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import postgres, { type Sql } from 'postgres';
import { hashPassword } from '../../../server/features/people/password.ts';
import { logIn } from '../../../simulator/demo/api.ts';
import { startInfluxd, type InfluxService } from '../../../simulator/services/influxd.ts';
import { startPostgres } from '../../../simulator/services/postgres.ts';
import { PROJECT } from '../../../simulator/services/project.ts';
import {
  startServerProcess,
  type ServerEnvironment,
  type ServerProcess,
} from '../../../simulator/services/server-process.ts';
import { startOracle, type Oracle } from '../oracle/client.ts';
import { startProxy, type Proxy } from './proxy.ts';
import { startSite, type Site, type SiteOptions } from './site.ts';
import { untilNothingLeft } from './until.ts';

const ADMIN = { username: 'faults-admin', password: 'correct horse battery faults' };

/** A service of our own that can be killed, hung and started again on its data. */
interface Breakable {
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Everything between an agent and the databases, each a process of its own, each link one that can be spoilt. */
export interface Rig extends AsyncDisposable {
  dir: string;
  /** Straight to Postgres, past the proxy. Ends when Postgres is killed; queries then connect anew. */
  sql: Sql;
  postgres: Breakable;
  influx: Breakable & Pick<InfluxService, 'url' | 'user' | 'password' | 'signal'>;
  server: Breakable &
    Pick<ServerProcess, 'signal' | 'hasExited' | 'logTail'> & {
      url: string;
      dir: string;
      /** For another one on the same databases. */
      environment: ServerEnvironment;
      /** Memory it holds now; 0 while it does not run. */
      rssMb(): number;
    };
  /** agents → server, server → InfluxDB, server → Postgres. */
  links: { agents: Proxy; influx: Proxy; postgres: Proxy };
  oracle: Oracle;
  admin: typeof ADMIN;
  /** Of a site of its own. */
  register(
    name: string,
  ): Promise<{ agentId: number; siteId: number; scope: string; apiKey: string }>;
  /** Registers, starts, and tells the oracle. */
  addSite(
    options: Omit<SiteOptions, 'dir' | 'oracle' | 'serverUrl' | 'apiKey' | 'project'>,
  ): Promise<Site>;
  sites: Site[];
  /** Every batch of every site is delivered. Throws when they no longer become fewer. */
  drained(): Promise<void>;
}

export function rssMbOf(pid: number | null): number {
  if (pid === null) return 0;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

const portOf = (url: string): number => Number(new URL(url).port);

/** `project`: the build that server and agents run; default the project itself. */
export async function startRig(options: { dir: string; project?: string }): Promise<Rig> {
  const { dir, project = PROJECT } = options;
  await using stack = new AsyncDisposableStack();
  await mkdir(dir, { recursive: true });
  await chmod(dir, 0o711);
  let database = await startPostgres({ dir: join(dir, 'postgres') });
  stack.defer(() => database.stop());
  const sql = postgres(database.url, { max: 3, onnotice: () => undefined });
  stack.defer(() => sql.end({ timeout: 1 }));
  let influx = await startInfluxd({ dir: join(dir, 'influxdb') });
  stack.defer(() => influx.stop());

  const links = {
    postgres: stack.use(await startProxy(portOf(database.url))),
    influx: stack.use(await startProxy(portOf(influx.url))),
  };
  const databaseUrl = new URL(database.url);
  databaseUrl.port = String(links.postgres.port);
  const environment = {
    DATABASE_URL: databaseUrl.href,
    INFLUX_URL: links.influx.url,
    INFLUX_USER: influx.user,
    INFLUX_PASSWORD: influx.password,
  };
  const serverDir = join(dir, 'server');
  let server = await startServerProcess({ dir: serverDir, environment, project });
  stack.defer(() => server.stop());
  const agentsLink = stack.use(await startProxy(portOf(server.url)));
  await sql`insert into users (username, role, password_hash)
    values (${ADMIN.username}, 'admin', ${await hashPassword(ADMIN.password)})`;
  const api = await logIn(server.url, ADMIN.username, ADMIN.password);

  const oracle = stack.use(await startOracle({ influx, databaseUrl: database.url }));
  const sites: Site[] = [];
  stack.defer(async () => {
    await Promise.all(sites.map((site) => site.stop()));
  });
  const register = async (name: string) => {
    const { id: siteId } = await api.createSite(name, 'faults');
    const { id: agentId, api_key: apiKey } = await api.registerAgent(name, siteId);
    return { agentId, siteId, scope: `site-${siteId}`, apiKey };
  };

  const owned = stack.move();
  return {
    dir,
    sql,
    oracle,
    sites,
    admin: ADMIN,
    links: { ...links, agents: agentsLink },
    postgres: {
      kill: () => database.kill(),
      async start() {
        database = await startPostgres({ dir: join(dir, 'postgres'), port: portOf(database.url) });
      },
    },
    influx: {
      url: influx.url,
      user: influx.user,
      password: influx.password,
      kill: () => influx.kill(),
      signal: (name) => influx.signal(name),
      async start() {
        influx = await startInfluxd({ dir: join(dir, 'influxdb'), port: portOf(influx.url) });
      },
    },
    server: {
      url: server.url,
      dir: serverDir,
      environment,
      kill: () => server.kill(),
      hasExited: () => server.hasExited(),
      rssMb: () => rssMbOf(server.pid()),
      signal: (name) => server.signal(name),
      logTail: () => server.logTail(),
      async start() {
        const port = portOf(server.url);
        server = await startServerProcess({ dir: serverDir, environment, project, port });
      },
    },
    register,
    async addSite(site) {
      const { agentId, scope, apiKey } = await register(`agent-${site.site}`);
      const started = await startSite({
        ...site,
        apiKey,
        serverUrl: agentsLink.url,
        dir: join(dir, `site-${site.site}`),
        oracle,
        project,
      });
      oracle.site({ site: site.site, scope, agentId, queueDir: started.queueDir });
      sites.push(started);
      return started;
    },
    drained: () =>
      untilNothingLeft('every queue is empty', 60_000, async () => {
        const held = await Promise.all(sites.map((site) => site.held()));
        return held.reduce((sum, files) => sum + files.length, 0);
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
