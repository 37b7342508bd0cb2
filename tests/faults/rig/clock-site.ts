import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileOfPackage } from '../../../simulator/services/debian-package.ts';
import {
  startSupervised,
  type SupervisedProcess,
} from '../../../simulator/services/supervised-process.ts';
import { heldIn } from '../oracle/held.ts';
import { startProxy, type Proxy } from './proxy.ts';
import type { Rig } from './rig.ts';

/** What clock-agent.ts is told. */
export interface ClockAgentSettings {
  site: number;
  miners: number;
  serverUrl: string;
  apiKey: string;
  queueDir: string;
  intervalMs: number;
  /** Number of the first poll. */
  firstPoll: number;
  /** What the machine's boot is called. */
  boot: string;
}

/** One poll. `atMs`: when it truly began, by the clock nobody fakes. */
interface Poll {
  number: number;
  boot: number;
  atMs: number;
}

/** A site whose machine's clock can be set, with a link of its own. */
export interface ClockSite extends AsyncDisposable {
  site: number;
  agentId: number;
  scope: string;
  link: Proxy;
  polls: Poll[];
  /** How far the clock is off from now on, as libfaketime has it: "-7y", "+1h", "+0". */
  setClock(error: string): Promise<void>;
  /** Power off and on: the machine has booted since. */
  reboot(): Promise<void>;
  /** No more polls; what is held is still sent. */
  quiet(): void;
  isEmpty(): Promise<boolean>;
  log(): Promise<string>;
}

const MACHINE: Record<string, string> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

/** The library that shows a process another wall clock and the same monotonic one. Throws when it cannot be had. */
export function findFaketime(): Promise<string> {
  return fileOfPackage(
    'libfaketime',
    `usr/lib/${MACHINE[process.arch]}/faketime/libfaketimeMT.so.1`,
  );
}

export async function startClockSite(options: {
  rig: Rig;
  dir: string;
  project: string;
  faketime: string;
  site: number;
  miners: number;
  intervalMs: number;
  clock: string;
  link: Proxy['link'];
}): Promise<ClockSite> {
  const { rig, project, site, miners, intervalMs } = options;
  const dir = join(options.dir, `clock-site-${site}`);
  const queueDir = join(dir, 'queue');
  await mkdir(queueDir, { recursive: true });
  const { agentId, scope, apiKey } = await rig.register(`clock-${site}`);
  const link = await startProxy(Number(new URL(rig.server.url).port));
  link.become(options.link);
  const clockFile = join(dir, 'clock');
  const setClock = async (error: string): Promise<void> => {
    // It is read at any moment, so never half-written.
    await writeFile(`${clockFile}.new`, error);
    await rename(`${clockFile}.new`, clockFile);
  };
  await setClock(options.clock);

  const polls: Poll[] = [];
  const toWall = Date.now() - Number(process.hrtime.bigint()) / 1e6;
  let boots = 0;
  let running: SupervisedProcess;
  async function start(): Promise<void> {
    boots += 1;
    const settings: ClockAgentSettings = {
      site,
      miners,
      serverUrl: link.url,
      apiKey,
      queueDir,
      intervalMs,
      firstPoll: (polls.at(-1)?.number ?? 0) + 1,
      boot: `boot-${boots}`,
    };
    running = await startSupervised({
      command: process.execPath,
      args: [join(project, 'tests/faults/rig/clock-agent.ts'), JSON.stringify(settings)],
      cwd: dir,
      env: {
        PATH: process.env['PATH'],
        TZ: 'UTC',
        LD_PRELOAD: options.faketime,
        FAKETIME_TIMESTAMP_FILE: clockFile,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
      logFile: join(dir, 'agent.log'),
      stopSignal: 'TERM',
      onLine(line) {
        const [kind, number, monotonicMs] = line.split(' ');
        if (kind !== 'K') return;
        polls.push({ number: Number(number), boot: boots, atMs: Number(monotonicMs) + toWall });
      },
    });
  }
  await start();
  return {
    site,
    agentId,
    scope,
    link,
    polls,
    setClock,
    async reboot() {
      await running.kill();
      await start();
    },
    quiet: () => running.signal('USR2'),
    isEmpty: async () => (await heldIn(queueDir)).samples.size === 0,
    log: () => readFile(join(dir, 'agent.log'), 'utf8'),
    async [Symbol.asyncDispose]() {
      await running.stop();
      await link[Symbol.asyncDispose]();
    },
  };
}
