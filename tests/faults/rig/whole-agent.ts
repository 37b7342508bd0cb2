import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../../../simulator/services/project.ts';
import {
  startSupervised,
  type SupervisedProcess,
} from '../../../simulator/services/supervised-process.ts';

/** A line of its log. */
export interface Cycle {
  slot: string;
  miners: number;
  skipped: number;
}

export interface WholeAgent {
  process: SupervisedProcess;
  /** Finished since the scan. */
  cycles: Cycle[];
  isScanned(): boolean;
  /** Addresses it has tried to connect to. */
  dialled(): Promise<string[]>;
}

/** The whole site program as a site runs it, with its connections on record. */
export async function startWholeAgent(options: {
  dir: string;
  /** Folder of the build it runs. */
  project: string;
  serverUrl: string;
  apiKey: string;
  ranges: readonly string[];
  pollS: number;
}): Promise<WholeAgent> {
  const { dir, project } = options;
  await mkdir(dir, { recursive: true });
  const config = join(dir, 'config.json');
  const dialLog = join(dir, 'dialled');
  await writeFile(dialLog, '');
  const settings = {
    server_url: options.serverUrl,
    api_key: options.apiKey,
    network_cidr: options.ranges,
    allow: ['loopback'],
    poll_interval: options.pollS,
    scan_interval: 3600,
    queue_dir: './queue',
  };
  await writeFile(config, JSON.stringify(settings), { mode: 0o600 });
  const cycles: Cycle[] = [];
  let scanned = false;
  const running = await startSupervised({
    command: process.execPath,
    args: [
      // As the systemd unit starts it.
      '--max-semi-space-size=4',
      `--import=${join(PROJECT, 'tests/faults/rig/dial-log.ts')}`,
      join(project, 'agent/main.ts'),
      'run',
      '--config',
      config,
    ],
    cwd: dir,
    env: { PATH: process.env['PATH'], TZ: 'UTC', DIAL_LOG: dialLog },
    logFile: join(dir, 'agent.log'),
    stopSignal: 'TERM',
    onLine(line) {
      if (line.includes('"event":"scanned"')) scanned = true;
      // The one under way when the scan ended began without the miners it found.
      else if (line.includes('"event":"polled"') && scanned) cycles.push(JSON.parse(line) as Cycle);
    },
  });
  return {
    process: running,
    cycles,
    isScanned: () => scanned,
    dialled: async () => (await readFile(dialLog, 'utf8')).split('\n').filter((line) => line),
  };
}
