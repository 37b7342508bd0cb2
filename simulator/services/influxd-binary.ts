import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { fileOfPackage } from './debian-package.ts';

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
  const path = await fileOfPackage('influxdb', 'usr/bin/influxd').catch((error: unknown) => {
    const detail = error instanceof Error ? error.message.trim() : String(error);
    throw new InfluxdNotFoundError(
      [
        'No influxd 1.x on PATH, and the package "influxdb" of Debian or Ubuntu could not be fetched:',
        `  ${detail.replaceAll('\n', '\n  ')}`,
        'Run "apt-get install influxdb", or start Docker, or name a running InfluxDB (1.x or 2.x) by TEST_INFLUX_URL.',
      ].join('\n'),
      { cause: error },
    );
  });
  const version = await versionOf(path);
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
