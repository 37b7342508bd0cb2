import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { PROJECT } from './project.ts';
import { startSupervised, type SupervisedProcess } from './supervised-process.ts';

const run = promisify(execFile);
const BUNDLE = 'hashyard-agent.mjs';

/** A line of the agent's log that reports something done. */
const agentEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('acknowledged'), seq: z.number(), samples: z.number() }),
  // Skipped miners have no sample: the cycle ran out of time, or the agent was stopped in the middle of it.
  z.object({ event: z.literal('polled'), miners: z.number(), skipped: z.number() }),
]);
export type AgentEvent = z.output<typeof agentEvent>;

export interface AgentConfig {
  server_url: string;
  api_key: string;
  network_cidr: string | string[];
  poll_interval: number;
  scan_interval: number;
}

export type AgentProcess = Pick<SupervisedProcess, 'stop' | 'kill' | 'exited' | 'logTail'>;

/** Makes the one file that sites install. */
export async function buildAgent(): Promise<void> {
  await run(process.execPath, [join(PROJECT, 'agent/build.ts')], { cwd: PROJECT });
}

/**
 * Starts the built agent as a site does: one file and its configuration in a folder of its own, the queue
 * beside them. A folder that has been used goes on where it was. Call `buildAgent` first.
 */
export async function startAgentProcess(options: {
  dir: string;
  config: AgentConfig;
  onEvent: (event: AgentEvent) => void;
}): Promise<AgentProcess> {
  const { dir, config, onEvent } = options;
  await mkdir(dir, { recursive: true });
  await copyFile(join(PROJECT, 'dist/agent', BUNDLE), join(dir, BUNDLE));
  // The simulated miners live on the loopback, which no agent scans unless it is allowed to.
  const text = JSON.stringify({ ...config, allow: ['loopback'] }, null, 2);
  await writeFile(join(dir, 'config.json'), text, { mode: 0o600 });
  return startSupervised({
    command: process.execPath,
    args: [BUNDLE, 'run'],
    cwd: dir,
    env: { PATH: process.env['PATH'], TZ: 'UTC' },
    logFile: join(dir, 'agent.log'),
    stopSignal: 'TERM',
    onLine(line) {
      const event = agentEvent.safeParse(parsed(line));
      if (event.success) onEvent(event.data);
    },
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
