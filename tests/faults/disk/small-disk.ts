import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system of its own, mounted at `at` until it is disposed of. */
export interface SmallDisk extends AsyncDisposable {
  at: string;
  /** Mounts it read-only, or writable again, under whoever uses it. */
  remount(how: 'ro' | 'rw'): Promise<void>;
}

/** Mounts; `args` as of mount(8). Makes the folder. */
async function mounted(at: string, args: readonly string[]): Promise<SmallDisk> {
  await mkdir(at, { recursive: true });
  await run('mount', [...args, at]);
  return {
    at,
    remount: async (how) => {
      await run('mount', ['-o', `remount,${how}`, at]);
    },
    async [Symbol.asyncDispose]() {
      // Somebody may still stand in it, killed a moment ago.
      await run('umount', [at]).catch(() => run('umount', ['--lazy', at]));
      await rmdir(at).catch(() => undefined);
    },
  };
}

/** In memory. */
export const mountTmpfs = (at: string, bytes: number): Promise<SmallDisk> =>
  mounted(at, ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs']);

/** An empty ext4 in the file `image`, which is made. */
export async function makeExt4(image: string, bytes: number): Promise<void> {
  const file = await open(image, 'wx');
  await file.truncate(bytes);
  await file.close();
  await run('mkfs.ext4', ['-q', '-F', '-m', '0', image]);
}

/** Mounts an image through a loop device, which goes with the mount. */
export const mountImage = (at: string, image: string): Promise<SmallDisk> =>
  mounted(at, ['-t', 'ext4', '-o', 'loop', image]);

/** Why nothing can be mounted here; null when it can. */
export async function mountLeftOut(): Promise<string | null> {
  if (process.platform !== 'linux') return 'mounts as Linux does';
  if (process.getuid?.() !== 0) return 'needs root, to mount';
  const dir = await mkdtemp(join(tmpdir(), 'hashyard-mount-'));
  try {
    await makeExt4(join(dir, 'image'), 4 * 1024 ** 2);
    await using _ = await mountImage(join(dir, 'at'), join(dir, 'image'));
    return null;
  } catch (error) {
    return `cannot mount an image: ${String(error).split('\n', 2).join(' ')}`;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
