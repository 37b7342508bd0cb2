import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import type { Lane } from '../../../contract/sync.ts';
import { makeToken } from '../../../server/secret-token.ts';
import { startSupervised } from '../../../simulator/services/supervised-process.ts';

/** What herd-agents.ts is told. */
export interface HerdSettings {
  serverUrl: string;
  apiKeys: string[];
  miners: number;
  /** Batches each holds at first, a minute apart. */
  backlog: number;
  /** Real time between two polls. */
  liveEveryMs: number;
  /** Epoch seconds of the first poll. */
  newestS: number;
  reportFile: string;
}

/** What it says in the end. Times are epoch ms. */
export interface HerdReport {
  /** `status` 0: no answer. `lane` null: asked for the time. */
  requests: { agent: number; lane: Lane | null; atMs: number; tookMs: number; status: number }[];
  delivered: { agent: number; atMs: number; isLive: boolean }[];
}

export interface Herd extends AsyncDisposable {
  /** Ends it and returns what it noted. */
  report(): Promise<HerdReport>;
}

/** Agents with a site each that have just been heard, past the API, which takes its time for the key of each. */
export async function registerMany(sql: Sql, count: number): Promise<string[]> {
  const tokens = Array.from({ length: count }, () => makeToken('hy'));
  await sql`
    with named as (select 'herd-' || n as name from generate_series(1, ${count}::int) n),
      new_sites as (insert into sites (name) select name from named returning id, name),
      new_agents as (
        insert into agents (name, site_id, last_seen_at)
        select name, id, now() from new_sites returning id, name),
      keys as (
        select 'herd-' || n as name, key_id, decode(secret, 'hex') as secret
        from unnest(${tokens.map(({ id }) => id)}::text[],
          ${tokens.map(({ secretSha256 }) => secretSha256.toString('hex'))}::text[])
          with ordinality as k (key_id, secret, n))
    insert into agent_keys (agent_id, key_id, secret_sha256)
    select id, key_id, secret from new_agents join keys using (name)`;
  return tokens.map(({ token }) => token);
}

/** Starts the herd; resolves when every agent holds its backlog. */
export async function startHerd(options: {
  dir: string;
  project: string;
  settings: Omit<HerdSettings, 'reportFile'>;
}): Promise<Herd> {
  const { dir, project } = options;
  const settings: HerdSettings = { ...options.settings, reportFile: join(dir, 'herd.json') };
  const ready = Promise.withResolvers<void>();
  const running = await startSupervised({
    command: process.execPath,
    args: [join(project, 'tests/faults/rig/herd-agents.ts'), JSON.stringify(settings)],
    cwd: dir,
    env: { PATH: process.env['PATH'], TZ: 'UTC' },
    logFile: join(dir, 'herd.log'),
    stopSignal: 'TERM',
    onLine: () => ready.resolve(),
  });
  void running.exited.then(() => ready.reject(new Error(`The herd ended:\n${running.logTail()}`)));
  await ready.promise;
  return {
    async report() {
      await running.stop();
      return JSON.parse(await readFile(settings.reportFile, 'utf8')) as HerdReport;
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
