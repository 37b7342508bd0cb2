import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { makeClock } from './clock.ts';
import { requireApiKey } from './config.ts';
import type { AgentConfig } from './config.ts';
import { SCAN_PORTS } from './families/index.ts';
import { identify } from './identify.ts';
import type { MinerContext } from './miner.ts';
import { makeCycle } from './poll/cycle.ts';
import { pollEverySlot } from './poll/polling.ts';
import { openQueue } from './queue/queue.ts';
import { readMiner } from './read.ts';
import { openRoster } from './roster.ts';
import { isDetailed, toDiscovered, toSample } from './sample.ts';
import { sweepSockets } from './scan/open-files.ts';
import { makeScanMemory } from './scan/scan-memory.ts';
import { scan } from './scan/scan.ts';
import { makeSealer } from './sealer.ts';
import { makeTurns } from './turns.ts';
import { connectServer } from './uplink/post.ts';
import { startUplink } from './uplink/uplink.ts';
import { VERSION } from './version.ts';

/** Together below the 10 s that systemd and people are promised, at the worst disk and server. */
const END_WORK_MS = 1500;
const SEAL_MS = 3000;
const LAST_SEND_MS = 2500;
const LET_GO_MS = 1000;

/**
 * The agent: scans, polls, keeps and sends until `signal` fires, then seals what it has and returns.
 * Needs no server to run. Rejects only when it cannot start: no key, or a folder that is not ours.
 */
export async function runAgent(
  config: AgentConfig,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<void> {
  const apiKey = requireApiKey(config);
  const clock = makeClock({ log });
  const queue = await openQueue({ dir: config.queueDir, log, clock });
  const roster = await openRoster({
    dir: config.queueDir,
    includes: (address) => config.addresses.includes(address),
  });
  const server = connectServer({ url: config.serverUrl, apiKey });
  const pollMs = config.pollIntervalS * 1000;
  const uplink = startUplink({
    queue,
    server,
    freshMs: Math.max(2 * pollMs, 30_000),
    clock,
    // Sites that start together do not ask together.
    backlogDelayMs: Math.min(60_000, pollMs),
    log,
  });
  queue.alsoReport(() => ({ version: VERSION, server: config.serverUrl, lanes: uplink.lanes() }));
  const sealer = makeSealer({
    queue,
    identity: { version: VERSION, boot: randomUUID() },
    log,
    onSealed: (seq) => uplink.fresh(seq),
  });
  const context: MinerContext = {
    signal,
    dial: (host, port) => ({ host, port }),
    credentials: config.credentials,
  };
  const turns = makeTurns();
  const scanMemory = makeScanMemory();
  const cycle = makeCycle({
    read: readMiner,
    context,
    turns,
    intervalMs: pollMs,
    clock,
  });
  log.info({
    event: 'started',
    version: VERSION,
    server: config.serverUrl,
    ranges: config.addresses.ranges,
    addresses: config.addresses.count,
    queue: queue.id,
    held: queue.stats().batches,
    known: roster.miners().length,
  });

  async function scanOnce(): Promise<void> {
    const unsure = clock.stamp();
    const startedAt = clock.wall();
    const result = await scan({
      addresses: config.addresses,
      ports: SCAN_PORTS,
      sockets: sweepSockets(),
      identify,
      context,
      turns,
      known: roster.miners(),
      memory: scanMemory,
    });
    const changes = roster.learn(result.miners);
    const report = {
      ...result.report,
      started_at: new Date(startedAt).toISOString(),
      finished_at: new Date(startedAt + result.totalMs).toISOString(),
    };
    sealer.scanEnd(result.miners.map(toDiscovered), report, unsure);
    await roster.save().catch((error: unknown) => {
      log.warn({ err: error, event: 'roster_not_saved' });
    });
    const { addresses, identified, unknown, silent, refused, excluded } = result.report;
    log.info({
      event: 'scanned',
      addresses,
      identified,
      unknown,
      silent,
      refused,
      excluded,
      ...changes,
      known: roster.miners().length,
      ms: Math.round(result.totalMs),
    });
  }

  async function scanning(): Promise<void> {
    while (!signal.aborted) {
      const began = performance.now();
      try {
        await scanOnce();
      } catch (error) {
        if (signal.aborted) return;
        log.error({ err: error, event: 'scan_failed' });
      }
      const waitMs = Math.max(1000, config.scanIntervalS * 1000 - (performance.now() - began));
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  // The server learns at once what a restarted agent sees.
  let firstCycle = true;
  const polling = pollEverySlot({
    intervalMs: pollMs,
    clock,
    signal,
    async cycle({ at, unsure }) {
      const detailed = firstCycle || isDetailed(at, pollMs);
      firstCycle = false;
      const summary = await cycle(roster.miners(), (miner, result) => {
        sealer.sample(toSample(miner, at, result, detailed), unsure);
      });
      const { miners, reachable, rested, spared, skipped, durationMs } = summary;
      const ms = Math.round(durationMs);
      sealer.cycleEnd(
        {
          at: at.toISOString(),
          duration_ms: ms,
          miners,
          reachable,
          interval_s: pollMs / 1000,
        },
        unsure,
      );
      log.info({ event: 'polled', slot: at, miners, reachable, rested, spared, skipped, ms });
    },
    onOverrun: (slots) =>
      log.warn({ event: 'overrun', slots }, 'polling takes longer than its interval'),
    onError: (error) => log.error({ err: error, event: 'poll_failed' }),
  });

  const working = Promise.all([scanning(), polling]);
  // A roster that hangs in its disk must not hold up the stop.
  await Promise.race([working, once(signal, 'abort').then(() => within(END_WORK_MS, working))]);
  log.info({ event: 'stopping' });
  await sealer.close(SEAL_MS);
  await within(LAST_SEND_MS + 500, uplink.stop(LAST_SEND_MS));
  await within(LET_GO_MS, queue.close());
  await server.close();
  log.info({ event: 'stopped', held: queue.stats().batches });
}

/** Ends with `work`, or without it after `ms`: a hung disk never answers. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, sleep(ms, undefined, { signal: done.signal }).catch(() => undefined)]);
  done.abort();
}
