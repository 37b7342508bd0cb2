import { randomUUID } from 'node:crypto';
import { readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { SyncRequest } from '#contract/sync.ts';
import { machineClock } from '../clock.ts';
import type { AgentClock, Stamp } from '../clock.ts';
import { AgentFailure } from '../failure.ts';
import { decodeBatch, encodeBatch, fileNameOf, lossOf, shiftTime } from './batch-file.ts';
import type { FileName, PackedBatch } from './batch-file.ts';
import { isFull, writeDurably } from './durable.ts';
import { capFolder, countFiles, shortOf } from './folder.ts';
import type { QueueLimits } from './folder.ts';
import { openGaps } from './gaps.ts';
import type { GapReason, Loss } from './gaps.ts';
import { makeHeldList } from './held.ts';
import type { Held } from './held.ts';
import { openHome } from './home.ts';
import { beyond, oldestFor } from './limits.ts';
import { makeLoader } from './load.ts';
import type { LoadedBatch } from './load.ts';
import { makeReserve } from './reserve.ts';
import { reportOf } from './stats.ts';
import type { QueueStats } from './stats.ts';

export const QUEUE_LIMITS: QueueLimits = {
  maxBytes: 2 * 1024 ** 3,
  maxAgeMs: 30 * 24 * 3600 * 1000,
  minFreeBytes: 1024 ** 3,
  minFreeShare: 0.1,
  keepBytes: 64 * 1024 ** 2,
};

/**
 * Batches that the server has not acknowledged, each an immutable file that is the HTTP body.
 * No index: the folder is the state, gzip's CRC is the checksum, acknowledging is unlinking.
 * What the disk refuses waits in memory, under names of its own, and is sent from there like any other.
 */
export interface Queue {
  readonly id: string;
  /**
   * Numbers and keeps a body: on disk for good when this resolves, or in memory while the disk refuses (`seq` below zero).
   * `unsure`: when it was sealed, if its times are still to be put right.
   */
  append(body: SyncRequest, unsure?: Stamp | null): Promise<{ seq: number; sha256: string }>;
  /** Oldest first. */
  held(): readonly Held[];
  oldest(): Held | null;
  newest(): Held | null;
  find(seq: number): Held | null;
  /**
   * null: gone, or damaged (then set aside and counted as a gap), or stuck. Rejects while the system has no file handle
   * or memory, or when the batch's times need a clock that nobody has confirmed.
   */
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
  /** Counts samples that are lost already. */
  lost(bodies: readonly SyncRequest[], reason: GapReason, unsure?: Stamp | null): Promise<void>;
  /** Notes what went wrong elsewhere, for reports and `hashyard-agent queue`. */
  trouble(text: string): void;
  stats(): QueueStats;
  /** What else is said to who asks the folder's owner. */
  alsoReport(more: () => object): void;
  /** Moves to disk what is in memory, if the disk lets it, and lets go of the folder. */
  close(): Promise<void>;
}

/** Of the system, and over soon: the file is whole. A scan takes many handles. */
const NOT_THE_FILES_FAULT = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EACCES']);
const MOST_DEAD_BYTES = 100 * 1024 ** 2;
const MOST_DAMAGED_BYTES = 50 * 1024 ** 2;
const MOST_IN_MEMORY = 50;
const MOST_BYTES_IN_MEMORY = 8 * 1024 ** 2;
const HEAL_EVERY_MS = 30_000;
const MOST_ERROR_TEXT = 200;

/**
 * Opens (or makes) the queue folder: batches in it, `tmp/`, `dead/`, `damaged/` and `odd/` under it.
 * Throws AgentFailure when another process owns it. Neither damage nor a disk that refuses stops the start.
 */
export async function openQueue(options: {
  dir: string;
  limits?: QueueLimits;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  clock?: AgentClock;
  healEveryMs?: number;
}): Promise<Queue> {
  const { dir, log, limits = QUEUE_LIMITS, clock = machineClock } = options;
  const { healEveryMs = HEAL_EVERY_MS } = options;
  const at = (name: string): string => join(dir, name);
  const fileOf = (batch: FileName): string => at(fileNameOf(batch));
  const reserve = makeReserve(dir, at('tmp'));
  const gaps = await openGaps({ dir, tmpDir: at('tmp'), reserve, clock });
  const list = makeHeldList();
  const home = openHome({ dir, list, report });
  /** Of batches in memory: no crash can give their numbers twice, for it takes the id along. */
  const memoryId: string = randomUUID();
  let memorySeq = 0;
  let state: QueueStats['state'] = 'disk';
  let healAt = 0;
  let lastError: QueueStats['lastError'] = null;
  let more: (() => object) | null = null;
  const aside = { dead: 0, damaged: 0 };
  /** Done with, but still there: the disk refused to delete them. */
  const leftovers = new Set<string>();
  /** One writer at a time: numbers rise in the order of the files, and drops do not race appends. */
  let tail: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = tail.then(work);
    tail = turn.catch(() => undefined);
    return turn;
  }

  const load = makeLoader({ dir, list, clock, memoryId, inTurn, refused });

  try {
    await home.prepare();
    await reserve.fill();
  } catch (error) {
    if (error instanceof AgentFailure) throw error;
    refused(error);
    await home.readIn().catch(() => undefined);
  }
  [aside.dead, aside.damaged] = (await Promise.all(
    ['dead', 'damaged'].map((name) => countFiles(at(name))),
  )) as [number, number];
  const healing = setInterval(() => {
    if (state === 'memory') void inTurn(heal).catch(refused);
  }, healEveryMs);
  healing.unref();

  function stats(): QueueStats {
    const onDisk = list.onDisk();
    const inMemory = list.inMemory();
    return {
      batches: onDisk.batches + inMemory.batches,
      bytes: onDisk.bytes + inMemory.bytes,
      oldest: list.all()[0]?.sealedAt ?? null,
      newest: list.all().at(-1)?.sealedAt ?? null,
      gaps: gaps.pending(),
      state,
      inMemory,
      ...aside,
      lastError,
    };
  }

  function report(): object {
    const { inMemory, lastError: last_error, ...plain } = stats();
    const clock_error_ms = clock.errorMs();
    return {
      queue: home.id(),
      ...plain,
      in_memory: inMemory,
      last_error,
      clock_error_ms,
      ...more?.(),
    };
  }

  function trouble(text: string): void {
    lastError = { at: new Date(clock.wall()), text: text.slice(0, MOST_ERROR_TEXT) };
  }

  function refused(error: unknown): void {
    trouble(`queue folder: ${error instanceof Error ? error.message : String(error)}`);
    healAt = clock.monotonic() + healEveryMs;
    if (state === 'disk')
      log.error({ err: error, event: 'queue_state', state: 'memory' }, DISK_HELP);
    state = 'memory';
  }

  /** Does what the disk has refused so far; rejects as soon as it refuses again. */
  async function heal(): Promise<void> {
    await home.prepare();
    // Writes something in any case: an old refusal may be over.
    await gaps.save();
    await moveToDisk();
    await reserve.fill();
    for (const file of leftovers) {
      await unlink(file).catch(ignoreMissing);
      leftovers.delete(file);
    }
    for (const batch of list.all()) batch.stuck = false;
    state = 'disk';
    log.info({ event: 'queue_state', state, held: list.onDisk().batches });
  }

  /** The body as it goes out. */
  const complete = (
    body: SyncRequest,
    name: { queue: string; seq: number },
    unsure: Stamp | null,
  ): SyncRequest => ({
    ...body,
    batch: { ...name, ...(unsure ? { unsure } : {}) },
    ...(body.agent
      ? { agent: { ...body.agent, ...reportOf(stats(), gaps.offered(), clock.errorMs()) } }
      : {}),
  });

  /** Writes the file of the next number; gives up old batches once, should the disk be full. */
  async function place(
    make: (seq: number) => Promise<PackedBatch & Omit<FileName, 'seq'> & { sealedAt: Date }>,
  ): Promise<Held> {
    let needed = 0;
    let number: number | null = null;
    async function write(): Promise<Held> {
      const seq = (number ??= await home.nextSeq());
      const { gz, sha256, sealedAt, ...marks } = await make(seq);
      needed = gz.length;
      const file = fileOf({ seq, ...marks });
      await writeDurably(file, gz, at('tmp'), sealedAt).catch(async (error: unknown) => {
        // Its name may be there, though not for good: it will be written under another.
        await unlink(file).catch(() => undefined);
        throw error;
      });
      const bytes = gz.length;
      return { seq, ...marks, bytes, sealedAt, sha256, gz: null, attempted: false, stuck: false };
    }
    try {
      return await write();
    } catch (error) {
      if (!isFull(error) || !(await makeRoom(needed))) throw error;
      return write();
    }
  }

  const NO_MARKS = { shiftMs: null, sentAs: null };

  async function keep(body: SyncRequest, unsure: Stamp | null): Promise<Held> {
    if (state === 'disk' || clock.monotonic() >= healAt) {
      try {
        if (state === 'memory') await heal();
        const held = await place(async (seq) => ({
          ...(await encodeBatch(complete(body, { queue: home.id(), seq }, unsure))),
          ...NO_MARKS,
          unsure: unsure !== null,
          sealedAt: new Date(unsure?.wall_ms ?? clock.wall()),
        }));
        list.add(held);
        return held;
      } catch (error) {
        refused(error);
      }
    }
    return keepInMemory(body, unsure);
  }

  async function keepInMemory(body: SyncRequest, unsure: Stamp | null): Promise<Held> {
    memorySeq += 1;
    const seq = memorySeq;
    const packed = await encodeBatch(complete(body, { queue: memoryId, seq }, unsure));
    const held: Held = {
      ...packed,
      ...NO_MARKS,
      seq: -seq,
      unsure: unsure !== null,
      bytes: packed.gz.length,
      sealedAt: new Date(unsure?.wall_ms ?? clock.wall()),
      attempted: false,
      stuck: false,
    };
    list.add(held);
    for (
      let oldest = list.oldestInMemory();
      oldest && oldest !== held;
      oldest = list.oldestInMemory()
    ) {
      const { batches, bytes } = list.inMemory();
      if (batches <= MOST_IN_MEMORY && bytes <= MOST_BYTES_IN_MEMORY) break;
      const loss = await lossIn(oldest, 'memory');
      list.remove(oldest);
      log.warn({ event: 'dropped', seq: oldest.seq, samples: loss.samples, reason: 'memory' });
      await gaps.count([loss]);
    }
    return held;
  }

  async function moveToDisk(): Promise<void> {
    for (let batch = list.oldestInMemory(); batch?.gz; batch = list.oldestInMemory()) {
      const { gz, sha256, sealedAt, attempted, unsure } = batch;
      const { body } = await decodeBatch(gz);
      const placed = await place(async (seq) => {
        // Once it may have reached the server, another name would make it another batch there.
        if (attempted) {
          const sentAs = body.batch?.seq ?? null;
          return { gz, sha256: sha256 ?? '', sealedAt, unsure: false, shiftMs: null, sentAs };
        }
        const batchName = { ...body.batch, queue: home.id(), seq };
        const packed = await encodeBatch({ ...body, batch: batchName });
        return { ...packed, ...NO_MARKS, sealedAt, unsure };
      });
      list.moved(batch, placed);
    }
  }

  async function lossIn(batch: Held, reason: GapReason): Promise<Loss> {
    const gz = batch.gz ?? (await readFile(fileOf(batch)).catch(() => null));
    const decoded = gz && (await decodeBatch(gz).catch(() => null));
    const loss = lossOf(decoded?.body ?? null, batch.sealedAt);
    const shiftMs = batch.shiftMs ?? 0;
    return {
      ...loss,
      from: shiftTime(loss.from, shiftMs),
      to: shiftTime(loss.to, shiftMs),
      reason,
      unsure: decoded?.body.batch?.unsure && batch.unsure ? decoded.body.batch.unsure : null,
    };
  }

  /** Out of the list and off the disk; at last when the disk lets us. */
  async function remove(batch: Held): Promise<void> {
    if (!list.remove(batch) || batch.gz) return;
    const file = fileOf(batch);
    // No fsync: a power cut that brings the name back only makes a duplicate.
    await unlink(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return;
      leftovers.add(file);
      refused(error);
    });
  }

  /** Written down before they are gone: a crash between the two reports too much, never too little. */
  async function drop(batches: readonly Held[], reason: GapReason): Promise<void> {
    const losses: Loss[] = [];
    for (const batch of batches) losses.push(await lossIn(batch, reason));
    await gaps.record(losses);
    for (const [index, batch] of batches.entries()) {
      await remove(batch);
      log.warn({ event: 'dropped', seq: batch.seq, samples: losses[index]?.samples, reason });
    }
  }

  /** Gives up as many of the oldest as make room for `bytes`; false: there are none. */
  async function makeRoom(bytes: number): Promise<boolean> {
    const victims = oldestFor(bytes, list);
    await drop(victims, 'disk');
    return victims.length > 0;
  }

  async function keepWithinLimits(): Promise<void> {
    if (state === 'memory') return;
    const { bytes } = list.onDisk();
    const shortBytes = bytes > limits.keepBytes ? await shortOf(dir, limits) : 0;
    for (const [reason, victims] of beyond(limits, { list, clock, shortBytes })) {
      await drop(victims, reason);
    }
  }

  async function setAside(
    seq: number,
    folder: 'dead' | 'damaged',
    reason: GapReason,
  ): Promise<void> {
    const batch = list.find(seq);
    if (!batch) return;
    const loss = await lossIn(batch, reason);
    const { gz } = batch;
    if (gz) {
      await gaps.count([loss]);
      list.remove(batch);
      const name = `${memoryId}-${-seq}.json.gz`;
      await writeDurably(join(dir, folder, name), gz, at('tmp')).catch(refused);
    } else {
      const name = fileNameOf(batch);
      try {
        await gaps.record([loss]);
        await rename(at(name), join(dir, folder, name)).catch(ignoreMissing);
      } catch (error) {
        // A disk that gives nothing back for now may do so later.
        batch.stuck = true;
        refused(error);
        return;
      }
      list.remove(batch);
    }
    aside[folder] = await capFolder(
      at(folder),
      folder === 'dead' ? MOST_DEAD_BYTES : MOST_DAMAGED_BYTES,
    ).catch(() => aside[folder] + 1);
  }

  return {
    get id() {
      return home.id();
    },
    append: (body, unsure = null) =>
      inTurn(async () => {
        const held = await keep(body, unsure);
        // The batch is kept, whatever becomes of older ones: a rejection would have it written again.
        await keepWithinLimits().catch((error: unknown) => {
          trouble(String(error));
          log.error({ err: error, event: 'not_dropped' }, 'cannot make room; tried with the next');
        });
        return { seq: held.seq, sha256: held.sha256 ?? '' };
      }),
    held: () => list.all(),
    oldest: () => list.all()[0] ?? null,
    newest: () => list.all().at(-1) ?? null,
    find: (seq) => list.find(seq),
    async load(seq) {
      const batch = list.find(seq);
      if (!batch || batch.stuck) return null;
      if (batch.unsure && !clock.isSure()) throw new Error('the time is not known yet');
      if (batch.gz) return inTurn(() => load.fromMemory(batch));
      try {
        return await load.fromDisk(batch);
      } catch (error) {
        if (!list.find(seq)) return null;
        if (NOT_THE_FILES_FAULT.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
        log.error({ err: error, event: 'damaged', seq }, 'batch set aside in damaged/');
        trouble(`batch ${seq} is damaged: ${String(error)}`);
        await inTurn(() => setAside(seq, 'damaged', 'damaged'));
        return null;
      }
    },
    ack(seq, sha256) {
      const batch = list.find(seq);
      return inTurn(async () => {
        if (!batch) return;
        if (batch.sha256 !== sha256) throw new Error(`batch ${seq} has another digest`);
        await remove(batch);
      });
    },
    bury: (seq) => inTurn(() => setAside(seq, 'dead', 'refused')),
    replace(seq, bodies) {
      const batch = list.find(seq);
      return inTurn(async () => {
        for (const body of bodies) await keep(body, body.batch?.unsure ?? null);
        if (batch) await remove(batch);
      });
    },
    renewId: () =>
      inTurn(async () => {
        await home.renewId();
        log.warn({ event: 'queue_renamed', queue: home.id() });
      }),
    gapsTaken: (ids) => inTurn(() => gaps.taken(ids)),
    lost: (bodies, reason, unsure = null) =>
      inTurn(() =>
        gaps.count(
          bodies.map((body) => ({ ...lossOf(body, new Date(clock.wall())), reason, unsure })),
        ),
      ),
    trouble,
    stats,
    alsoReport(say) {
      more = say;
    },
    close: () =>
      inTurn(async () => {
        clearInterval(healing);
        if (state === 'memory') await heal().catch(refused);
        const losses: Loss[] = [];
        for (const batch of list.all().slice(list.onDisk().batches)) {
          losses.push(await lossIn(batch, 'memory'));
        }
        if (losses.length > 0) {
          log.error({ event: 'lost_in_memory', batches: losses.length });
          // The count may find room where the batches did not; the log has it in any case.
          await gaps.count(losses);
        }
        await home.close();
      }),
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

const DISK_HELP =
  'the queue folder refuses; batches are kept in memory and sent from there. Free disk space or mend the folder';
