import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { requireApiKey } from './config.ts';
import type { AgentConfig } from './config.ts';
import { SCAN_PORTS } from './families/index.ts';
import { identify } from './identify.ts';
import type { MinerContext } from './miner.ts';
import { makeCycle } from './poll/cycle.ts';
import { pollEverySlot } from './poll/polling.ts';
import { systemClock } from './poll/slots.ts';
import { openQueue } from './queue/queue.ts';
import { readMiner } from './read.ts';
import { openRoster } from './roster.ts';
import { isDetailed, toDiscovered, toSample } from './sample.ts';
import { sweepSockets } from './scan/open-files.ts';
import { scan } from './scan/scan.ts';
import { makeSealer } from './sealer.ts';
import { makeTurns } from './turns.ts';
import { connectServer } from './uplink/post.ts';
import { startUplink } from './uplink/uplink.ts';
import { VERSION } from './version.ts';

/** Together below the 10 s that systemd and people are promised. */
const SEAL_MS = 3000;
const LAST_SEND_MS = 3000;

/**
 * The agent: scans, polls, keeps and sends until `signal` fires, then seals what it has and returns.
 * Needs no server to run. Rejects only when it cannot start: no key, or a folder that is not ours.
 */
export async function runAgent(
  config: AgentConfig,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<void> {
  const apiKey = requireApiKey(config);
  const queue = await openQueue({ dir: config.queueDir, log });
  const roster = await openRoster({
    dir: config.queueDir,
    includes: (address) => config.addresses.includes(address),
  });
  const server = connectServer({ url: config.serverUrl, apiKey });
  const pollMs = config.pollIntervalS * 1000;
  const uplink = startUplink({ queue, server, freshMs: Math.max(2 * pollMs, 30_000), log });
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
  const cycle = makeCycle({
    read: readMiner,
    context,
    turns,
    intervalMs: pollMs,
    clock: systemClock,
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
    const result = await scan({
      addresses: config.addresses,
      ports: SCAN_PORTS,
      sockets: sweepSockets(),
      identify,
      context,
      turns,
      expected: roster.addresses(),
    });
    const changes = roster.learn(result.miners);
    sealer.scanEnd(result.miners.map(toDiscovered), result.report);
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
    clock: systemClock,
    signal,
    async cycle(slot) {
      if (slot.jumpedMs !== 0) log.warn({ event: 'clock_jumped', ms: Math.round(slot.jumpedMs) });
      const detailed = firstCycle || isDetailed(slot.at, pollMs);
      firstCycle = false;
      const summary = await cycle(roster.miners(), (miner, result) => {
        sealer.sample(toSample(miner, slot.at, result, detailed));
      });
      const { miners, reachable, rested, skipped, durationMs } = summary;
      const ms = Math.round(durationMs);
      const at = slot.at.toISOString();
      sealer.cycleEnd({ at, duration_ms: ms, miners, reachable, interval_s: pollMs / 1000 });
      log.info({ event: 'polled', slot: slot.at, miners, reachable, rested, skipped, ms });
    },
    onOverrun: (slots) =>
      log.warn({ event: 'overrun', slots }, 'polling takes longer than its interval'),
    onError: (error) => log.error({ err: error, event: 'poll_failed' }),
  });

  await Promise.all([scanning(), polling]);
  log.info({ event: 'stopping' });
  await sealer.close(SEAL_MS);
  await uplink.stop(LAST_SEND_MS);
  await queue.close();
  await server.close();
  log.info({ event: 'stopped', held: queue.stats().batches });
}
