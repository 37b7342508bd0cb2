import { readdir, rename, rm, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { seqOf } from './batch-file.ts';
import { syncFolder } from './durable.ts';

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

/** A batch on disk. */
export interface Held {
  seq: number;
  /** Packed, as on disk and on the wire. */
  bytes: number;
  /** When its file was written. */
  sealedAt: Date;
  /** Digest of the JSON; unknown until a batch of an earlier run has been read. */
  sha256?: string;
}

/** The batches in a queue folder, oldest first; names of any other form go to `odd/`. Opens no file. */
export async function readHeld(dir: string): Promise<Held[]> {
  const held: Held[] = [];
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const seq = seqOf(entry.name);
    if (seq === null) {
      const ours = entry.isDirectory() || OUR_FILES.has(entry.name) || entry.isSocket();
      if (!ours) await rename(join(dir, entry.name), join(dir, 'odd', entry.name));
      continue;
    }
    const { size, mtime } = await stat(join(dir, entry.name));
    held.push({ seq, bytes: size, sealedAt: mtime });
  }
  return held.sort((a, b) => a.seq - b.seq);
}

const OUR_FILES = new Set(['queue-id', 'seq', 'gaps.json', 'miners.json']);

/** Deletes what is in a folder, for good. */
export async function emptyFolder(dir: string): Promise<void> {
  for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true });
  await syncFolder(dir);
}

/** Deletes the oldest files of a folder until it holds no more than `mostBytes`. */
export async function capFolder(dir: string, mostBytes: number): Promise<void> {
  const files = await Promise.all(
    (await readdir(dir)).sort().map(async (name) => {
      const file = join(dir, name);
      return { file, bytes: (await stat(file)).size };
    }),
  );
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { file, bytes } of files) {
    if (total <= mostBytes) return;
    await unlink(file);
    total -= bytes;
  }
}

/** Whether less of the disk is free than is to be left to others. */
export async function isDiskShort(dir: string, limits: QueueLimits): Promise<boolean> {
  const { bavail, blocks, bsize } = await statfs(dir);
  return bavail * bsize < Math.min(limits.minFreeBytes, blocks * bsize * limits.minFreeShare);
}
