import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openQueue } from '../../agent/queue/queue.ts';
import { toSample } from '../../agent/sample.ts';
import { startFarm } from '../farm.ts';
import { MODELS } from '../models.ts';
import { lookAt, pastSample, queueHistory } from './history.ts';

test('a past sample is the one a live reading of that moment gives, for every model', async () => {
  const now = new Date('2026-11-01T12:00:00Z');
  await using farm = disposable(
    await startFarm({ range: '127.32.1.0/27', miners: MODELS.length, seed: 5, clock: () => now }),
  );
  const looks = await lookAt(farm.miners);
  expect(looks.size).toBe(MODELS.length);
  for (const [miner, look] of looks) {
    const live = toSample(look.miner, now, {
      reachable: true,
      reading: look.reading,
      durationMs: 0,
      exchanges: [],
    });
    expect(asIn(live, pastSample(miner, look, now))).toEqual(live);
  }
});

test('a day of a farm becomes batches that cover each miner and minute once', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hashyard-history-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(dir, { recursive: true }));
  const farm = stack.use(
    disposable(await startFarm({ range: '127.32.2.0/26', miners: 20, seed: 5, faults: 'typical' })),
  );
  const to = new Date();
  const from = new Date(to.getTime() - 3600_000);
  const samples = await queueHistory({ farm, queueDir: dir, from, to });

  const queue = await openQueue({ dir, log: { info() {}, warn() {}, error() {} } });
  stack.defer(() => queue.close());
  const seen = new Set<string>();
  for (const { seq } of queue.held()) {
    const batch = await queue.load(seq);
    for (const sample of batch?.body.miner_stats ?? []) {
      seen.add(`${sample.mac ?? sample.ip_address} ${sample.timestamp}`);
    }
  }
  expect(seen.size).toBe(samples);
  expect(samples).toBe(60 * farm.miners.filter((miner) => miner.identifiable).length);
});

function disposable<T extends { close(): Promise<void> }>(farm: T): T & AsyncDisposable {
  return Object.assign(farm, { [Symbol.asyncDispose]: () => farm.close() });
}

/** `past` with the values of `live` where both mean the same: firmware rounds in its own ways. */
function asIn(live: unknown, past: unknown, name = ''): unknown {
  if (typeof live === 'number' && typeof past === 'number') {
    const tolerance = Math.max(0.01 * Math.abs(live), name.startsWith('temp') ? 1 : 0.01);
    return Math.abs(live - past) <= tolerance ? live : past;
  }
  if (!isObject(live) || !isObject(past)) return past;
  const entries = Object.entries(past).map(([key, value]) => [key, asIn(live[key], value, key)]);
  return Array.isArray(past) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
