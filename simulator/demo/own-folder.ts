import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from '../services/project.ts';

/** Somebody else's demo is running in the folder. */
export class DemoRunningError extends Error {
  override readonly name = 'DemoRunningError';
  readonly pid: number;

  constructor(pid: number) {
    super(`A demo is running already (process ${pid}).`);
    this.pid = pid;
  }
}

/** A fresh folder nobody else uses; removed by whoever asked for it. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'hashyard-demo-'));
}

/** A start that was interrupted may still be writing; it fails, and this goes on, once its folder is gone. */
export function removeFolder(dir: string): Promise<void> {
  return rm(dir, { recursive: true, force: true, maxRetries: 50, retryDelay: 50 });
}

/**
 * The one folder of the demo in this project, emptied of what an earlier one left. Throws `DemoRunningError`
 * while that one is still running: its data must not be pulled from under it.
 */
export async function demoFolder(): Promise<string> {
  const dir = join(PROJECT, '.cache/demo');
  const pidFile = join(dir, 'pid');
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  // Process ids come round again: only one that runs the demo counts.
  if (pid > 0 && existsSync(`/proc/${pid}`)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('simulator/demo')) throw new DemoRunningError(pid);
  }
  await removeFolder(dir);
  await mkdir(dir, { recursive: true });
  await writeFile(pidFile, String(process.pid));
  return dir;
}
