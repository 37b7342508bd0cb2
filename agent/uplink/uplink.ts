import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Lane, SyncAnswer } from '#contract/sync.ts';
import { machineClock } from '../clock.ts';
import type { AgentClock } from '../clock.ts';
import type { Held } from '../queue/held.ts';
import type { LoadedBatch } from '../queue/load.ts';
import type { Queue } from '../queue/queue.ts';
import { judge, judgeInfo } from './answer.ts';
import type { Refusal } from './answer.ts';
import { backoffMs, spread } from './backoff.ts';
import type { Server } from './post.ts';
import { splitBatch } from './split.ts';

/** Longest pause after failures: current state is back within a poll or two of the server's return. */
const MOST_BACKOFF_MS = 60_000;
const KEY_REFUSED_MS = 300_000;
const UPGRADE_MS = 3_600_000;
const CLOCK_SKEW_WARNING_MS = 30_000;

/** How a lane is, for people. */
export interface LaneReport {
  in_flight: number | null;
  failures: number;
  /** Not before, ISO 8601; null: at once. */
  next_attempt: string | null;
}

export interface Uplink {
  /** A batch of now lies in the queue: the live lane takes it next. */
  fresh(seq: number): void;
  lanes(): Record<Lane, LaneReport>;
  /** Sends what the live lane still has, for at most `ms`; then ends both lanes. */
  stop(ms: number): Promise<void>;
}

/** When to try again, monotonic ms, and how often in a row it has failed. */
interface Hold {
  failures: number;
  notBefore: number;
}

/**
 * Sends the queue through two lanes, one request in flight in each: *live* takes batches of this
 * run's last `freshMs`, newest first, so that people see the present before the past; *backlog* takes the rest,
 * oldest first, at the pace the server sets. No retry limit. What is wrong with the server or the key holds both, and
 * the backlog then waits for the live lane to get through; a server with too much to do holds the lane it says so to.
 * With a `clock` that nobody has confirmed, the server is asked for the time before anything is sent.
 */
