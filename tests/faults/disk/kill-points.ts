import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attach } from './strace.ts';
import { startWriter, type WriterSettings } from './start-writer.ts';

/** The n-th call of that name, counted from the opening of the queue. */
export interface KillPoint {
  call: string;
  nth: number;
}

/** Each changes what a crash leaves behind, or is the last before one that does. */
const CALLS =
  /^(openat|write|pwrite64|fsync|fdatasync|close|rename|renameat2?|unlink|unlinkat|utimensat|ftruncate|mkdir|mkdirat)\(/;

/** The thread wakes the main one: nothing happens to the disk. How often it must varies from run to run. */
export const WAKE = /^write\(\d+, "\\1(\\0){7}", 8\)/;

/** Every call an undisturbed run makes to the file system, in its order. */
export async function killPointsOf(
  settings: WriterSettings,
  { strace, dir, ...build }: { strace: string; dir: string; project: string; cache: string },
): Promise<KillPoint[]> {
  const log = join(dir, 'calls.txt');
  await using writer = await startWriter(settings, build);
  const tracer = await attach(strace, writer.tid, ['-e', 'trace=file,desc', '-o', log]);
  writer.go();
  const isDone = await writer.ended;
  await tracer.ended;
  if (!isDone) throw new Error(`The writer did not reach its end: ${writer.errors()}`);
  const counts = new Map<string, number>();
  return (await readFile(log, 'utf8')).split('\n').flatMap((line) => {
    const call = CALLS.exec(line)?.[1];
    if (call === undefined) return [];
    const nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    return WAKE.test(line) ? [] : [{ call, nth }];
  });
}
