import { randomUUID } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  rmdir,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { syncBody } from '#contract/sync.ts';
import type { SyncRequest } from '#contract/sync.ts';
import { fileNameOf } from './batch-file.ts';
import type { QueueLimits } from './folder.ts';
import { QUEUE_LIMITS, openQueue } from './queue.ts';
import type { Queue } from './queue.ts';

const silentLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

let dir: string;
let opened: Queue[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agent-queue-'));
  opened = [];
});
afterEach(async () => {
  for (const queue of opened) await queue.close();
  await rm(dir, { recursive: true });
});

async function open(limits: Partial<QueueLimits> = {}): Promise<Queue> {
  const queue = await openQueue({
    dir,
    limits: { ...QUEUE_LIMITS, ...limits },
    log: silentLog,
  });
  opened.push(queue);
  return queue;
}

async function close(queue: Queue): Promise<void> {
  opened = opened.filter((each) => each !== queue);
  await queue.close();
}

const body = (minute: number, samples = 1): SyncRequest => ({
  discovered_miners: [],
  miner_stats: Array.from({ length: samples }, (_, index) => ({
    ip_address: `10.0.0.${index + 1}`,
    timestamp: `2026-03-01T10:${String(minute).padStart(2, '0')}:00.000Z`,
    hash_rate: minute,
  })),
  agent: { version: '1', boot: 'b' },
});

const batchFiles = async () => (await readdir(dir)).filter((name) => name.endsWith('.gz')).sort();

