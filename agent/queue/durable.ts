import { randomUUID } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Makes the names in a folder survive a power cut. Windows cannot; NTFS journals them itself. */
export async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes `bytes` to `file` so that after a crash there is the whole file or none: temporary file in
 * `tmpDir` (same file system) → fsync → rename → fsync of the folder. The first fsync without the
 * second loses the name; the rename without the first may show an empty file. A failed fsync is never
 * repeated on its file: the kernel may have dropped the pages; who tries again writes a new one.
 * `at` becomes the file's time.
 */
export async function writeDurably(
  file: string,
  bytes: Uint8Array | string,
  tmpDir: string,
  at?: Date,
): Promise<void> {
  const temporary = join(tmpDir, randomUUID());
  const handle = await open(temporary, 'wx', 0o600);
  try {
    try {
      await handle.writeFile(bytes);
      if (at) await handle.utimes(at, at);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(file));
}

/** Renames within a folder, for good. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** The disk, or our share of it, is full: giving up something helps. */
export const isFull = (error: unknown): boolean =>
  FULL.has((error as NodeJS.ErrnoException).code ?? '');
