import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findInfluxd } from './influxd-binary.ts';
import { freePort, refuseTakenPort } from './ports.ts';
import { startSupervised, type SupervisedProcess } from './supervised-process.ts';

export interface InfluxService {
  url: string;
  /** An administrator: may create and drop databases. */
  user: string;
  password: string;
  /** Version, and where it came from. */
  described: string;
  stop: () => Promise<void>;
  /** As a power cut would. */
  kill: () => Promise<void>;
  /** "STOP" makes it hang, "CONT" go on. */
  signal: (name: 'STOP' | 'CONT') => void;
}

export interface InfluxdOptions {
  /** Holds data and configuration; made when missing, used again when there. */
  dir: string;
  /** Refused when taken. Default: a free one. */
  port?: number;
}

const USER = 'admin';
const STARTS = 5;

/**
 * Starts an influxd 1.x of our own on 127.0.0.1 that ends with this process at the latest. Every write is on
 * disk when it is answered. Throws `InfluxdNotFoundError`, `PortTakenError`, or an error with the end of its log.
 */
export async function startInfluxd(options: InfluxdOptions): Promise<InfluxService> {
  if (options.port !== undefined) await refuseTakenPort(options.port);
  const { path, described } = await findInfluxd();
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true });
  const passwordFile = join(dir, 'password');
  const known = await readFile(passwordFile, 'utf8').catch(() => '');
  // A first start that did not end: begin anew.
  if (known === '') await rm(join(dir, 'data'), { recursive: true, force: true });
  const password = known || randomBytes(18).toString('hex');

  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const configFile = join(dir, 'influxdb.conf');
    await writeFile(configFile, configuration(join(dir, 'data'), port, await freePort()));
    const server = await startSupervised({
      command: path,
      args: ['-config', configFile],
      cwd: dir,
      env: { PATH: process.env['PATH'], HOME: dir },
      logFile: join(dir, 'influxd.log'),
      stopSignal: 'TERM',
    });
    const url = `http://127.0.0.1:${port}`;
    if (await answers(url, server)) {
      if (known === '') {
        await createAdministrator(url, password);
        await writeFile(passwordFile, password, { mode: 0o600 });
      }
      const { stop, kill, signal } = server;
      return { url, user: USER, password, described, stop, kill, signal };
    }
    await server.stop();
    const log = server.logTail();
    if (options.port !== undefined || attempt === STARTS || !/address already in use/.test(log)) {
      throw new Error(`influxd did not start:\n${log}`);
    }
  }
}

/** Debian's defaults listen on every interface without authentication and keep the index in memory. */
function configuration(data: string, port: number, backupPort: number): string {
  return `reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"
[meta]
  dir = ${JSON.stringify(join(data, 'meta'))}
  logging-enabled = false
[data]
  dir = ${JSON.stringify(join(data, 'data'))}
  wal-dir = ${JSON.stringify(join(data, 'wal'))}
  index-version = "tsi1"
  query-log-enabled = false
  max-series-per-database = 0
  max-values-per-tag = 0
[monitor]
  store-enabled = false
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = true
  log-enabled = false
  max-body-size = 0
[logging]
  level = "warn"
  suppress-logo = true
`;
}

/** The first user of an influxd with authentication may be made without it, and nothing else may. */
async function createAdministrator(url: string, password: string): Promise<void> {
  const answer = await fetch(`${url}/query`, {
    method: 'POST',
    body: new URLSearchParams({
      q: `CREATE USER ${USER} WITH PASSWORD '${password}' WITH ALL PRIVILEGES`,
    }),
  });
  const text = await answer.text();
  if (!answer.ok || text.includes('"error"'))
    throw new Error(`influxd refused its first user: ${text}`);
}

/** Waits until it answers; false when it has ended instead. */
async function answers(url: string, server: SupervisedProcess): Promise<boolean> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (server.hasExited()) return false;
    try {
      const answer = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(5000) });
      await answer.arrayBuffer();
      if (answer.status === 204) return true;
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  return false;
}
