import { randomBytes } from 'node:crypto';
import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isFull, writeDurably } from './durable.ts';

const RESERVE_BYTES = 256 * 1024;
/** Enough for the losses of any outage. */
const LEAST_BYTES = 16 * 1024;

/** Room in a folder that is given up so that a loss can still be written down when the disk is full. */
export interface Reserve {
  /** Makes it anew if it is gone, smaller if there is no room for the whole; without a word when there is none. */
  fill(): Promise<void>;
  /** Does `write`, and should the disk be full once more in the room of the reserve. */
  lend(write: () => Promise<void>): Promise<void>;
}

export function makeReserve(dir: string, tmpDir: string): Reserve {
  const file = join(dir, 'reserve');
  async function fill(): Promise<void> {
    const there = await stat(file).then(
      ({ size }) => size,
      () => 0,
    );
    for (let bytes = RESERVE_BYTES; bytes >= LEAST_BYTES && bytes > there; bytes /= 2) {
      try {
        // Random, for file systems that pack or leave out zeros.
        await writeDurably(file, randomBytes(bytes), tmpDir);
        return;
      } catch (error) {
        if (!isFull(error)) return;
      }
    }
  }
  return {
    fill,
    async lend(write) {
      try {
        await write();
      } catch (error) {
        if (!isFull(error)) throw error;
        const freed = await unlink(file).then(
          () => true,
          () => false,
        );
        if (!freed) throw error;
        await write();
        await fill();
      }
    },
  };
}
