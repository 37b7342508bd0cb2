import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable.ts';

/** Numbers taken in advance, so that one more fsync is paid every so many batches, not with each. */
const RESERVE = 64;

/**
 * Strictly rising batch numbers that survive a crash even when every file has been acknowledged and
 * deleted: the `seq` file holds a number that no batch has reached. After a crash some are skipped.
 */
export async function openSequence(
  dir: string,
  tmpDir: string,
  highestHeld: number,
): Promise<{ next(): Promise<number>; close(): Promise<void> }> {
  const file = join(dir, 'seq');
  const stored = Number(await readFile(file, 'utf8').catch(() => '0'));
  let last = Math.max(highestHeld, Number.isSafeInteger(stored) && stored > 0 ? stored : 0);
  let reserved = last;
  const save = (value: number): Promise<void> => writeDurably(file, `${value}\n`, tmpDir);
  return {
    async next() {
      if (last >= reserved) {
        await save(last + RESERVE);
        reserved = last + RESERVE;
      }
      last += 1;
      return last;
    },
    async close() {
      if (reserved !== last) await save(last);
    },
  };
}
