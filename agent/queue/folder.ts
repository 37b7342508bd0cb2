import { lstat, readdir, rename, rm, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { inParallel } from '../pool.ts';
import { parseFileName } from './batch-file.ts';
import { syncFolder } from './durable.ts';
import type { Held } from './held.ts';

/** When a queue gives up its oldest batches. */
export interface QueueLimits {
  /** Sum of the batch files. */
  maxBytes: number;
  maxAgeMs: number;
  /** Left free for others: the smaller of bytes and share (0–1) of the disk. */
  minFreeBytes: number;
  minFreeShare: number;
  /** What the free-space rule leaves us: dropping the last history does not mend a full disk. */
  keepBytes: number;
}

const OUR_FILES = new Set(['queue-id', 'seq', 'gaps.json', 'miners.json', 'reserve']);
const STATS_AT_ONCE = 64;

/**
 * The batches in a queue folder, oldest first; names of any other form go to `odd/`, as far as the disk lets them. Opens
 * no file. Of two files with one number, as a rename that a power cut undid may leave them, the first by name counts.
 */
export async function readHeld(dir: string): Promise<Held[]> {
  const held = new Map<number, Held>();
  const entries = await readdir(dir, { withFileTypes: true });
  const odd = (name: string): Promise<void> =>
    rename(join(dir, name), join(dir, 'odd', name)).catch(() => undefined);
  await inParallel(entries, STATS_AT_ONCE, async (entry) => {
    const name = parseFileName(entry.name);
    if (name === null) {
      const ours = entry.isDirectory() || OUR_FILES.has(entry.name) || entry.isSocket();
      if (!ours) await odd(entry.name);
      return;
    }
    const { size, mtime } = await lstat(join(dir, entry.name));
    if (held.has(name.seq)) {
      await odd(entry.name);
      return;
    }
    held.set(name.seq, {
      ...name,
      bytes: size,
      sealedAt: new Date(mtime.getTime() + (name.shiftMs ?? 0)),
      sha256: null,
      gz: null,
      attempted: false,
      stuck: false,
    });
  });
  return [...held.values()].sort((a, b) => a.seq - b.seq);
}

/** Deletes what is in a folder, for good. */
export async function emptyFolder(dir: string): Promise<void> {
  for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true });
  await syncFolder(dir);
}

/** Deletes the oldest files of a folder until it holds no more than `mostBytes`; returns how many are left. */
export async function capFolder(dir: string, mostBytes: number): Promise<number> {
  const files = await Promise.all(
    (await readdir(dir)).sort().map(async (name) => {
      const file = join(dir, name);
      return { file, bytes: (await stat(file)).size };
    }),
  );
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let left = files.length;
  for (const { file, bytes } of files) {
    if (total <= mostBytes) break;
    await unlink(file);
    total -= bytes;
    left -= 1;
  }
  return left;
}

/** Files in a folder; 0 when it cannot be read. */
export const countFiles = (dir: string): Promise<number> =>
  readdir(dir).then(
    (names) => names.length,
    () => 0,
  );

/** How much less of the disk is free than is to be left to others, bytes; 0: enough is free. */
export async function shortOf(dir: string, limits: QueueLimits): Promise<number> {
  const { bavail, blocks, bsize } = await statfs(dir);
  const wanted = Math.min(limits.minFreeBytes, blocks * bsize * limits.minFreeShare);
  return Math.max(0, wanted - bavail * bsize);
}