export function startUplink(options: {
  queue: Queue;
  server: Server;
  freshMs: number;
  log: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  clock?: AgentClock;
  /** The backlog's first request waits so long at most. */
  backlogDelayMs?: number;
  random?: () => number;
  keyRefusedMs?: number;
}): Uplink {
  const { queue, server, log, clock = machineClock, random = Math.random } = options;
  const { freshMs, backlogDelayMs = 0, keyRefusedMs = KEY_REFUSED_MS } = options;
  const ending = new AbortController();
  const inFlight: Record<Lane, Held | null> = { live: null, backlog: null };
  /** Batches of the present, and since when they wait (monotonic ms). */
  const present = new Map<Held, number>();
  const both: Hold = { failures: 0, notBefore: 0 };
  const holds: Record<Lane, Hold> = {
    live: { failures: 0, notBefore: 0 },
    backlog: { failures: 0, notBefore: performance.now() + random() * backlogDelayMs },
  };
  /** Where in the time the server spreads live batches over this agent has its place: the same for ever. */
  const place = createHash('sha256').update(queue.id).digest().readUInt32BE() / 2 ** 32;
  let liveMs = 0;
  /** The server has told its pace since it was last away. */
  let isPaced = false;
  let draining = false;
  const said = new Set<Refusal['kind']>();
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

  function forgetPast(): void {
    for (const [batch, since] of present) {
      if (performance.now() - since <= freshMs && queue.find(batch.seq) === batch) continue;
      present.delete(batch);
      // It is of the past now: the backlog may have given way to it.
      wake();
    }
  }

  const isFree = (batch: Held): boolean =>
    batch !== inFlight.live && batch !== inFlight.backlog && !batch.stuck;

  /** The batch to send next, or for how long there is none. */
  function pick(lane: Lane): Held | number {
    forgetPast();
    if (lane === 'live') {
      const [newest, since = 0] = [...present].findLast(([batch]) => isFree(batch)) ?? [];
      if (!newest) return 60_000;
      const waitMs = since + place * Math.min(liveMs, freshMs / 2) - performance.now();
      return waitMs > 0 && !draining ? waitMs : newest;
    }
    if (both.failures > 0 && present.size > 0) return 60_000;
    return queue.held().find((batch) => isFree(batch) && !present.has(batch)) ?? 60_000;
  }

  async function run(lane: Lane): Promise<void> {
    // Known before the first batch is sealed, none has to be put right.
    if (lane === 'live' && !clock.isSure()) await askTheTime();
    while (!ending.signal.aborted) {
      if (draining && lane === 'backlog') return;
      const waitMs = Math.max(both.notBefore, holds[lane].notBefore) - performance.now();
      if (waitMs > 0 && !draining) {
        // May be woken early, by a fresh batch or a recovery: look again.
        await idle(waitMs);
        continue;
      }
      const batch = pick(lane);
      if (typeof batch === 'number') {
        if (draining) return;
        await idle(batch);
        continue;
      }
      inFlight[lane] = batch;
      try {
        if (clock.isSure() || (await askTheTime())) await deliver(lane, batch);
      } catch (error) {
        fail(both, `the queue folder refuses: ${reasonOf(error)}`, 0);
      } finally {
        inFlight[lane] = null;
        // The other lane may have found nothing free, or waited for how this would end.
        wake();
      }
      if (draining && both.failures + holds[lane].failures > 0) return;
    }
  }

  let asking: Promise<boolean> | null = null;
  /** False: the server did not say. Both lanes ask once together. */
  function askTheTime(): Promise<boolean> {
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  }
  async function ask(): Promise<boolean> {
    const began = performance.now();
    try {
      const raw = await server.info(ending.signal);
      const verdict = judgeInfo(raw, new Date());
      if (verdict.kind === 'time') {
        // The header has whole seconds, cut off.
        clock.learn(verdict.serverMs + 500, performance.now() - began);
        return true;
      }
      heed('live', verdict);
    } catch (error) {
      if (!ending.signal.aborted) fail(both, reasonOf(error), 0);
    }
    return false;
  }

  async function deliver(lane: Lane, held: Held): Promise<void> {
    const batch = await queue.load(held.seq);
    if (batch === null) return;
    const began = performance.now();
    let raw;
    try {
      raw = await server.sync(batch.gz, ending.signal, lane);
    } catch (error) {
      if (!ending.signal.aborted) fail(both, reasonOf(error), 0);
      return;
    }
    const tookMs = performance.now() - began;
    const name = { queue: batch.queue, seq: batch.sentAs, sha256: batch.sha256 };
    const verdict = judge(name, raw, new Date());
    if (verdict.kind !== 'acknowledged') {
      await act(lane, held, batch, verdict);
      return;
    }
    const { answer } = verdict;
    clock.learn(Date.parse(answer.server_time), tookMs);
    await queue.ack(held.seq, batch.sha256);
    succeed(lane);
    keepPace(lane, answer.next);
    if (answer.gaps_taken.length > 0) await queue.gapsTaken(answer.gaps_taken);
    log.info({
      event: 'acknowledged',
      seq: held.seq,
      lane,
      samples: batch.body.miner_stats?.length ?? 0,
      quarantined: answer.quarantined.length,
      duplicate: answer.duplicate,
      ms: Math.round(tookMs),
    });
    warnOfSkew();
  }

  function keepPace(lane: Lane, next: SyncAnswer['next']): void {
    liveMs = next.live_ms;
    const { backlog } = holds;
    if (lane === 'backlog') {
      // Half to one and a half: agents told the same pace must not march in step.
      backlog.notBefore = performance.now() + next.backlog_ms * (0.5 + random());
    } else if (!isPaced) {
      // The first of a backlog keeps to the pace, too: agents that lost the server together return together.
      const firstMs = performance.now() + next.backlog_ms * random();
      backlog.notBefore = Math.max(backlog.notBefore, firstMs);
    }
    isPaced = true;
  }

  async function act(lane: Lane, held: Held, batch: LoadedBatch, refusal: Refusal): Promise<void> {
    const { seq } = held;
    switch (refusal.kind) {
      case 'invalid':
        log.error({ event: 'refused', seq, why: refusal.why }, 'batch kept in dead/');
        queue.trouble(`batch ${seq} refused: ${refusal.why}`);
        await queue.bury(seq);
        break;
      case 'too_large': {
        const halves = splitBatch(batch.body);
        log.warn({ event: 'too_large', seq, why: refusal.why, parts: halves.length });
        await (halves.length === 0 ? queue.bury(seq) : queue.replace(seq, halves));
        break;
      }
      case 'seq_reused':
        log.warn({ event: 'seq_reused', seq, why: refusal.why }, 'copied disk? sending it anew');
        if (batch.queue === queue.id) await queue.renewId();
        await queue.replace(seq, [batch.body]);
        break;
      default:
        heed(lane, refusal);
        return;
    }
    succeed(lane);
  }

  /** Waits as long as an answer that is not about the batch asks for. */
  function heed(lane: Lane, refusal: Refusal): void {
    const { kind, why } = refusal;
    switch (kind) {
      case 'later':
        fail(refusal.isOverload ? holds[lane] : both, why, refusal.waitMs);
        break;
      case 'key_refused':
        people(kind, why, KEY_REFUSED_HELP, keyRefusedMs);
        break;
      case 'upgrade':
        people(kind, why, UPGRADE_HELP, UPGRADE_MS);
        break;
      default:
        fail(both, why, 0);
    }
  }

  /** Only people can put it right: said once, tried seldom. */
  function people(kind: Refusal['kind'], why: string, help: string, waitMs: number): void {
    if (!said.has(kind)) log.error({ event: kind, why }, help);
    said.add(kind);
    queue.trouble(why);
    both.failures += 1;
    both.notBefore = performance.now() + waitMs * (0.8 + 0.4 * random());
  }

  function succeed(lane: Lane): void {
    const failures = both.failures + holds[lane].failures;
    if (failures > 0) log.info({ event: 'connected', after: failures });
    for (const hold of [both, holds[lane]]) Object.assign(hold, { failures: 0, notBefore: 0 });
    said.clear();
  }

  function fail(hold: Hold, why: string, waitMs: number): void {
    hold.failures += 1;
    if (hold === both) isPaced = false;
    const pauseMs = spread(
      Math.max(waitMs, backoffMs(hold.failures, MOST_BACKOFF_MS, random)),
      random,
    );
    hold.notBefore = Math.max(hold.notBefore, performance.now() + pauseMs);
    const { failures } = hold;
    log.warn({ event: 'not_sent', why, failures, retryMs: Math.round(pauseMs) });
    queue.trouble(why);
  }

  let skewed = false;
  function warnOfSkew(): void {
    const errorMs = clock.errorMs() ?? 0;
    const now = Math.abs(errorMs) > CLOCK_SKEW_WARNING_MS;
    if (now && !skewed) {
      log.warn({ event: 'clock_skew', seconds: Math.round(errorMs / 1000) }, CLOCK_HELP);
    }
    skewed = now;
  }

  function laneReport(lane: Lane): LaneReport {
    const waitMs = Math.max(both.notBefore, holds[lane].notBefore) - performance.now();
    return {
      in_flight: inFlight[lane]?.seq ?? null,
      failures: both.failures + holds[lane].failures,
      next_attempt: waitMs > 0 ? new Date(clock.wall() + waitMs).toISOString() : null,
    };
  }

  const running = Promise.all([run('live'), run('backlog')]);
  return {
    fresh(seq) {
      const batch = queue.find(seq);
      if (batch) present.set(batch, performance.now());
      wake();
    },
    lanes: () => ({ live: laneReport('live'), backlog: laneReport('backlog') }),
    async stop(ms) {
      draining = true;
      wake();
      // The backlog stays on disk; a stop waits for the present only.
      const timer = setTimeout(() => ending.abort(), ms);
      // Both lanes end by themselves: the live one when it has nothing left, or at the first failure.
      await running;
      clearTimeout(timer);
    },
  };
}

const KEY_REFUSED_HELP =
  'the server refuses the API key; everything is kept. Put a valid key into api_key (AGENT_API_KEY) and restart';
const UPGRADE_HELP = 'the server needs a newer agent; everything is kept. Install it';
const CLOCK_HELP = 'this clock and the server disagree; set up NTP (timedatectl set-ntp true)';

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return code ? `${code}: ${error.message}` : error.message;
}
