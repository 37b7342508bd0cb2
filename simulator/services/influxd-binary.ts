import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';

const run = promisify(execFile);

/** The program, and what to call it. */
export interface InfluxdBinary {
  path: string;
  described: string;
}

/** InfluxDB cannot be found; the message says what to install. */
class InfluxdNotFoundError extends Error {
  override readonly name = 'InfluxdNotFoundError';
}

/** `influxd` 1.x on PATH, else the Debian or Ubuntu package unpacked into a cache. Throws `InfluxdNotFoundError`. */
export async function findInfluxd(): Promise<InfluxdBinary> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'influxd');
    const version = await versionOf(path);
    // 2.x has no configuration file of this kind; it is used by its URL.
    if (version?.startsWith('1.')) return { path, described: `InfluxDB ${version} (${path})` };
  }
  const cache = await cacheFolder('influxdb');
  const path = join(cache, 'unpacked/usr/bin/influxd');
  let version = await versionOf(path);
  if (version === null) {
    await unpackPackage(cache);
    version = await versionOf(path);
  }
  if (version === null) throw new InfluxdNotFoundError(`${path} does not run on this machine.`);
  return { path, described: `InfluxDB ${version} (the distribution's package, unpacked)` };
}

async function versionOf(path: string): Promise<string | null> {
  try {
    await access(path, constants.X_OK);
    const { stdout } = await run(path, ['version']);
    return /v?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Needs no root: nothing is installed, the package is only downloaded and unpacked. */
async function unpackPackage(cache: string): Promise<void> {
  const half = await mkdtemp(join(cache, 'unpacking-'));
  try {
    const download = (options: string[]) =>
      run('apt-get', [...options, 'download', 'influxdb'], { cwd: half });
    await download([]).catch(async () => {
      // No package lists, or old ones: fetch our own, beside the system's.
      const lists = join(half, 'apt');
      await mkdir(join(lists, 'lists/partial'), { recursive: true });
      await mkdir(join(lists, 'archives/partial'), { recursive: true });
      const own = ['-o', `Dir::State::lists=${lists}/lists`, '-o', `Dir::Cache=${lists}`];
      await run('apt-get', [...own, 'update'], { cwd: half });
      await download(own);
    });
    const file = (await readdir(half)).find((name) => name.endsWith('.deb'));
    if (file === undefined) throw new Error('apt-get downloaded nothing');
    await run('dpkg', ['-x', join(half, file), join(half, 'unpacked')]);
    await rm(join(cache, 'unpacked'), { recursive: true, force: true });
    await rename(join(half, 'unpacked'), join(cache, 'unpacked'));
  } catch (error) {
    // Another start may have been quicker.
    if ((await versionOf(join(cache, 'unpacked/usr/bin/influxd'))) !== null) return;
    const detail = error instanceof Error ? error.message.trim() : String(error);
    throw new InfluxdNotFoundError(
      [
        'No influxd 1.x on PATH, and the package "influxdb" of Debian or Ubuntu could not be fetched:',
        `  ${detail.replaceAll('\n', '\n  ')}`,
        'Run "apt-get install influxdb", or start Docker, or name a running InfluxDB (1.x or 2.x) by TEST_INFLUX_URL.',
      ].join('\n'),
      { cause: error },
    );
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}
