import { lstat, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder for programs unpacked once and kept between runs. Root's lies in /var/tmp, because the
 * unprivileged user a database then runs as cannot look into root's home.
 */
export async function cacheFolder(name: string): Promise<string> {
  const uid = process.getuid?.() ?? -1;
  const base =
    uid === 0
      ? '/var/tmp/hashyard-0'
      : join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'hashyard');
  await mkdir(base, { recursive: true, mode: 0o755 });
  // /var/tmp belongs to everybody: programs are run from here, so nobody else may own it.
  const found = await lstat(base);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new Error(`${base} is not a folder of this user alone: remove it and start again.`);
  }
  const folder = join(base, name);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  return folder;
}
