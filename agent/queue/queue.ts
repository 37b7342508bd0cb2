import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { SyncRequest } from '#contract/sync.ts';
import { decodeBatch, encodeBatch, fileNameOf, lossOf, sumOf } from './batch-file.ts';
import { writeDurably } from './durable.ts';
import { capFolder, emptyFolder, isDiskShort, readHeld } from './folder.ts';
import type { Held, QueueLimits } from './folder.ts';
import { openGaps } from './gaps.ts';
import type { Gap, GapReason, Loss } from './gaps.ts';
import { ownFolder } from './owner.ts';
import { openSequence } from './sequence.ts';

export const QUEUE_LIMITS: QueueLimits = {
  maxBytes: 2 * 1024 ** 3,
  maxAgeMs: 30 * 24 * 3600 * 1000,
  minFreeBytes: 1024 ** 3,
  minFreeShare: 0.1,
  keepBytes: 64 * 1024 ** 2,
};

/** A batch ready to send. `queue` is the one it was sealed in, which may not be today's id. */
export interface LoadedBatch extends Held {
  queue: string;
  sha256: string;
  gz: Buffer;
  body: SyncRequest;
}

export interface QueueStats {
  batches: number;
  bytes: number;
  oldest: Date | null;
  newest: Date | null;
  gaps: Gap[];
}

/**
 * Batches that the server has not acknowledged, each an immutable file that is the HTTP body.
 * No index: the folder is the state, gzip's CRC is the checksum, acknowledging is unlinking.
 */
export interface Queue {
  readonly id: string;
  /** Numbers and keeps a body; on disk for good when this resolves. Rejects when the disk refuses. */
  append(body: SyncRequest): Promise<{ seq: number; sha256: string }>;
  /** Oldest first. */
  held(): readonly Held[];
  oldest(): Held | null;
  newest(): Held | null;
  /** null: gone, or damaged (then set aside and counted as a gap). Rejects while the system has no file handle or memory. */
  load(seq: number): Promise<LoadedBatch | null>;
  /** Deletes the batch the server has named by these two; throws when the digest is another's. */
  ack(seq: number, sha256: string): Promise<void>;
  /** Keeps a batch the server refuses for good in `dead/`, out of the way, counted as a gap. */
  bury(seq: number): Promise<void>;
  /** Puts other batches in the place of one: same content, new numbers. */
  replace(seq: number, bodies: readonly SyncRequest[]): Promise<void>;
  /** The server knows another queue by our id (a copied disk): go on under a new one. */
  renewId(): Promise<void>;
  gapsTaken(ids: readonly string[]): Promise<void>;
  /** Counts samples that never reached the disk. */
  lost(bodies: readonly SyncRequest[], reason: GapReason): Promise<void>;
  stats(): QueueStats;
  close(): Promise<void>;
}

/** Of the system, and over soon: the file is whole. A scan takes many handles. */
const NOT_THE_FILES_FAULT = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);
const MOST_DEAD_BYTES = 100 * 1024 ** 2;
const MOST_DAMAGED_BYTES = 50 * 1024 ** 2;

/**
 * Opens (or makes) the queue folder: batches in it, `tmp/`, `dead/`, `damaged/` and `odd/` under it.
 * Throws AgentFailure when another process owns it. Damage never stops the start.
 */
