import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, refuseTakenPort } from './ports.ts';
import { PROJECT } from './project.ts';
import { startSupervised, type SupervisedProcess } from './supervised-process.ts';

/** What the server reads from its environment (server/config.ts). */
export interface ServerEnvironment {
  DATABASE_URL: string;
  INFLUX_URL: string;
  INFLUX_USER: string;
  INFLUX_PASSWORD: string;
  INFLUX_DATABASE?: string;
  INFLUX_ROLLUP_DATABASE?: string;
}

export interface ServerProcess extends Pick<
  SupervisedProcess,
  'stop' | 'kill' | 'signal' | 'pid' | 'exited' | 'hasExited' | 'logTail'
> {
  url: string;
  /** The address pages must be opened under: the server compares it with where a form came from. */
  publicUrl: string;
}

const READY_WITHIN_MS = 60_000;

/**
 * Starts `hashyard serve` on 127.0.0.1 as a process of its own and waits until it is ready. Without `port` a
 * free one. Throws `PortTakenError`, or an error with the end of its log.
 */
export async function startServerProcess(options: {
  dir: string;
  port?: number;
  environment: ServerEnvironment;
  /** Folder of the code to run. Default: this project. */
  project?: string;
}): Promise<ServerProcess> {
  if (options.port !== undefined) await refuseTakenPort(options.port);
  const { project = PROJECT } = options;
  const port = options.port ?? (await freePort());
  const publicUrl = `http://localhost:${port}`;
  await mkdir(options.dir, { recursive: true });
  const running = await startSupervised({
    command: process.execPath,
    args: ['--max-semi-space-size=16', join(project, 'server/main.ts'), 'serve'],
    cwd: project,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TZ: 'UTC',
      // As in the Dockerfile.
      MALLOC_ARENA_MAX: '2',
      MALLOC_MMAP_THRESHOLD_: '131072',
      ...options.environment,
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_URL: publicUrl,
    },
    logFile: join(options.dir, 'server.log'),
    stopSignal: 'TERM',
  });
  const url = `http://127.0.0.1:${port}`;
  if (!(await isReady(url, running))) {
    await running.stop();
    throw new Error(`The server did not start:\n${running.logTail()}`);
  }
  return Object.assign(running, { url, publicUrl });
}

async function isReady(url: string, server: SupervisedProcess): Promise<boolean> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && !server.hasExited()) {
    try {
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) });
      await answer.arrayBuffer();
      if (answer.ok) return true;
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  return false;
}
