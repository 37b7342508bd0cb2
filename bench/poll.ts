import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { SyncRequest } from '#contract/sync.ts';

const AGENT = fileURLToPath(new URL('../agent/main.ts', import.meta.url));
const SIMULATOR = fileURLToPath(new URL('../simulator/main.ts', import.meta.url));
const RANGE = '127.96.0.0/18';
/** As miners-agent.service starts it. */
const UNIT_FLAGS = ['--max-semi-space-size=8'];
/** The cycle may take as long as it wants within it: what is measured is how long it takes. */
const INTERVAL_S = 60;
/** For 10,000 miners, on two cores that the simulator uses as well; fewer miners may take their share of it. */
const TARGET_S = 30;
const TARGET_MB = 450;
const TARGET_MINERS = 10_000;
/** A farm of which some miner is never found would be waited for in vain. */
const LONGEST_MS = 10 * 60_000;

export interface PollBenchResult {
  miners: number;
  /** Seconds each measured cycle took, and how many miners answered in it. */
  cycles: { seconds: number; reachable: number }[];
  /** Samples the server took. */
  samples: number;
  /** Peak resident memory of the agent, MB (10⁶ bytes). */
  rssMb: number;
  /** Processor time of the agent from its start: the scan and all cycles. */
  cpuSeconds: number;
  ok: boolean;
}

interface PolledLine {
  event?: string;
  miners?: number;
  reachable?: number;
  ms?: number;
}

/**
 * One agent process polls a farm that another process simulates; a third party (this process) takes the
 * batches as the server would, without storing them. Measures the agent alone: cycles and memory.
 */
export async function run(
  options: { miners?: number; cycles?: number; seed?: number; print?: (line: string) => void } = {},
): Promise<PollBenchResult> {
  const { miners = TARGET_MINERS, cycles = 3, seed = 1 } = options;
  const targetS = TARGET_S * Math.max(0.25, miners / TARGET_MINERS);
  const print = options.print ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const dir = await mkdtemp(join(tmpdir(), 'hashyard-poll-'));
  const counted = { samples: 0 };
  const server = await startServer(counted);
  const size = ['--range', RANGE, '--miners', String(miners)];
  const farmFlags = [...size, '--seed', String(seed), '--models', 'mixed'];
  const farm = spawn(process.execPath, [SIMULATOR, ...farmFlags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let agent: ChildProcess | null = null;
  try {
    for await (const _ of linesOf(farm)) break;
    agent = spawn(process.execPath, [...UNIT_FLAGS, AGENT, 'run'], {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        AGENT_SERVER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        AGENT_API_KEY: 'bench',
        AGENT_NETWORK: RANGE,
        AGENT_ALLOW: 'loopback,large',
        AGENT_POLL_INTERVAL: String(INTERVAL_S),
        AGENT_SCAN_INTERVAL: '3600',
        AGENT_QUEUE_DIR: join(dir, 'queue'),
      },
    });
    const began = performance.now();
    const measured: PollBenchResult['cycles'] = [];
    for await (const line of linesOf(agent)) {
      const entry = JSON.parse(line) as PolledLine;
      if (performance.now() - began > LONGEST_MS) {
        throw new Error(`no ${cycles} cycles of ${miners} miners within ${LONGEST_MS} ms`);
      }
      // The first cycles may fall into the scan, when the roster is not complete yet.
      if (entry.event !== 'polled' || entry.miners !== miners) continue;
      measured.push({ seconds: (entry.ms ?? 0) / 1000, reachable: entry.reachable ?? 0 });
      if (measured.length === cycles) break;
    }
    const rssMb = await peakMemoryMb(agent);
    const cpuSeconds = await processorSeconds(agent);
    await stop(agent);
    const slowest = Math.max(...measured.map(({ seconds }) => seconds));
    const all = measured.every(({ reachable }) => reachable === miners);
    const result: PollBenchResult = {
      miners,
      cycles: measured,
      samples: counted.samples,
      rssMb,
      cpuSeconds,
      ok: all && slowest <= targetS && rssMb <= TARGET_MB,
    };
    print(
      `poll: ${miners} miners, cycles of ${measured.map(({ seconds }) => seconds.toFixed(1)).join(', ')} s (target ≤ ${targetS} s), ${measured.map(({ reachable }) => reachable).join(', ')} reachable`,
    );
    print(
      `poll: agent's peak memory ${rssMb.toFixed(0)} MB (target ≤ ${TARGET_MB} MB), ${cpuSeconds.toFixed(1)} s of processor with the scan ${result.ok ? 'ok' : 'MISSED'}`,
    );
    return result;
  } finally {
    if (agent) await stop(agent);
    await stop(farm);
    server.closeAllConnections();
    server.close();
    await rm(dir, { recursive: true });
  }
}

function linesOf(child: ChildProcess): AsyncIterable<string> {
  if (!child.stdout) throw new Error('no stdout');
  return createInterface({ input: child.stdout });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  // Nobody reads what it still says; a full pipe would hold it up.
  child.stdout?.resume();
  child.kill('SIGTERM');
  await gone;
}

/** High-water mark of resident memory. */
async function peakMemoryMb({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  return (Number(kib) * 1024) / 1e6;
}

/** User and system time; the kernel counts hundredths (USER_HZ). */
async function processorSeconds({ pid }: ChildProcess): Promise<number> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const INFO = {
  id: 1,
  name: 'bench',
  site_id: null,
  description: null,
  last_seen: null,
  is_active: true,
};

/** Takes every batch and says so, as the contract wants it. */
async function startServer(counted: { samples: number }): Promise<Server> {
  const server = createServer((request, response) => {
    take(request, response).catch((error: unknown) => {
      process.stderr.write(`poll: the server of the benchmark failed: ${String(error)}\n`);
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    // A look at the server, for its clock.
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(INFO));
      return;
    }
    const json = gunzipSync(Buffer.concat(chunks));
    const body = JSON.parse(json.toString()) as SyncRequest;
    counted.samples += body.miner_stats?.length ?? 0;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        miners_added: 0,
        miners_updated: 0,
        stats_added: body.miner_stats?.length ?? 0,
        errors: [],
        batch: { ...body.batch, sha256: createHash('sha256').update(json).digest('hex') },
        duplicate: false,
        quarantined: [],
        gaps_taken: [],
        server_time: new Date().toISOString(),
        next: { live_ms: 0, backlog_ms: 200, max_bytes: 8_388_608 },
      }),
    );
  }
}
