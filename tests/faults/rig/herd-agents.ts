/**
 * A thousand agents in one process: the real uplink and HTTP client of each, over queues in memory. Started by herd.ts
 * with its settings as JSON in argv[2]. Every request is noted; on SIGTERM the notes are written to `reportFile`.
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeClock } from '../../../agent/clock.ts';
import { connectServer, type Server } from '../../../agent/uplink/post.ts';
import { startUplink } from '../../../agent/uplink/uplink.ts';
import type { Lane, SyncRequest } from '../../../contract/sync.ts';
import type { HerdReport, HerdSettings } from './herd.ts';
import { memoryQueue } from './memory-queue.ts';

const settings = JSON.parse(process.argv[2] ?? '') as HerdSettings;
const quiet = (): void => undefined;
const log = { info: quiet, warn: quiet, error: quiet, debug: quiet };
const stopping = new AbortController();
process.on('SIGTERM', () => stopping.abort());
const report: HerdReport = { requests: [], delivered: [] };

/** Notes how each request ended. */
async function noted<T extends { status: number }>(
  agent: number,
  lane: Lane | null,
  request: Promise<T>,
): Promise<T> {
  const atMs = Date.now();
  const note = (status: number): void =>
    void report.requests.push({ agent, lane, atMs, tookMs: Date.now() - atMs, status });
  try {
    const answer = await request;
    note(answer.status);
    return answer;
  } catch (error) {
    // What is cut off by our own end is no failure.
    if (!stopping.signal.aborted) note(0);
    throw error;
  }
}

const watched = (server: Server, agent: number): Server => ({
  sync: (gz, signal, lane) => noted(agent, lane ?? null, server.sync(gz, signal, lane)),
  info: (signal) => noted(agent, null, server.info(signal)),
  close: () => server.close(),
});

async function startAgent(agent: number, apiKey: string) {
  const queue = memoryQueue(randomUUID());
  const server = connectServer({ url: settings.serverUrl, apiKey });
  const live = new Set<number>();
  for (let poll = settings.backlog; poll > 0; poll -= 1) {
    await queue.append(bodyOf(agent, settings.newestS - poll * 60));
  }
  const uplink = startUplink({
    queue: {
      ...queue,
      async ack(seq, sha256) {
        await queue.ack(seq, sha256);
        report.delivered.push({ agent, atMs: Date.now(), isLive: live.has(seq) });
      },
    },
    server: watched(server, agent),
    // As in agent/run.ts.
    freshMs: Math.max(settings.liveEveryMs * 2, 30_000),
    clock: makeClock({ log }),
    backlogDelayMs: Math.min(60_000, settings.liveEveryMs),
    log,
  });
  return {
    async poll(number: number) {
      const { seq } = await queue.append(bodyOf(agent, settings.newestS + number * 60));
      live.add(seq);
      uplink.fresh(seq);
    },
    async stop() {
      await uplink.stop(0);
      await server.close();
    },
  };
}

function bodyOf(agent: number, atS: number): SyncRequest {
  const timestamp = new Date(atS * 1000).toISOString();
  const miners = Array.from({ length: settings.miners }, (_, miner) => ({
    ip_address: `127.${agent >> 8}.${agent & 255}.${miner + 1}`,
    port: 4028,
    mac: `02${agent.toString(16).padStart(6, '0')}${miner.toString(16).padStart(4, '0')}`,
    manufacturer: 'AntMiner',
    model: 'S19j Pro',
    timestamp,
    reachable: true,
    hash_rate: 100,
    temperature: 60,
    power_consumption: 3000,
  }));
  return {
    discovered_miners: [],
    miner_stats: miners,
    agent: {
      version: '0.0.0-faults',
      boot: 'herd',
      cycle: {
        at: timestamp,
        duration_ms: 1,
        miners: miners.length,
        reachable: miners.length,
        interval_s: 60,
      },
    },
  };
}

const agents = await Promise.all(
  settings.apiKeys.map((apiKey, agent) => startAgent(agent, apiKey)),
);
process.stdout.write('ready\n');
// All of them poll in the same moment, as sites do.
for (let poll = 0; !stopping.signal.aborted; poll += 1) {
  await Promise.all(agents.map((agent) => agent.poll(poll)));
  await sleep(settings.liveEveryMs, undefined, { signal: stopping.signal }).catch(quiet);
}
await Promise.all(agents.map((agent) => agent.stop()));
await writeFile(settings.reportFile, JSON.stringify(report));
