import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { SyncRequest } from '#contract/sync.ts';
import { TOLERANCE_MS } from '../clock.ts';
import type { AgentClock, Stamp } from '../clock.ts';
import { decodeBatch, encodeBatch, fileNameOf, shiftBatch } from './batch-file.ts';
import { renameDurably } from './durable.ts';
import type { Held, HeldList } from './held.ts';

/** A batch ready to send, as of the moment it was loaded. */
export interface LoadedBatch {
  /** The one it was sealed in, which may not be today's id. */
  queue: string;
  /** What it is called on the wire, within `queue`. */
  sentAs: number;
  /** What it is called in this queue. */
  seq: number;
  sha256: string;
  gz: Buffer;
  body: SyncRequest;
}

/**
 * Reads batches, and puts right the times of those that were sealed before anybody knew the time: what they are shifted
 * by is fixed before they first go out, so that every delivery is the same.
 */
export function makeLoader(options: {
  dir: string;
  list: HeldList;
  clock: AgentClock;
  memoryId: string;
  inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  refused: (error: unknown) => void;
}): {
  fromDisk(batch: Held): Promise<LoadedBatch | null>;
  fromMemory(batch: Held): Promise<LoadedBatch | null>;
} {
  const { list, clock, memoryId, inTurn, refused } = options;
  const fileOf = (batch: Held): string => join(options.dir, fileNameOf(batch));
  let known: Set<number> | null = null;

  /**
   * What the times of a batch are to be shifted by; null: nobody here knows. Batches of one timeline keep their
   * distances, whatever later measurements say: close to a shift that has been used, that one is used again.
   */
  function shiftOf(unsure: Stamp): number | null {
    const measured = clock.shiftOf(unsure);
    if (measured === null) return null;
    known ??= new Set([0, ...list.all().flatMap(({ shiftMs }) => shiftMs ?? [])]);
    const used = [...known].find((each) => Math.abs(each - measured) < TOLERANCE_MS) ?? measured;
    known.add(used);
    return used;
  }

  async function fromMemory(batch: Held): Promise<LoadedBatch | null> {
    if (!batch.gz || !list.find(batch.seq)) return null;
    let { body } = await decodeBatch(batch.gz);
    const { unsure } = body.batch ?? {};
    const shiftMs = unsure && batch.unsure ? shiftOf(unsure) : null;
    if (shiftMs !== null) {
      body = shiftBatch(body, shiftMs);
      const sealedAt = new Date(batch.sealedAt.getTime() + shiftMs);
      Object.assign(batch, await encodeBatch(body), { sealedAt, unsure: false });
    }
    batch.attempted = true;
    const { gz, sha256 } = batch;
    return { queue: memoryId, sentAs: -batch.seq, seq: batch.seq, sha256: sha256 ?? '', gz, body };
  }

  /**
   * Notes a shift for ever. False: the batch must not go out, for it is gone, or the folder does not let us and the next
   * run might decide otherwise.
   */
  async function fixShift(batch: Held, shiftMs: number): Promise<boolean> {
    // Dropped since it was read: nothing is wrong with the folder.
    if (!list.find(batch.seq)) return false;
    const named = { ...batch, unsure: false, shiftMs };
    try {
      await renameDurably(fileOf(batch), fileOf(named));
      const sealedAt = new Date(batch.sealedAt.getTime() + shiftMs);
      Object.assign(batch, { unsure: false, shiftMs, sealedAt });
      return true;
    } catch (error) {
      // Should only the fsync have failed: the name that we go on with.
      await rename(fileOf(named), fileOf(batch)).catch(() => undefined);
      batch.stuck = true;
      refused(error);
      return false;
    }
  }

  async function fromDisk(batch: Held): Promise<LoadedBatch | null> {
    const { seq } = batch;
    let gz: Buffer = await readFile(fileOf(batch));
    let { body, sha256 } = await decodeBatch(gz);
    const sentAs = batch.sentAs ?? seq;
    if (body.batch?.seq !== sentAs) throw new SyntaxError('the file holds another batch');
    if (batch.unsure && body.batch.unsure) {
      const shiftMs = shiftOf(body.batch.unsure);
      if (shiftMs !== null && !(await inTurn(() => fixShift(batch, shiftMs)))) return null;
    }
    if (batch.shiftMs !== null) {
      body = shiftBatch(body, batch.shiftMs);
      ({ gz, sha256 } = await encodeBatch(body));
    }
    batch.sha256 = sha256;
    return { queue: body.batch?.queue ?? '', sentAs, seq, sha256, gz, body };
  }

  return { fromDisk, fromMemory };
}
