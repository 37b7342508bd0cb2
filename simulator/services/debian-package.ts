import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';

const run = promisify(execFile);

/**
 * The path of `file` in a package of Debian or Ubuntu, unpacked into a cache folder once. Needs no root: nothing is
 * installed, the package is only downloaded and unpacked. Throws an error with what apt-get said.
 */
export async function fileOfPackage(name: string, file: string): Promise<string> {
  const cache = await cacheFolder(name);
  const path = join(cache, 'unpacked', file);
  if (!(await exists(path))) await unpackPackage(name, cache, path);
  return path;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function unpackPackage(name: string, cache: string, path: string): Promise<void> {
  const half = await mkdtemp(join(cache, 'unpacking-'));
  try {
    const download = (options: string[]) =>
      run('apt-get', [...options, 'download', name], { cwd: half });
    await download([]).catch(async () => {
      // No package lists, or old ones: fetch our own, beside the system's.
      const lists = join(half, 'apt');
      await mkdir(join(lists, 'lists/partial'), { recursive: true });
      await mkdir(join(lists, 'archives/partial'), { recursive: true });
      const own = ['-o', `Dir::State::lists=${lists}/lists`, '-o', `Dir::Cache=${lists}`];
      await run('apt-get', [...own, 'update'], { cwd: half });
      await download(own);
    });
    const archive = (await readdir(half)).find((entry) => entry.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get downloaded nothing');
    await run('dpkg', ['-x', join(half, archive), join(half, 'unpacked')]);
    await rm(join(cache, 'unpacked'), { recursive: true, force: true });
    await rename(join(half, 'unpacked'), join(cache, 'unpacked'));
  } catch (error) {
    // Another start may have been quicker.
    if (!(await exists(path))) throw error;
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}
