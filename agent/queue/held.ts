import type { FileName } from './batch-file.ts';

/** A batch that the server has not acknowledged. The object stays the same when the batch moves from memory to disk. */
export interface Held extends FileName {
  /** Its number in the folder; below zero while it is in memory only: -3 is the third of this run. */
  seq: number;
  /** Packed, as on disk and on the wire. */
  bytes: number;
  sealedAt: Date;
  /** Digest of the JSON; unknown until a batch of an earlier run has been read. */
  sha256: string | null;
  /** In memory only: the body. */
  gz: Buffer | null;
  /** It may have reached the server, so its name and its content stand. Said of batches in memory only. */
  attempted: boolean;
  /** Its file cannot be made ready to send; until the folder can be written again. */
  stuck: boolean;
}

/** The batches held: those on disk by number, behind them those in memory, all oldest first. */
export interface HeldList {
  all(): readonly Held[];
  find(seq: number): Held | null;
  /** To the end of its part. */
  add(batch: Held): void;
  /** Batches on disk that were read late: all of them are older than what is in memory. */
  addOlder(batches: readonly Held[]): void;
  remove(batch: Held): boolean;
  /** The oldest in memory is on disk from now on. */
  moved(batch: Held, to: Pick<Held, 'seq' | 'bytes' | 'sha256' | 'sentAs'>): void;
  onDisk(): { batches: number; bytes: number };
  inMemory(): { batches: number; bytes: number };
  oldestOnDisk(): Held | null;
  oldestInMemory(): Held | null;
}

export function makeHeldList(): HeldList {
  const list: Held[] = [];
  /** How many of them are on disk. */
  let disk = 0;
  let diskBytes = 0;
  let memoryBytes = 0;

  /** Where it is, or -1. Memory holds a few dozen at most. */
  function indexOf(seq: number): number {
    if (seq < 0) return list.findIndex((batch, index) => index >= disk && batch.seq === seq);
    let low = 0;
    let high = disk - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const there = (list[middle] as Held).seq;
      if (there === seq) return middle;
      if (there < seq) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  return {
    all: () => list,
    find(seq) {
      const index = indexOf(seq);
      return index < 0 ? null : (list[index] as Held);
    },
    add(batch) {
      if (batch.gz) {
        list.push(batch);
        memoryBytes += batch.bytes;
      } else {
        list.splice(disk, 0, batch);
        disk += 1;
        diskBytes += batch.bytes;
      }
    },
    addOlder(batches) {
      list.splice(0, 0, ...batches);
      disk += batches.length;
      diskBytes += batches.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    remove(batch) {
      const index = indexOf(batch.seq);
      if (index < 0) return false;
      list.splice(index, 1);
      if (batch.gz) {
        memoryBytes -= batch.bytes;
      } else {
        disk -= 1;
        diskBytes -= batch.bytes;
      }
      return true;
    },
    moved(batch, to) {
      memoryBytes -= batch.bytes;
      Object.assign(batch, to, { gz: null });
      disk += 1;
      diskBytes += batch.bytes;
    },
    onDisk: () => ({ batches: disk, bytes: diskBytes }),
    inMemory: () => ({ batches: list.length - disk, bytes: memoryBytes }),
    oldestOnDisk: () => (disk > 0 ? (list[0] as Held) : null),
    oldestInMemory: () => list[disk] ?? null,
  };
}
