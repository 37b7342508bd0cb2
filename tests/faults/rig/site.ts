import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../../../simulator/services/project.ts';
import {
  startSupervised,
  type SupervisedProcess,
} from '../../../simulator/services/supervised-process.ts';
import type { Oracle } from '../oracle/client.ts';
import { SiteLog } from './site-log.ts';
import { until } from './until.ts';

/** What site-agent.ts is told. */
export interface SiteAgentSettings {
  /** Number of the site, 1–200: seed of its truth. */
  site: number;
  miners: number;
  serverUrl: string;
  apiKey: string;
  queueDir: string;
  /** Real time between two polls, and what it stands for. */
  tickMs: number;
  stepS: number;
  /** So many polls come faster at first. */
  fast: { polls: number; tickMs: number };
  /** Epoch seconds of the first poll. */
  firstS: number;
  /** How long a batch belongs to the live lane. */
  freshMs: number;
}

export interface SiteOptions {
  /** Number of the site, 1–200. */
  site: number;
  miners: number;
  tickMs: number;
  /** Seconds a tick stands for. Default 60. */
  stepS?: number;
  /** A time in which nothing happens, passed through faster: so many polls at first. */
  fast?: { polls: number; tickMs: number };
  /** Epoch seconds of the first sample; must leave room for the ticks to stay in the past. */
  firstS: number;
  serverUrl: string;
  apiKey: string;
  dir: string;
  oracle: Oracle;
  /** Folder of the build it runs. Default: this project. */
  project?: string;
  /** Variables and a command in front of it: libfaketime, strace. */
  env?: Record<string, string>;
  wrap?: readonly string[];
}

/** One site: an agent process that can be killed and started again on its queue. */
export interface Site {
  readonly site: number;
  readonly queueDir: string;
  /** What it has polled and sent. */
  readonly log: SiteLog;
  /** Seconds of the newest poll begun. */
  newestS(): number;
  /** Ends it in order, as systemd would. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** After `stop` or `kill`: goes on where it was. */
  start(): Promise<void>;
  /** No more polls; what is held is still sent. Resolves when the queue has the last of them. */
  quiet(): Promise<void>;
  signal: SupervisedProcess['signal'];
  /** Names of the batch files it holds. */
  held(): Promise<string[]>;
  logTail(): string;
}

export async function startSite(options: SiteOptions): Promise<Site> {
  const { site, dir, oracle, project = PROJECT, stepS = 60, env = {}, wrap = [] } = options;
  const queueDir = join(dir, 'queue');
  await mkdir(queueDir, { recursive: true });
  const log = new SiteLog();
  let newestS = options.firstS - stepS;
  let isQuiet = false;
  let running: SupervisedProcess | null = null;

  async function start(): Promise<void> {
    const settings: SiteAgentSettings = {
      site,
      miners: options.miners,
      serverUrl: options.serverUrl,
      apiKey: options.apiKey,
      queueDir,
      tickMs: options.tickMs,
      stepS,
      fast: options.fast ?? { polls: 0, tickMs: options.tickMs },
      firstS: newestS + stepS,
      freshMs: options.tickMs * 2,
    };
    const [command, ...args] = [
      ...wrap,
      process.execPath,
      join(project, 'tests/faults/rig/site-agent.ts'),
      JSON.stringify(settings),
    ];
    running = await startSupervised({
      command,
      args,
      cwd: dir,
      env: { PATH: process.env['PATH'], TZ: 'UTC', ...env },
      logFile: join(dir, 'agent.log'),
      stopSignal: 'TERM',
      onLine(line) {
        const attempt = /^T (\d+) /.exec(line);
        if (attempt) newestS = Number(attempt[1]);
        if (/^[TP] /.test(line)) oracle.tell(site, line);
        else if (line === 'Q') isQuiet = true;
        else log.note(line);
      },
    });
  }
  await start();
  const current = (): SupervisedProcess => {
    if (running === null) throw new Error('The site has not been started');
    return running;
  };
  return {
    site,
    queueDir,
    log,
    newestS: () => newestS,
    stop: () => current().stop(),
    kill: () => current().kill(),
    start,
    quiet() {
      current().signal('USR2');
      return until(`site ${site} is quiet`, 60_000, () => isQuiet);
    },
    signal: (name) => current().signal(name),
    held: async () => (await readdir(queueDir)).filter((name) => name.endsWith('.json.gz')),
    logTail: () => current().logTail(),
  };
}
