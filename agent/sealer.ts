import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SyncRequest } from '#contract/sync.ts';
import type { Stamp } from './clock.ts';
import type { Queue } from './queue/queue.ts';
import type { DiscoveredInput, SampleInput } from './sample.ts';

type AgentReport = NonNullable<SyncRequest['agent']>;

/**
 * Turns samples into batches of the queue. Nothing here is ever awaited by a poll. `unsure`: the moment by the clock
 * that has stamped them, while nobody has confirmed that clock; a batch holds samples of one kind.
 */
export interface Sealer {
  sample(sample: SampleInput, unsure?: Stamp | null): void;
  /** Ends a poll cycle: what is left is sealed with its report, an empty cycle too: it says "alive". */
  cycleEnd(cycle: NonNullable<AgentReport['cycle']>, unsure?: Stamp | null): void;
  scanEnd(
    found: readonly DiscoveredInput[],
    scan: NonNullable<SyncRequest['scan']>,
    unsure?: Stamp | null,
  ): void;
  /** Seals what is open and waits, at most `ms`, until the queue has all. */
  close(ms: number): Promise<void>;
}

/** Two kilobytes a sample: far below the 8 MiB the server takes. */
const MOST_SAMPLES = 1000;
const LONGEST_OPEN_MS = 10_000;
/** While the disk hangs: neither takes a batch nor refuses it. */
const MOST_WAITING = 50;

interface Sealed {
  body: SyncRequest;
  unsure: Stamp | null;
}

export function makeSealer(options: {
  queue: Queue;
  identity: { version: string; boot: string };
  log: Pick<Logger, 'error' | 'info'>;
  onSealed: (seq: number) => void;
}): Sealer {
  const { queue, log, onSealed } = options;
  const identity = { version: options.identity.version, boot: options.identity.boot };
  let open: { samples: SampleInput[]; unsure: Stamp | null } = { samples: [], unsure: null };
  const waiting: Sealed[] = [];
  const overflow: Sealed[] = [];
  let writing: Promise<void> | null = null;
  const timer = setInterval(() => {
    if (open.samples.length > 0) sealSamples(identity, open.unsure);
  }, LONGEST_OPEN_MS);
  timer.unref();

  function sealSamples(report: AgentReport, unsure: Stamp | null): void {
    const { samples } = open;
    open = { samples: [], unsure: null };
    seal({ discovered_miners: [], miner_stats: samples, agent: report }, unsure);
  }

  function seal(body: SyncRequest, unsure: Stamp | null): void {
    waiting.push({ body, unsure });
    // The oldest go, and are counted.
    while (waiting.length > MOST_WAITING) overflow.push(waiting.shift() as Sealed);
    writing ??= write().finally(() => {
      writing = null;
    });
  }

  async function write(): Promise<void> {
    for (let next = waiting[0]; next; next = waiting[0]) {
      for (const { body, unsure } of overflow.splice(0)) await queue.lost([body], 'memory', unsure);
      try {
        const { seq } = await queue.append(next.body, next.unsure);
        onSealed(seq);
      } catch (error) {
        log.error({ err: error, event: 'not_sealed' });
        await queue.lost([next.body], 'memory', next.unsure);
      }
      // An overflow may have taken it off meanwhile: then it is both kept and counted, not lost.
      if (waiting[0] === next) waiting.shift();
    }
  }

  return {
    sample(sample, unsure = null) {
      const isOther = open.samples.length > 0 && (open.unsure === null) !== (unsure === null);
      // Only now that there is more: a cycle that just fills a batch goes out in one, with its report.
      if (isOther || open.samples.length >= MOST_SAMPLES) sealSamples(identity, open.unsure);
      if (open.samples.length === 0) open.unsure = unsure;
      open.samples.push(sample);
    },
    cycleEnd(cycle, unsure = null) {
      sealSamples({ ...identity, cycle }, open.samples.length > 0 ? open.unsure : unsure);
    },
    scanEnd(found, scan, unsure = null) {
      const rest = [...found];
      const first = rest.splice(0, MOST_SAMPLES);
      seal({ discovered_miners: first, miner_stats: [], agent: identity, scan }, unsure);
      while (rest.length > 0) {
        const discovered = rest.splice(0, MOST_SAMPLES);
        seal({ discovered_miners: discovered, miner_stats: [], agent: identity }, unsure);
      }
    },
    async close(ms) {
      clearInterval(timer);
      if (open.samples.length > 0) sealSamples(identity, open.unsure);
      const late = new AbortController();
      const limit = sleep(ms, undefined, { signal: late.signal }).catch(() => undefined);
      await Promise.race([writing, limit]);
      late.abort();
      const lost = waiting.length + overflow.length;
      if (lost > 0) log.error({ event: 'lost_in_memory', batches: lost }, 'the disk hangs');
    },
  };
}