describe('queue', () => {
  it('keeps a batch as the very HTTP body, named by queue and number', async () => {
    const queue = await open();
    const { seq, sha256 } = await queue.append(body(1));
    expect(await batchFiles()).toEqual(['0000000000000001.json.gz']);
    const file = join(dir, fileNameOf(seq));
    const json = gunzipSync(await readFile(file)).toString();
    expect(syncBody.parse(JSON.parse(json))).toMatchObject({
      batch: { queue: queue.id, seq: 1 },
      miner_stats: [{ hash_rate: 1 }],
      agent: { backlog: { batches: 0, bytes: 0, oldest: null } },
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await queue.load(seq)).toMatchObject({ seq, sha256, queue: queue.id });
    expect(await readdir(join(dir, 'tmp'))).toEqual([]);
  });

  it('numbers concurrent appends in the order they were asked', async () => {
    const queue = await open();
    const done = await Promise.all([1, 2, 3, 4, 5].map((minute) => queue.append(body(minute))));
    expect(done.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect((await queue.load(4))?.body.miner_stats?.[0]?.hash_rate).toBe(4);
    expect([queue.oldest()?.seq, queue.newest()?.seq]).toEqual([1, 5]);
  });

  it('forgets on acknowledgement, of these very bytes only', async () => {
    const queue = await open();
    const { seq, sha256 } = await queue.append(body(1));
    await expect(queue.ack(seq, 'other')).rejects.toThrow(/another digest/);
    expect(await batchFiles()).toHaveLength(1);
    await queue.ack(seq, sha256);
    await queue.ack(seq, sha256);
    expect(await batchFiles()).toEqual([]);
    expect(queue.stats()).toMatchObject({ batches: 0, bytes: 0, oldest: null });
    expect(await queue.load(seq)).toBeNull();
  });

  it('goes on after a restart: same id, batches held, numbers rising even when none is left', async () => {
    const first = await open();
    const one = await first.append(body(1));
    const two = await first.append(body(2));
    await first.ack(two.seq, two.sha256);
    await close(first);

    const second = await open();
    expect(second.id).toBe(first.id);
    expect(second.held().map(({ seq }) => seq)).toEqual([1]);
    expect((await second.load(1))?.sha256).toBe(one.sha256);
    await second.ack(1, one.sha256);
    await close(second);

    const third = await open();
    expect((await third.append(body(3))).seq).toBe(3);
  });

  it('never gives a number twice, also when the process died without a word', async () => {
    const first = await open();
    for (const minute of [1, 2, 3]) {
      const { seq, sha256 } = await first.append(body(minute));
      await first.ack(seq, sha256);
    }
    // What a kill leaves: the seq file as it stood, no orderly close.
    const left = await readFile(join(dir, 'seq'), 'utf8');
    await close(first);
    await writeFile(join(dir, 'seq'), left);
    const second = await open();
    expect((await second.append(body(4))).seq).toBeGreaterThan(3);
  });

  it('has one owner', async () => {
    const queue = await open();
    await expect(open()).rejects.toThrow(/in use by another agent/);
    await close(queue);
    await expect(open()).resolves.toBeDefined();
  });

  it('takes over a folder whose owner was killed', async () => {
    const queue = await open();
    await close(queue);
    // A dead socket file, as kill -9 leaves it: nobody answers behind the name.
    await symlink('/nonexistent', join(dir, 'owner.sock'));
    await expect(open()).resolves.toBeDefined();
  });

  it('removes half-written files and sets strange ones aside', async () => {
    await close(await open());
    await writeFile(join(dir, 'tmp', randomUUID()), 'half');
    await writeFile(join(dir, '0000000000000007.json.gz.bak'), 'x');
    await writeFile(join(dir, '7.json.gz'), 'x');
    const queue = await open();
    expect(await readdir(join(dir, 'tmp'))).toEqual([]);
    expect((await readdir(join(dir, 'odd'))).sort()).toEqual([
      '0000000000000007.json.gz.bak',
      '7.json.gz',
    ]);
    expect(queue.held()).toEqual([]);
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 9)],
    [
      'with a flipped bit',
      (bytes: Buffer) => Buffer.from(bytes.map((b, i) => (i === 40 ? b ^ 1 : b))),
    ],
    ['empty', () => Buffer.alloc(0)],
  ])('sets a batch that is %s aside, counts it, and goes on with the next', async (_, damage) => {
    const queue = await open();
    const { seq } = await queue.append(body(1));
    await queue.append(body(2));
    const file = join(dir, fileNameOf(seq));
    await writeFile(file, damage(await readFile(file)));
    expect(await queue.load(seq)).toBeNull();
    expect(await readdir(join(dir, 'damaged'))).toEqual([fileNameOf(seq)]);
    expect(queue.stats().gaps).toMatchObject([{ reason: 'damaged', batches: 1 }]);
    expect(queue.held().map((batch) => batch.seq)).toEqual([2]);
  });

  it('does not send a batch under another number, should files be renamed', async () => {
    const queue = await open();
    await queue.append(body(1));
    const bytes = await readFile(join(dir, fileNameOf(1)));
    await close(queue);
    await writeFile(join(dir, fileNameOf(9)), bytes);
    const again = await open();
    expect(await again.load(9)).toBeNull();
    expect(await again.load(1)).not.toBeNull();
  });

  it('drops the oldest beyond its size, counts it, and says so in the next batch', async () => {
    const probe = await open();
    await probe.append(body(0, 20));
    const { bytes } = probe.stats();
    await probe.ack(1, (await probe.load(1))?.sha256 ?? '');
    await close(probe);

    const queue = await open({ maxBytes: Math.round(bytes * 3.5) });
    for (const minute of [1, 2, 3, 4, 5, 6]) await queue.append(body(minute, 20));
    expect(queue.held().map(({ seq }) => seq).length).toBeLessThanOrEqual(3);
    expect(queue.stats().bytes).toBeLessThanOrEqual(bytes * 3.5);
    expect(queue.newest()?.seq).toBe(7);
    const { gaps } = queue.stats();
    const dropped = 6 - queue.held().length;
    expect(gaps.reduce((sum, gap) => sum + gap.batches, 0)).toBe(dropped);
    expect(gaps.reduce((sum, gap) => sum + gap.samples, 0)).toBe(dropped * 20);
    expect(gaps[0]).toMatchObject({ reason: 'bytes', from: '2026-03-01T10:01:00.000Z' });

    const next = await queue.append(body(7));
    const sent = (await queue.load(next.seq))?.body.agent?.gaps ?? [];
    expect(sent.map(({ id }) => id)).toEqual(expect.arrayContaining(gaps.map(({ id }) => id)));
    await queue.gapsTaken(sent.map(({ id }) => id));
    expect(queue.stats().gaps.filter(({ id }) => sent.some((gap) => gap.id === id))).toEqual([]);
  });

  it('drops what is too old, never the newest', async () => {
    const queue = await open();
    await queue.append(body(1));
    await queue.append(body(2));
    await close(queue);
    for (const name of await batchFiles()) {
      await utimes(join(dir, name), new Date(), new Date(Date.now() - 40 * 86_400_000));
    }
    const again = await open();
    await again.append(body(3));
    expect(again.held().map(({ seq }) => seq)).toEqual([3]);
    expect(again.stats().gaps).toMatchObject([{ reason: 'age', batches: 2, samples: 2 }]);
  });

  it('gives way to others when the disk is short, but not its last bytes', async () => {
    const short = { minFreeBytes: Number.MAX_SAFE_INTEGER, minFreeShare: 1 };
    const queue = await open({ ...short, keepBytes: 700 });
    for (const minute of [1, 2, 3, 4, 5, 6]) await queue.append(body(minute, 3));
    expect(queue.stats().bytes).toBeLessThanOrEqual(700);
    expect(queue.stats().batches).toBeGreaterThan(0);
    expect(queue.stats().gaps[0]).toMatchObject({ reason: 'disk' });
  });

  it('keeps gaps over a restart until the server has taken them', async () => {
    const queue = await open();
    await queue.lost([body(1, 4), body(2, 4)], 'memory');
    await close(queue);
    const again = await open();
    expect(again.stats().gaps).toMatchObject([
      { reason: 'memory', batches: 2, samples: 8, to: '2026-03-01T10:02:00.000Z' },
    ]);
    await again.gapsTaken(again.stats().gaps.map(({ id }) => id));
    await close(again);
    expect((await open()).stats().gaps).toEqual([]);
  });

  it('does not let a gap grow that has been reported', async () => {
    const queue = await open();
    await queue.lost([body(1)], 'memory');
    await queue.append(body(2));
    await queue.lost([body(3)], 'memory');
    expect(queue.stats().gaps.map(({ samples }) => samples)).toEqual([1, 1]);
  });

  it('reports few gaps at a time, however many batches an outage has cost', async () => {
    const queue = await open({ maxBytes: 1 });
    for (let minute = 0; minute < 60; minute += 1) await queue.append(body(minute));
    const { gaps } = queue.stats();
    expect(gaps.length).toBeLessThanOrEqual(33);
    expect(gaps.reduce((sum, gap) => sum + gap.batches, 0)).toBe(59);
    const sent = async () => {
      const newest = await queue.load(queue.newest()?.seq ?? 0);
      return (newest?.body.agent?.gaps ?? []).map(({ id }) => id);
    };
    const first = await sent();
    expect(first).toHaveLength(32);
    await queue.gapsTaken(first);
    await queue.append(body(1));
    expect((await sent()).filter((id) => first.includes(id))).toEqual([]);
    expect(await sent()).toHaveLength(1);
  });

  it('starts with a damaged gap file, queue id and seq file', async () => {
    await close(await open());
    for (const name of ['gaps.json', 'queue-id', 'seq']) await writeFile(join(dir, name), '{');
    const queue = await open();
    expect(queue.id).toMatch(/^[0-9a-f-]{36}$/);
    await expect(queue.append(body(1))).resolves.toMatchObject({ seq: 1 });
  });

  it('buries a refused batch and counts it', async () => {
    const queue = await open();
    const { seq } = await queue.append(body(1));
    await queue.bury(seq);
    expect(await readdir(join(dir, 'dead'))).toEqual([fileNameOf(seq)]);
    expect(queue.stats()).toMatchObject({ batches: 0, gaps: [{ reason: 'refused', samples: 1 }] });
  });

  it('puts parts in the place of a batch, under new numbers and a new id', async () => {
    const queue = await open();
    const { seq } = await queue.append(body(1));
    const before = queue.id;
    await queue.renewId();
    await queue.replace(seq, [body(1), body(2)]);
    expect(queue.held().map((batch) => batch.seq)).toEqual([2, 3]);
    expect((await queue.load(3))?.queue).toBe(queue.id);
    expect(queue.id).not.toBe(before);
  });

  it('has kept a batch although it could not make room for it', async () => {
    const queue = await open({ maxBytes: 1 });
    await queue.append(body(1));
    // What counts the batch to be dropped cannot be written.
    await mkdir(join(dir, 'gaps.json'));
    await expect(queue.append(body(2))).resolves.toMatchObject({ seq: 2 });
    expect(queue.held().map(({ seq }) => seq)).toEqual([1, 2]);
    await rmdir(join(dir, 'gaps.json'));
    await queue.append(body(3));
    expect(queue.held().map(({ seq }) => seq)).toEqual([3]);
  });

  it('counts every lost batch, also when the disk refuses the count at first', async () => {
    const queue = await open();
    await mkdir(join(dir, 'gaps.json'));
    await queue.lost([body(1, 4), body(2, 4)], 'memory');
    expect(await readdir(join(dir, 'tmp'))).toEqual([]);
    await rmdir(join(dir, 'gaps.json'));
    await queue.append(body(3));
    expect(queue.stats().gaps).toMatchObject([{ batches: 2, samples: 8 }]);
    expect((await queue.load(1))?.body.agent?.gaps).toMatchObject([{ batches: 2, samples: 8 }]);
  });

  it('sends no gaps of a form the server would refuse', async () => {
    await writeFile(join(dir, 'gaps.json'), '[{"id":"a"},null]');
    const queue = await open();
    const { seq } = await queue.append(body(1));
    expect(syncBody.safeParse((await queue.load(seq))?.body).error).toBeUndefined();
  });
});
