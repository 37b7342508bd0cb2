import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SyncRequest } from '#contract/sync.ts';
import type { Queue } from './queue/queue.ts';
import type { DiscoveredInput, SampleInput } from './sample.ts';

type AgentReport = NonNullable<SyncRequest['agent']>;

/** Turns samples into batches on disk. Nothing here is ever awaited by a poll. */
export interface Sealer {
  sample(sample: SampleInput): void;
  /** Ends a poll cycle: what is left is sealed with its report, an empty cycle too: it says "alive". */
  cycleEnd(cycle: NonNullable<AgentReport['cycle']>): void;
  scanEnd(found: readonly DiscoveredInput[], scan: NonNullable<SyncRequest['scan']>): void;
  /** Seals what is open and waits, at most `ms`, until all is on disk. */
  close(ms: number): Promise<void>;
}

/** Two kilobytes a sample: far below the 8 MiB the server takes. */
const MOST_SAMPLES = 1000;
const LONGEST_OPEN_MS = 10_000;
/** While the disk refuses: about 8 MB of packed batches. */
const MOST_IN_MEMORY = 50;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

export function makeSealer(options: {
  queue: Queue;
  identity: { version: string; boot: string };
  log: Pick<Logger, 'error' | 'info'>;
  onSealed: (seq: number) => void;
}): Sealer {
  const { queue, log, onSealed } = options;
  const identity = { version: options.identity.version, boot: options.identity.boot };
  let open: SampleInput[] = [];
  const waiting: SyncRequest[] = [];
  const overflow: SyncRequest[] = [];
  let writing: Promise<void> | null = null;
  const giveUp = new AbortController();
  const timer = setInterval(() => {
    if (open.length > 0) sealSamples(identity);
  }, LONGEST_OPEN_MS);
  timer.unref();

  function sealSamples(report: AgentReport): void {
    const samples = open;
    open = [];
    seal({ discovered_miners: [], miner_stats: samples, agent: report });
  }

  function seal(body: SyncRequest): void {
    waiting.push(body);
    // The disk has refused for long: the oldest go, and are counted.
    while (waiting.length > MOST_IN_MEMORY) overflow.push(waiting.shift() as SyncRequest);
    writing ??= write().finally(() => {
      writing = null;
    });
  }

  async function write(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (waiting.length > 0) {
      const body = waiting[0] as SyncRequest;
      try {
        if (overflow.length > 0) await queue.lost(overflow.splice(0), 'memory');
        const { seq } = await queue.append(body);
        // An overflow may have taken it off meanwhile: then it is both kept and counted, not lost.
        if (waiting[0] === body) waiting.shift();
        if (retryMs > FIRST_RETRY_MS) log.info({ event: 'disk_recovered' });
        retryMs = FIRST_RETRY_MS;
        onSealed(seq);
      } catch (error) {
        if (giveUp.signal.aborted) return;
        log.error({ err: error, event: 'disk_refuses', inMemory: waiting.length }, DISK_HELP);
        await sleep(retryMs, undefined, { signal: giveUp.signal }).catch(() => undefined);
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  return {
    sample(sample) {
      open.push(sample);
      if (open.length >= MOST_SAMPLES) sealSamples(identity);
    },
    cycleEnd: (cycle) => sealSamples({ ...identity, cycle }),
    scanEnd(found, scan) {
      const rest = [...found];
      const first = rest.splice(0, MOST_SAMPLES);
      seal({ discovered_miners: first, miner_stats: [], agent: identity, scan });
      while (rest.length > 0) {
        seal({
          discovered_miners: rest.splice(0, MOST_SAMPLES),
          miner_stats: [],
          agent: identity,
        });
      }
    },
    async close(ms) {
      clearInterval(timer);
      if (open.length > 0) sealSamples(identity);
      const abort = setTimeout(() => giveUp.abort(), ms);
      await writing;
      clearTimeout(abort);
      const lost = [...overflow, ...waiting];
      if (lost.length === 0) return;
      log.error({ event: 'lost_in_memory', batches: lost.length });
      // The count may find room where the batches did not; the log has it in any case.
      await queue.lost(lost, 'memory').catch(() => undefined);
    },
  };
}

const DISK_HELP =
  'the queue folder refuses a batch; it is kept in memory. Free disk space or mend the folder';
