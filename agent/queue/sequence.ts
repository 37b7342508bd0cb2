import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable.ts';

/** Numbers taken in advance, so that one more fsync is paid every so many batches, not with each. */
const RESERVE = 64;

export interface Sequence {
  /** False: the file was there and said nothing; numbers may come again, so they need a new queue id. */
  readonly isContinued: boolean;
  next(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Strictly rising batch numbers that survive a crash even when every file has been acknowledged and
 * deleted: the `seq` file holds a number that no batch has reached. After a crash some are skipped.
 */
export async function openSequence(
  dir: string,
  tmpDir: string,
  highestHeld: number,
): Promise<Sequence> {
  const file = join(dir, 'seq');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? '0' : '',
  );
  const stored = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  const isContinued = Number.isSafeInteger(stored);
  let last = Math.max(highestHeld, isContinued ? stored : 0);
  let reserved = last;
  const save = (value: number): Promise<void> => writeDurably(file, `${value}\n`, tmpDir);
  return {
    isContinued,
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
