import { mkdir, mkdtemp, readFile, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { syncBody } from '#contract/sync.ts';
import type { SyncRequest } from '#contract/sync.ts';
import { openQueue } from './queue.ts';
import type { Queue } from './queue.ts';

const events: Record<string, unknown>[] = [];
const record = (entry: Record<string, unknown>): void => void events.push(entry);
const log = { info: record, warn: record, error: record };

let dir: string;
let opened: Queue[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agent-memory-'));
  opened = [];
  events.length = 0;
});
afterEach(async () => {
  for (const queue of opened) await queue.close();
  await rm(dir, { recursive: true });
});

async function open(healEveryMs = 3_600_000): Promise<Queue> {
  const queue = await openQueue({ dir, log, healEveryMs });
  opened.push(queue);
  return queue;
}
async function close(queue: Queue): Promise<void> {
  opened = opened.filter((each) => each !== queue);
  await queue.close();
}

/** A folder nothing can be written into, also for root: where its own folders should be are files. */
async function refuse(): Promise<void> {
  for (const name of ['tmp', 'odd']) {
    await rm(join(dir, name), { recursive: true });
    await writeFile(join(dir, name), '');
  }
}
async function mend(): Promise<void> {
  for (const name of ['tmp', 'odd']) await unlink(join(dir, name));
}

const body = (minute: number, samples = 1): SyncRequest => ({
  discovered_miners: [],
  miner_stats: Array.from({ length: samples }, (_, index) => ({
    ip_address: `10.0.0.${index + 1}`,
    timestamp: `2026-03-01T10:${String(minute % 60).padStart(2, '0')}:00.000Z`,
    hash_rate: minute,
  })),
  agent: { version: '1', boot: 'b' },
});
const rates = async (queue: Queue): Promise<unknown[]> => {
  const loaded = await Promise.all(queue.held().map(({ seq }) => queue.load(seq)));
  return loaded.map((batch) => batch?.body.miner_stats?.[0]?.hash_rate);
};
const batchFiles = async () => (await readdir(dir)).filter((name) => name.endsWith('.gz')).sort();

describe('a queue whose disk refuses', () => {
  it('keeps batches in memory and gives them out under names of this run', async () => {
    const queue = await open();
    await queue.append(body(1));
    await refuse();
    const { seq, sha256 } = await queue.append(body(2));
    expect(seq).toBe(-1);
    expect(queue.stats()).toMatchObject({ batches: 2, state: 'memory', inMemory: { batches: 1 } });
    expect(queue.stats().lastError?.text).toMatch(/queue folder: ENOTDIR/);
    const loaded = await queue.load(seq);
    expect(loaded).toMatchObject({ sentAs: 1, sha256 });
    expect(loaded?.queue).not.toBe(queue.id);
    const next = syncBody.parse((await queue.load((await queue.append(body(3))).seq))?.body);
    expect(next.batch).toEqual({ queue: loaded?.queue, seq: 2 });
    expect(next.agent?.queue).toMatchObject({ state: 'memory', in_memory: 1, dead: 0 });
    expect(next.agent?.queue?.last_error).toContain('ENOTDIR');
    await queue.ack(seq, sha256);
    expect(queue.held().map((batch) => batch.seq)).toEqual([1, -2]);
    // Said once, not with every batch.
    expect(events.filter(({ event }) => event === 'queue_state')).toHaveLength(1);
    await mend();
  });

  it('moves them to disk when it heals: renumbered, unless they may have been sent', async () => {
    const queue = await open(20);
    await refuse();
    await queue.append(body(1));
    await queue.append(body(2));
    const sent = await queue.load(-1);
    const [held] = queue.held();
    await mend();
    await vi.waitFor(() => expect(queue.stats().state).toBe('disk'));
    expect(queue.stats().inMemory.batches).toBe(0);
    expect(await batchFiles()).toEqual([
      '0000000000000001.memory1.json.gz',
      '0000000000000002.json.gz',
    ]);
    // The same object, so that who is sending it still knows it.
    expect(queue.held()[0]).toBe(held);
    expect(held?.seq).toBe(1);
    await close(queue);

    const again = await open();
    const { queue: name, sentAs, sha256 } = sent as NonNullable<typeof sent>;
    expect(await again.load(1)).toMatchObject({ queue: name, sentAs, sha256 });
    expect(await again.load(2)).toMatchObject({ queue: again.id, sentAs: 2 });
    await again.ack(1, sha256);
    expect(await batchFiles()).toEqual(['0000000000000002.json.gz']);
  });

  it('takes an acknowledgement for a batch that has moved meanwhile', async () => {
    const queue = await open(20);
    await refuse();
    const { sha256 } = await queue.append(body(1));
    await queue.load(-1);
    const [held] = queue.held();
    await mend();
    await vi.waitFor(() => expect(queue.stats().state).toBe('disk'));
    await queue.ack(held?.seq ?? 0, sha256);
    expect(await batchFiles()).toEqual([]);
  });

  it('holds fifty, drops the oldest and counts them', async () => {
    const queue = await open();
    await refuse();
    for (let minute = 0; minute < 55; minute += 1) await queue.append(body(minute, 2));
    expect(queue.stats().inMemory.batches).toBe(50);
    expect(await rates(queue)).toEqual(Array.from({ length: 50 }, (_, index) => index + 5));
    const { gaps } = queue.stats();
    expect(gaps.every(({ reason }) => reason === 'memory')).toBe(true);
    expect(gaps.reduce((sum, { batches }) => sum + batches, 0)).toBe(5);
    expect(gaps.reduce((sum, { samples }) => sum + samples, 0)).toBe(10);
    // A gap that cannot be written goes out all the same.
    const newest = await queue.load(queue.newest()?.seq ?? 0);
    expect(newest?.body.agent?.gaps?.length).toBeGreaterThan(0);
    await mend();
  });

  it('starts in a folder that refuses, sends what lies in it, and takes its name up when it heals', async () => {
    const first = await open();
    const { id } = first;
    await first.append(body(1));
    await close(first);
    await refuse();
    const queue = await open(20);
    expect(queue.stats()).toMatchObject({ state: 'memory', batches: 1 });
    expect(await rates(queue)).toEqual([1]);
    await queue.append(body(2));
    await mend();
    await vi.waitFor(() => expect(queue.stats().state).toBe('disk'));
    expect(queue.id).toBe(id);
    expect(await rates(queue)).toEqual([1, 2]);
    expect((await queue.load(2))?.queue).toBe(id);
  });

  it('starts where no folder can be made', async () => {
    const file = join(dir, 'file');
    await writeFile(file, '');
    const queue = await openQueue({ dir: join(file, 'queue'), log });
    const { seq } = await queue.append(body(1));
    expect(await queue.load(seq)).toMatchObject({ sentAs: 1 });
    await queue.close();
    expect(events).toContainEqual({ event: 'lost_in_memory', batches: 1 });
  });

  it('writes down what it cannot keep when it ends', async () => {
    const queue = await open();
    await mkdir(join(dir, 'seq'));
    await queue.append(body(1, 3));
    await close(queue);
    const gaps = JSON.parse(await readFile(join(dir, 'gaps.json'), 'utf8')) as unknown[];
    expect(gaps).toMatchObject([{ reason: 'memory', batches: 1, samples: 3 }]);
  });

  it('keeps what it has on disk over an end in memory', async () => {
    const queue = await open();
    await refuse();
    await queue.append(body(1));
    await mend();
    await close(queue);
    expect(await rates(await open())).toEqual([1]);
  });
});
