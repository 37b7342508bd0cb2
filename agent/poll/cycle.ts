import { deadline } from '../deadline.ts';
import type { KnownMiner, MinerContext, ReadResult } from '../miner.ts';
import { inParallel } from '../pool.ts';
import type { Turns } from '../turns.ts';
import { isDoor } from '../web-door.ts';
import type { Clock } from '../clock.ts';

export type ReadMiner = (miner: KnownMiner, context: MinerContext) => Promise<ReadResult>;

export interface CycleSummary {
  miners: number;
  reachable: number;
  /** Not asked this time: they have long been silent. Reported as unreachable. */
  rested: number;
  /** Asked over HTTP less than ten seconds ago, and left alone this time. No sample: nothing new is known. */
  spared: number;
  /** Not asked for want of time. No sample: nothing is known. */
  skipped: number;
  durationMs: number;
}

const IN_FLIGHT = 200;
const DEVICE_MS = 10_000;
const LONGEST_REST_MS = 300_000;
/** Small web servers on miners fall over when they are asked more often, whatever interval the site wants. */
const LEAST_WEB_MS = 9_500;

/** What costs the whole deadline to find out again, or locks an account when tried too often. */
const WORTH_RESTING = new Set(['timeout', 'unreachable', 'auth']);

interface Silence {
  failures: number;
  /** Monotonic ms. */
  askAgainAt: number;
  last: Extract<ReadResult, { reachable: false }>;
}

/**
 * Polls every miner once, at most 200 at a time, each within its own deadline. A silent miner
 * is asked less and less often, down to every five minutes, yet yields a sample in every cycle.
 */
export function makeCycle(options: {
  read: ReadMiner;
  context: MinerContext;
  turns: Turns;
  intervalMs: number;
  clock: Clock;
  inFlight?: number;
}): (
  miners: readonly KnownMiner[],
  onResult: (miner: KnownMiner, result: ReadResult) => void,
) => Promise<CycleSummary> {
  const { read, context, turns, intervalMs, clock, inFlight = IN_FLIGHT } = options;
  const deviceMs = Math.min(DEVICE_MS, intervalMs * 0.8);
  let silences = new Map<KnownMiner, Silence>();
  const busy = new Set<string>();
  /** When a miner that is read over HTTP was last asked, monotonic ms. */
  const askedOverWeb = new WeakMap<KnownMiner, number>();

  function isTooSoon(miner: KnownMiner): boolean {
    if (!isDoor(miner.port)) return false;
    const now = clock.monotonic();
    if (now - (askedOverWeb.get(miner) ?? -Infinity) < LEAST_WEB_MS) return true;
    askedOverWeb.set(miner, now);
    return false;
  }

  /** The reading, or a timeout at the deadline even if the conversation ignores its signal. */
  function ask(miner: KnownMiner): Promise<ReadResult> {
    const asked = clock.monotonic();
    const late = (detail: string, since: number): ReadResult => ({
      reachable: false,
      reason: 'timeout',
      detail,
      durationMs: clock.monotonic() - since,
      exchanges: [],
    });
    if (busy.has(miner.host)) {
      return Promise.resolve(late('the last conversation with it has not ended', asked));
    }
    busy.add(miner.host);
    return new Promise((resolve) => {
      // The turn lasts as long as the conversation, whatever has been reported meanwhile; the deadline begins
      // with the turn: waiting for a scan to leave the device alone is not the device's fault.
      const conversation = turns.take(miner.host, async () => {
        const began = clock.monotonic();
        const expired = `no reading within ${deviceMs} ms`;
        using limit = deadline(context.signal, deviceMs);
        limit.signal.addEventListener('abort', () => resolve(late(expired, began)));
        try {
          resolve(await read(miner, { ...context, signal: limit.signal }));
        } catch (error) {
          resolve(limit.signal.aborted ? late(expired, began) : broken(miner, error, began));
        }
      });
      void conversation.finally(() => busy.delete(miner.host));
    });
  }

  function broken(miner: KnownMiner, error: unknown, began: number): ReadResult {
    return {
      reachable: false,
      reason: 'not_understood',
      detail: `${miner.family}: ${String(error)}`,
      durationMs: clock.monotonic() - began,
      exchanges: [],
    };
  }

  function remember(miner: KnownMiner, result: ReadResult): void {
    if (result.reachable || !WORTH_RESTING.has(result.reason)) {
      silences.delete(miner);
      return;
    }
    const failures = (silences.get(miner)?.failures ?? 0) + 1;
    const restMs = Math.min(LONGEST_REST_MS, intervalMs * (2 ** Math.min(failures - 1, 20) - 0.5));
    silences.set(miner, { failures, askAgainAt: clock.monotonic() + restMs, last: result });
  }

  return async (miners, onResult) => {
    const began = clock.monotonic();
    const summary = { miners: miners.length, reachable: 0, rested: 0, spared: 0, skipped: 0 };
    // Miners that have left the roster take their history with them.
    silences = new Map(
      miners.flatMap((miner) => {
        const silence = silences.get(miner);
        return silence ? [[miner, silence] as const] : [];
      }),
    );
    const due: KnownMiner[] = [];
    for (const miner of miners) {
      const silence = silences.get(miner);
      if (silence && clock.monotonic() < silence.askAgainAt) {
        summary.rested += 1;
        onResult(miner, { ...silence.last, durationMs: 0, exchanges: [] });
      } else {
        due.push(miner);
      }
    }
    // Each cycle begins elsewhere, so that a cycle without enough time does not skip the same ones.
    const start = Math.floor(Math.random() * due.length);
    await inParallel([...due.slice(start), ...due.slice(0, start)], inFlight, async (miner) => {
      const isLate = clock.monotonic() - began > intervalMs * 0.9;
      if (context.signal.aborted || isLate) {
        summary.skipped += 1;
        return;
      }
      if (isTooSoon(miner)) {
        summary.spared += 1;
        return;
      }
      const result = await ask(miner);
      if (context.signal.aborted && !result.reachable) {
        summary.skipped += 1;
        return;
      }
      if (result.reachable) summary.reachable += 1;
      remember(miner, result);
      onResult(miner, result);
    });
    return { ...summary, durationMs: clock.monotonic() - began };
  };
}
