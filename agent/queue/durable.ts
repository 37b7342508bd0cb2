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
 * second loses the name; the rename without the first may show an empty file.
 */
export async function writeDurably(
  file: string,
  bytes: Uint8Array | string,
  tmpDir: string,
): Promise<void> {
  const temporary = join(tmpDir, randomUUID());
  const handle = await open(temporary, 'wx', 0o600);
  try {
    try {
      await handle.writeFile(bytes);
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
