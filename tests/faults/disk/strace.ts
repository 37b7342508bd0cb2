import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { fileOfPackage } from '../../../simulator/services/debian-package.ts';

/** Path of strace; throws when it can neither be found nor be had. */
export async function findStrace(): Promise<string> {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(dir, 'strace');
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return fileOfPackage('strace', 'usr/bin/strace');
}

/** Why no thread can be traced here; null when one can. */
export async function straceLeftOut(): Promise<string | null> {
  if (process.platform !== 'linux') return 'strace is of Linux';
  try {
    const child = spawn(await findStrace(), ['-o', '/dev/null', '-e', 'trace=none', '/bin/true'], {
      stdio: 'ignore',
    });
    const [code] = (await once(child, 'close')) as [number];
    return code === 0 ? null : 'strace may not trace here (ptrace is forbidden)';
  } catch (error) {
    return `no strace: ${String(error).split('\n', 1).join('')}`;
  }
}

/**
 * Attaches to one thread, which must be alive, and to no other: what it counts is then the same in every run.
 * Resolves when it is attached; `ended` when the thread is gone.
 */
export async function attach(
  strace: string,
  tid: number,
  args: readonly string[],
): Promise<{ ended: Promise<void> }> {
  const child = spawn(strace, ['-p', String(tid), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close').then(() => undefined);
  let said = '';
  const attached = new Promise<void>((resolve) => {
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes('attached')) resolve();
    });
  });
  await Promise.race([
    attached,
    ended.then(() => {
      throw new Error(`strace did not attach: ${said}`);
    }),
  ]);
  return { ended };
}
