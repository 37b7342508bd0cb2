import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { readdir, rm, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SyncRequest } from '#contract/sync.ts';
import { openQueue } from './queue.ts';
import type { Queue } from './queue.ts';

/** The disk: how many bytes all files of `dir` may have together, counted in blocks. */
const disk = vi.hoisted(() => ({ dir: '', capacity: 0, synced: [] as number[], failSync: 0 }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    async open(...args: Parameters<typeof real.open>): Promise<FileHandle> {
      const handle = await real.open(...args);
      if (args[1] !== 'wx') return handle;
      const write = handle.writeFile.bind(handle);
      const sync = handle.sync.bind(handle);
      handle.writeFile = async (bytes) => {
        if (used(disk.dir) + blocks((bytes as Buffer | string).length) > disk.capacity) {
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        }
        await write(bytes);
      };
      handle.sync = async () => {
        disk.synced.push(handle.fd);
        if (disk.failSync > 0) {
          disk.failSync -= 1;
          throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
        }
        await sync();
      };
      return handle;
    },
  };
});

const blocks = (bytes: number): number => Math.ceil(bytes / 4096) * 4096;
function used(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + blocks(statSync(join(parentPath, name)).size), 0);
}

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let dir: string;
let queue: Queue;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'agent-full-'));
  Object.assign(disk, { dir, capacity: 1024 ** 2, synced: [], failSync: 0 });
  queue = await openQueue({ dir, log, healEveryMs: 3_600_000 });
});
afterEach(async () => {
  disk.capacity = Number.MAX_SAFE_INTEGER;
  await queue.close();
  await rm(dir, { recursive: true });
});

/** About 20 kB packed. */
const body = (minute: number): SyncRequest => ({
  discovered_miners: [],
  miner_stats: Array.from({ length: 1000 }, (_, index) => ({
    ip_address: `10.0.${index >> 8}.${index & 255}`,
    timestamp: new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString(),
    hash_rate: Math.sin(index * 1000 + minute),
  })),
  agent: { version: '1', boot: 'b' },
});
const counted = (key: 'batches' | 'samples'): number =>
  queue.stats().gaps.reduce((sum, gap) => sum + gap[key], 0);

describe('a queue on a full disk', () => {
  it('gives up the oldest for the new, counts every one, and stays on disk', async () => {
    for (let minute = 0; minute < 80; minute += 1) await queue.append(body(minute));
    const { batches, state, inMemory } = queue.stats();
    expect(state).toBe('disk');
    expect(inMemory.batches).toBe(0);
    expect(batches).toBeGreaterThan(10);
    expect(batches + counted('batches')).toBe(80);
    expect(counted('samples')).toBe((80 - batches) * 1000);
    expect(queue.stats().gaps.every(({ reason }) => reason === 'disk')).toBe(true);
    expect(queue.oldest()?.seq).toBe((queue.newest()?.seq ?? 0) - batches + 1);
    // No more than the new one needs.
    expect(disk.capacity - used(dir)).toBeLessThan(60_000);
    expect((await stat(join(dir, 'reserve'))).size).toBeGreaterThanOrEqual(128 * 1024);
    expect(await readdir(join(dir, 'tmp'))).toEqual([]);
  });

  it('knows after a restart what it has given up', async () => {
    for (let minute = 0; minute < 60; minute += 1) await queue.append(body(minute));
    const lost = counted('batches');
    await queue.close();
    queue = await openQueue({ dir, log, healEveryMs: 3_600_000 });
    expect(counted('batches')).toBe(lost);
    expect(queue.stats().batches + lost).toBe(60);
  });

  it('writes a loss down in the room of its reserve, when not a block is free', async () => {
    for (let minute = 0; minute < 5; minute += 1) await queue.append(body(minute));
    disk.capacity = used(dir);
    await queue.append(body(5));
    expect(queue.stats()).toMatchObject({ state: 'disk', gaps: [{ reason: 'disk' }] });
    expect(queue.stats().batches).toBeGreaterThanOrEqual(4);
    // Made anew, smaller by what the loss has taken, and good for the next.
    expect((await stat(join(dir, 'reserve'))).size).toBe(128 * 1024);
    for (let minute = 6; minute < 60; minute += 1) await queue.append(body(minute));
    expect(queue.stats().state).toBe('disk');
    expect(queue.stats().batches + counted('batches')).toBe(60);
  });

  it('gives up nothing that it cannot write down, and waits in memory', async () => {
    for (let minute = 0; minute < 5; minute += 1) await queue.append(body(minute));
    // Somebody else has taken every block, the reserve's too.
    await unlink(join(dir, 'reserve'));
    disk.capacity = used(dir);
    await queue.append(body(5));
    expect(queue.stats()).toMatchObject({ batches: 6, state: 'memory', gaps: [] });
    expect(queue.held().map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, -1]);
  });

  it('acknowledges on a full disk, and goes on by itself when there is room', async () => {
    for (let minute = 0; minute < 5; minute += 1) await queue.append(body(minute));
    await unlink(join(dir, 'reserve'));
    disk.capacity = used(dir);
    await queue.append(body(5));
    for (const seq of [1, 2, 3, 4, 5]) {
      const batch = await queue.load(seq);
      await queue.ack(seq, batch?.sha256 ?? '');
    }
    await queue.close();
    expect((await readdir(dir)).filter((name) => name.endsWith('.gz'))).toHaveLength(1);
    queue = await openQueue({ dir, log });
    expect(queue.stats()).toMatchObject({ batches: 1, state: 'disk', gaps: [] });
  });

  it('never fsyncs a file again whose fsync has failed', async () => {
    await queue.append(body(0));
    Object.assign(disk, { synced: [], failSync: 1 });
    await queue.append(body(1));
    expect(queue.stats()).toMatchObject({ state: 'memory', inMemory: { batches: 1 } });
    expect(disk.synced).toHaveLength(1);
    expect((await readdir(dir)).filter((name) => name.endsWith('.gz'))).toHaveLength(1);
  });
});
