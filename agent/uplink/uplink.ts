import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SyncRequest } from '#contract/sync.ts';
import type { Held } from '../queue/folder.ts';
import type { LoadedBatch, Queue } from '../queue/queue.ts';
import { judge } from './answer.ts';
import type { Verdict } from './answer.ts';
import { backoffMs, spread } from './backoff.ts';
import type { Server } from './post.ts';

/** Longest pause after failures: current state is back within a poll or two of the server's return. */
const MOST_BACKOFF_MS = 60_000;
const KEY_REFUSED_MS = 300_000;
const CLOCK_SKEW_WARNING_MS = 30_000;

type Lane = 'live' | 'backlog';

export interface Uplink {
  /** A batch of now lies in the queue: the live lane takes it next. */
  fresh(seq: number): void;
  /** Sends what the live lane still has, for at most `ms`; then ends both lanes. */
  stop(ms: number): Promise<void>;
}

/**
 * Sends the queue through two lanes, one request in flight in each: *live* takes batches of this
 * run's last `freshMs`, newest first, so that people see the present before the past; *backlog* takes the rest,
 * oldest first, at the pace the server sets. No retry limit. While the server fails, the lanes
 * share one backoff and the backlog waits for the live lane to get through.
 */
export function startUplink(options: {
  queue: Queue;
  server: Server;
  freshMs: number;
  log: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  random?: () => number;
  keyRefusedMs?: number;
}): Uplink {
  const { queue, server, log, random = Math.random, keyRefusedMs = KEY_REFUSED_MS } = options;
  const ending = new AbortController();
  const inFlight = new Set<number>();
  /** Batches of the present by number, and since when they wait (monotonic ms). */
  const present = new Map<number, number>();
  let failures = 0;
  let notBefore = 0;
  let draining = false;
  let keyRefused = false;
  const wakers = new Set<() => void>();

  const wake = (): void => {
    for (const waker of wakers) waker();
  };
  async function idle(ms: number): Promise<void> {
    const nap = new AbortController();
    const waker = (): void => nap.abort();
    wakers.add(waker);
    await sleep(ms, undefined, { signal: nap.signal }).catch(() => undefined);
    wakers.delete(waker);
  }

  function isPresent(batch: Held): boolean {
    const since = present.get(batch.seq);
    if (since === undefined) return false;
    if (performance.now() - since <= options.freshMs) return true;
    present.delete(batch.seq);
    return false;
  }

  function pick(lane: Lane): Held | null {
    const waiting = queue.held().filter((batch) => !inFlight.has(batch.seq));
    if (lane === 'live') return waiting.findLast(isPresent) ?? null;
    if (failures > 0 && queue.held().some(isPresent)) return null;
    return waiting.find((batch) => !isPresent(batch)) ?? null;
  }

  async function run(lane: Lane): Promise<void> {
    /** Not before, by the pace the server sets (monotonic ms). */
    let paced = 0;
    while (!ending.signal.aborted) {
      if (draining && lane === 'backlog') return;
      const waitMs = Math.max(notBefore, paced) - performance.now();
      if (waitMs > 0 && !draining) {
        // May be woken early, by a fresh batch or a recovery: look again.
        await idle(waitMs);
        continue;
      }
      const batch = pick(lane);
      if (batch === null) {
        if (draining) return;
        await idle(60_000);
        continue;
      }
      inFlight.add(batch.seq);
      try {
        paced = performance.now() + (await deliver(lane, batch.seq));
      } catch (error) {
        fail(`the queue folder refuses: ${String(error)}`, 0);
      } finally {
        inFlight.delete(batch.seq);
      }
      if (draining && failures > 0) return;
    }
  }

  /** Pause before this lane's next batch, ms. */
  async function deliver(lane: Lane, seq: number): Promise<number> {
    const batch = await queue.load(seq);
    if (batch === null) return 0;
    const began = performance.now();
    let verdict: Verdict;
    try {
      const raw = await server.sync(batch.gz, ending.signal);
      verdict = judge(batch, raw, new Date());
    } catch (error) {
      if (ending.signal.aborted) return 0;
      verdict = { kind: 'later', why: reasonOf(error), waitMs: 0 };
    }
    return act(lane, batch, verdict, performance.now() - began);
  }

  async function act(
    lane: Lane,
    batch: LoadedBatch,
    verdict: Verdict,
    tookMs: number,
  ): Promise<number> {
    const { seq } = batch;
    switch (verdict.kind) {
      case 'acknowledged': {
        const { answer } = verdict;
        await queue.ack(seq, batch.sha256);
        present.delete(seq);
        succeed();
        if (answer.gaps_taken.length > 0) await queue.gapsTaken(answer.gaps_taken);
        log.info({
          event: 'acknowledged',
          seq,
          lane,
          samples: batch.body.miner_stats?.length ?? 0,
          quarantined: answer.quarantined.length,
          duplicate: answer.duplicate,
          ms: Math.round(tookMs),
        });
        warnOfSkew(answer.server_time, tookMs);
        // Half to one and a half: agents told the same pace must not march in step.
        const paceMs = lane === 'live' ? answer.next.live_ms : answer.next.backlog_ms;
        return paceMs * (0.5 + random());
      }
      case 'later':
        fail(verdict.why, verdict.waitMs);
        break;
      case 'key_refused':
        if (!keyRefused) log.error({ event: 'key_refused', why: verdict.why }, KEY_REFUSED_HELP);
        keyRefused = true;
        failures += 1;
        notBefore = performance.now() + keyRefusedMs * (0.8 + 0.4 * random());
        break;
      case 'invalid':
        log.error({ event: 'refused', seq, why: verdict.why }, 'batch kept in dead/');
        await queue.bury(seq);
        succeed();
        break;
      case 'too_large': {
        const halves = split(batch.body);
        log.warn({ event: 'too_large', seq, why: verdict.why, parts: halves.length });
        if (halves.length === 0) await queue.bury(seq);
        else await queue.replace(seq, halves);
        succeed();
        break;
      }
      case 'seq_reused':
        log.warn({ event: 'seq_reused', seq, why: verdict.why }, 'copied disk? sending it anew');
        if (batch.queue === queue.id) await queue.renewId();
        await queue.replace(seq, [batch.body]);
        succeed();
        break;
    }
    return 0;
  }

  function succeed(): void {
    if (failures > 0) log.info({ event: 'connected', after: failures });
    failures = 0;
    notBefore = 0;
    keyRefused = false;
    wake();
  }

  function fail(why: string, waitMs: number): void {
    failures += 1;
    const pauseMs = Math.max(spread(waitMs, random), backoffMs(failures, MOST_BACKOFF_MS, random));
    notBefore = Math.max(notBefore, performance.now() + pauseMs);
    log.warn({ event: 'not_sent', why, failures, retryMs: Math.round(pauseMs) });
  }

  let skewed = false;
  function warnOfSkew(serverTime: string, tookMs: number): void {
    const skewMs = Date.now() - tookMs / 2 - Date.parse(serverTime);
    const now = Math.abs(skewMs) > CLOCK_SKEW_WARNING_MS;
    if (now && !skewed) {
      log.warn({ event: 'clock_skew', seconds: Math.round(skewMs / 1000) }, CLOCK_HELP);
    }
    skewed = now;
  }

  const lanes = Promise.all([run('live'), run('backlog')]);
  return {
    fresh(seq) {
      present.set(seq, performance.now());
      wake();
    },
    async stop(ms) {
      draining = true;
      wake();
      // The backlog stays on disk; a stop waits for the present only.
      const timer = setTimeout(() => ending.abort(), ms);
      // Both lanes end by themselves: the live one when it has nothing left, or at the first failure.
      await lanes;
      clearTimeout(timer);
    },
  };
}

const KEY_REFUSED_HELP =
  'the server refuses the API key; everything is kept. Put a valid key into api_key (AGENT_API_KEY) and restart';
const CLOCK_HELP = 'this clock and the server disagree; set up NTP (timedatectl set-ntp true)';

/** Two bodies with half of the samples each; none when there is nothing left to halve. */
function split(body: SyncRequest): SyncRequest[] {
  const { miner_stats: samples = [], discovered_miners: found = [], ...rest } = body;
  const { batch: _, ...alike } = rest;
  if (samples.length + found.length < 2) return [];
  const { scan, ...later } = alike;
  const half = Math.floor(samples.length / 2);
  const foundHalf = Math.ceil(found.length / 2);
  return [
    {
      ...later,
      ...(scan ? { scan } : {}),
      discovered_miners: found.slice(0, foundHalf),
      miner_stats: samples.slice(0, half),
    },
    {
      ...later,
      discovered_miners: found.slice(foundHalf),
      miner_stats: samples.slice(half),
    },
  ];
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return code ? `${code}: ${error.message}` : error.message;
}
