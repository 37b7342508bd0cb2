import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** Process of this command line, found in /proc; null: there is none, or this system has no /proc. */
export async function pidOf(...words: readonly string[]): Promise<number | null> {
  for (const name of await readdir('/proc').catch((): string[] => [])) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const parts = line.split('\0');
    // The shell that keeps it has the same words behind it.
    if (parts[0]?.endsWith('node') && words.every((word) => parts.includes(word))) {
      return Number(name);
    }
  }
  return null;
}

/** Resident memory in MB; null when the process is gone. */
function residentMb(pid: number): number | null {
  try {
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? null : Number(kb) / 1024;
  } catch {
    return null;
  }
}

export interface MemoryWatch extends Disposable {
  /** MB, of every look so far. */
  readonly looks: readonly number[];
  peakMb(): number;
}

/** Looks at the memory of a process five times a second. */
export function watchMemory(pid: number): MemoryWatch {
  const looks: number[] = [];
  const timer = setInterval(() => {
    const mb = residentMb(pid);
    if (mb !== null) looks.push(mb);
  }, 200);
  return {
    looks,
    peakMb: () => Math.max(0, ...looks),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
