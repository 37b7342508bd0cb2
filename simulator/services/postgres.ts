import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { cacheFolder } from './cache-folder.ts';
import { freePort, refuseTakenPort } from './ports.ts';
import { findPostgresBinaries, UNPRIVILEGED_UID } from './postgres-binaries.ts';
import { startSupervised, type SupervisedProcess } from './supervised-process.ts';

const run = promisify(execFile);

export interface PostgresService {
  /** Superuser on database `postgres`. */
  url: string;
  /** Version, and where it came from. */
  described: string;
  stop: () => Promise<void>;
  /** As a power cut would. */
  kill: () => Promise<void>;
}

export interface PostgresOptions {
  /** Holds the cluster; made when missing, used again when a cluster is there. */
  dir: string;
  /** Refused when taken. Default: a free one. */
  port?: number;
  /** Default true. Tests that never cut the power do without fsync. */
  durable?: boolean;
}

const STARTS = 5;

/**
 * Starts a Postgres of our own on 127.0.0.1 that ends with this process at the latest.
 * Throws `PostgresNotFoundError`, `PortTakenError`, or an error with the end of its log.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresService> {
  if (options.port !== undefined) await refuseTakenPort(options.port);
  const { bin, described } = await findPostgresBinaries();
  const asRoot = process.getuid?.() === 0;
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true });

  const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  const uid = asRoot ? UNPRIVILEGED_UID : undefined;
  const passwordFile = join(dir, 'password');
  let password = await readFile(passwordFile, 'utf8').catch(() => '');
  const home = asRoot ? await unprivilegedHome(dir, password === '') : dir;
  const data = join(home, 'data');

  if (password === '') {
    await rm(data, { recursive: true, force: true });
    password = randomBytes(18).toString('hex');
    const handover = join(home, 'first-password');
    await writeFile(handover, password, { mode: 0o600 });
    if (uid !== undefined) await chown(handover, uid, uid);
    const args = ['-D', data, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${handover}`];
    await run(join(bin, 'initdb'), [...args, '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'], {
      env,
      cwd: home,
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    await rm(handover);
    // Written last: without it the next start begins anew.
    await writeFile(passwordFile, password, { mode: 0o600 });
  }

  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...(options.durable === false
      ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
      : {}),
  };
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const server = await startSupervised({
      command: join(bin, 'postgres'),
      args: [
        '-D',
        data,
        '-p',
        String(port),
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      cwd: home,
      env,
      uid,
      logFile: join(dir, 'postgres.log'),
      stopSignal: 'INT',
    });
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    if (await answers(url, server)) {
      return { url, described, stop: server.stop, kill: server.kill };
    }
    await server.stop();
    const log = server.logTail();
    // Sessions of a killed server end by themselves, a moment after it.
    const again = /Address already in use|pre-existing shared memory/.test(log);
    if (options.port !== undefined || attempt === STARTS || !again) {
      throw new Error(`Postgres did not start:\n${log}`);
    }
    await sleep(100);
  }
}

/**
 * A folder the unprivileged user owns and can reach: `dir/cluster`, or where `dir` lies in a place closed
 * to others (root's home, a private temporary folder), one in /var/tmp named after `dir`.
 */
async function unprivilegedHome(dir: string, anew: boolean): Promise<string> {
  let home = join(dir, 'cluster');
  await mkdir(home, { recursive: true });
  const reachable = await run('/bin/sh', ['-c', 'cd "$1"', 'sh', home], {
    cwd: '/',
    uid: UNPRIVILEGED_UID,
    gid: UNPRIVILEGED_UID,
  }).then(
    () => true,
    () => false,
  );
  if (!reachable) home = await homeElsewhere(dir);
  if (anew) await rm(join(home, 'data'), { recursive: true, force: true });
  await chown(home, UNPRIVILEGED_UID, UNPRIVILEGED_UID);
  return home;
}

async function homeElsewhere(dir: string): Promise<string> {
  const clusters = await cacheFolder('clusters');
  for (const name of await readdir(clusters)) {
    const origin = await readFile(join(clusters, name, 'belongs-to'), 'utf8').catch(() => null);
    // Whoever removed the folder a cluster belongs to meant the cluster too.
    if (origin !== null && !existsSync(origin)) {
      await rm(join(clusters, name), { recursive: true, force: true });
    }
  }
  const home = join(clusters, createHash('sha256').update(dir).digest('hex').slice(0, 16));
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'belongs-to'), dir);
  return home;
}

/** Waits until it takes connections; false when it has ended instead. */
async function answers(url: string, server: SupervisedProcess): Promise<boolean> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (server.hasExited()) return false;
    const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
    try {
      await sql`select 1`;
      return true;
    } catch (error) {
      const { code } = error as { code?: string };
      // 57P03: it is starting up.
      if (code !== 'ECONNREFUSED' && code !== '57P03' && code !== 'CONNECT_TIMEOUT') throw error;
      await sleep(50);
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
  return false;
}