export async function openQueue(options: {
  dir: string;
  limits?: QueueLimits;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  now?: () => number;
}): Promise<Queue> {
  const { dir, log, limits = QUEUE_LIMITS, now = Date.now } = options;
  const at = (name: string): string => join(dir, name);
  for (const name of ['tmp', 'dead', 'damaged', 'odd']) {
    await mkdir(at(name), { recursive: true, mode: 0o700 });
  }
  const owner = await ownFolder(dir);
  try {
    return await openOwned();
  } catch (error) {
    await owner.release();
    throw error;
  }

  async function openOwned(): Promise<Queue> {
    await emptyFolder(at('tmp'));
    const held = await readHeld(dir);
    const gaps = await openGaps(dir, at('tmp'));
    const sequence = await openSequence(dir, at('tmp'), held.at(-1)?.seq ?? 0);
    let id = await readId();
    let bytes = held.reduce((sum, batch) => sum + batch.bytes, 0);

    // One writer at a time: numbers rise in the order of the files, and drops do not race appends.
    let tail: Promise<unknown> = Promise.resolve();
    function inTurn<T>(work: () => Promise<T>): Promise<T> {
      const turn = tail.then(work);
      tail = turn.catch(() => undefined);
      return turn;
    }

    async function readId(): Promise<string> {
      const stored = await readFile(at('queue-id'), 'utf8').catch(() => '');
      if (/^[0-9a-f-]{36}$/.test(stored.trim())) return stored.trim();
      return writeId();
    }
    async function writeId(): Promise<string> {
      const fresh: string = randomUUID();
      await writeDurably(at('queue-id'), `${fresh}\n`, at('tmp'));
      return fresh;
    }

    async function write(body: SyncRequest): Promise<{ seq: number; sha256: string }> {
      const seq = await sequence.next();
      const offered = gaps.offered();
      const numbered: SyncRequest = {
        ...body,
        batch: { queue: id, seq },
        ...(body.agent
          ? {
              agent: {
                ...body.agent,
                backlog: {
                  batches: held.length,
                  bytes,
                  oldest: held[0]?.sealedAt.toISOString() ?? null,
                },
                ...(offered.length > 0 ? { gaps: offered } : {}),
              },
            }
          : {}),
      };
      const { gz, sha256 } = await encodeBatch(numbered);
      await writeDurably(at(fileNameOf(seq)), gz, at('tmp'));
      held.push({ seq, bytes: gz.length, sealedAt: new Date(now()), sha256 });
      bytes += gz.length;
      return { seq, sha256 };
    }

    function forget(seq: number): Held | null {
      const index = held.findIndex((batch) => batch.seq === seq);
      const [batch] = index < 0 ? [] : held.splice(index, 1);
      if (!batch) return null;
      bytes -= batch.bytes;
      return batch;
    }

    async function lossIn(batch: Held): Promise<Omit<Loss, 'reason'>> {
      const decoded = await readFile(at(fileNameOf(batch.seq)))
        .then(decodeBatch)
        .catch(() => null);
      return lossOf(decoded?.body ?? null, batch.sealedAt);
    }

    /** Counted before it is gone: a crash between the two reports too much, never too little. */
    async function drop(batch: Held, reason: GapReason): Promise<void> {
      const loss = await lossIn(batch);
      await gaps.add({ ...loss, reason });
      forget(batch.seq);
      await unlink(at(fileNameOf(batch.seq))).catch(() => undefined);
      log.warn({ event: 'dropped', seq: batch.seq, samples: loss.samples, reason });
    }

    async function keepWithinLimits(): Promise<void> {
      for (let oldest = held[0]; oldest && held.length > 1; oldest = held[0]) {
        if (oldest.sealedAt.getTime() < now() - limits.maxAgeMs) await drop(oldest, 'age');
        else if (bytes > limits.maxBytes) await drop(oldest, 'bytes');
        else if (bytes > limits.keepBytes && (await isDiskShort(dir, limits))) {
          await drop(oldest, 'disk');
        } else return;
      }
    }

    async function setAside(seq: number, folder: string, reason: GapReason): Promise<void> {
      const batch = held.find((candidate) => candidate.seq === seq);
      if (!batch) return;
      const loss = await lossIn(batch);
      await gaps.add({ ...loss, reason });
      forget(seq);
      const name = fileNameOf(seq);
      await rename(at(name), join(dir, folder, name)).catch(() => undefined);
      await capFolder(at(folder), folder === 'dead' ? MOST_DEAD_BYTES : MOST_DAMAGED_BYTES);
    }

    return {
      get id() {
        return id;
      },
      append: (body) =>
        inTurn(async () => {
          const written = await write(body);
          // The batch is kept, whatever becomes of older ones: a rejection would have it written again.
          await keepWithinLimits().catch((error: unknown) => {
            log.error(
              { err: error, event: 'not_dropped' },
              'cannot make room; tried with the next',
            );
          });
          return written;
        }),
      held: () => held,
      oldest: () => held[0] ?? null,
      newest: () => held.at(-1) ?? null,
      async load(seq) {
        const batch = held.find((candidate) => candidate.seq === seq);
        if (!batch) return null;
        try {
          const gz = await readFile(at(fileNameOf(seq)));
          const { body, sha256 } = await decodeBatch(gz);
          if (body.batch?.seq !== seq) throw new SyntaxError('the file holds another batch');
          batch.sha256 = sha256;
          return { ...batch, queue: body.batch.queue, sha256, gz, body };
        } catch (error) {
          if (!held.some((candidate) => candidate.seq === seq)) return null;
          if (NOT_THE_FILES_FAULT.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
          log.error({ err: error, event: 'damaged', seq }, 'batch set aside in damaged/');
          await inTurn(() => setAside(seq, 'damaged', 'damaged'));
          return null;
        }
      },
      ack: (seq, sha256) =>
        inTurn(async () => {
          const batch = held.find((candidate) => candidate.seq === seq);
          if (!batch) return;
          if (batch.sha256 !== sha256) throw new Error(`batch ${seq} has another digest`);
          forget(seq);
          // No fsync: a power cut that brings the name back only makes a duplicate.
          await unlink(at(fileNameOf(seq))).catch(ignoreMissing);
        }),
      bury: (seq) => inTurn(() => setAside(seq, 'dead', 'refused')),
      replace: (seq, bodies) =>
        inTurn(async () => {
          for (const body of bodies) await write(body);
          if (forget(seq)) await unlink(at(fileNameOf(seq))).catch(ignoreMissing);
        }),
      renewId: () =>
        inTurn(async () => {
          id = await writeId();
          log.warn({ event: 'queue_renamed', queue: id });
        }),
      gapsTaken: (ids) => inTurn(() => gaps.taken(ids)),
      lost: (bodies, reason) =>
        inTurn(async () => {
          const losses = bodies.map((body) => lossOf(body, new Date(now())));
          if (losses.length > 0) await gaps.add({ ...sumOf(losses), reason });
        }),
      stats: () => ({
        batches: held.length,
        bytes,
        oldest: held[0]?.sealedAt ?? null,
        newest: held.at(-1)?.sealedAt ?? null,
        gaps: gaps.pending(),
      }),
      close: () =>
        inTurn(async () => {
          await sequence.close();
          await owner.release();
        }),
    };
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
