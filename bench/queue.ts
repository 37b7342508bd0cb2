import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SyncRequest } from '#contract/sync.ts';
import { QUEUE_LIMITS, openQueue } from '../agent/queue/queue.ts';

const START_TARGET_MS = 2000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** The disk of a benchmark may be fuller than a site's: only what is measured shall count. */
const limits = { ...QUEUE_LIMITS, minFreeBytes: 0 };

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const rate = (count: number, ms: number): string => `${Math.round(count / (ms / 1000))}/s`;

/**
 * The agent's queue on this disk: durable appends a second, a start with all of them in the folder, and loads with
 * acknowledgement a second, oldest first. False: the start took longer than two seconds for 10,000 files.
 */
export async function run(options: { files?: number; samples?: number }): Promise<{ ok: boolean }> {
  const { files = 10_000, samples = 100 } = options;
  const dir = await mkdtemp(join(tmpdir(), 'bench-queue-'));
  try {
    const first = await openQueue({ dir, log: silent, limits });
    let began = performance.now();
    for (let index = 0; index < files; index += 1) await first.append(bodyOf(index, samples));
    const appendMs = performance.now() - began;
    const { bytes } = first.stats();
    await first.close();

    began = performance.now();
    const queue = await openQueue({ dir, log: silent, limits });
    const startMs = performance.now() - began;

    began = performance.now();
    for (let oldest = queue.oldest(); oldest; oldest = queue.oldest()) {
      const batch = await queue.load(oldest.seq);
      await queue.ack(oldest.seq, batch?.sha256 ?? '');
    }
    const drainMs = performance.now() - began;
    await queue.close();

    say(`${files} batches of ${samples} samples, ${Math.round(bytes / files / 1000)} kB each`);
    say(`append, on disk for good    ${rate(files, appendMs)}`);
    say(
      `start with all of them      ${Math.round(startMs)} ms (target: < ${START_TARGET_MS} for 10,000)`,
    );
    say(`load and acknowledge        ${rate(files, drainMs)}`);
    return { ok: startMs < START_TARGET_MS * Math.max(1, files / 10_000) };
  } finally {
    await rm(dir, { recursive: true });
  }
}

function bodyOf(minute: number, samples: number): SyncRequest {
  return {
    discovered_miners: [],
    miner_stats: Array.from({ length: samples }, (_, index) => ({
      ip_address: `10.0.${index >> 8}.${index & 255}`,
      timestamp: new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString(),
      hash_rate: 100 + Math.sin(index + minute),
      temperature: 60 + (index % 20),
      power: 3000 + (minute % 100),
      reachable: true,
    })),
    agent: { version: '1', boot: 'bench' },
  };
}
