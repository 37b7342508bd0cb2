import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { SyncRequest } from '#contract/sync.ts';
import { machineClock } from '../clock.ts';
import { fileNameOf } from '../queue/batch-file.ts';
import type { Held } from '../queue/held.ts';
import type { LoadedBatch } from '../queue/load.ts';
import { openQueue, QUEUE_LIMITS } from '../queue/queue.ts';
import type { Queue } from '../queue/queue.ts';
import { newRun, runs, usedBytes } from './faulty-disk.ts';
import type { DiskState } from './faulty-disk.ts';

/** `which`: of the batches held, from the oldest on, round and round. */
export type Command =
  | { kind: 'append'; batches: number }
  /** More than memory may hold, if that is where they go. */
  | { kind: 'overflow' }
  | {
      kind: 'load' | 'ack' | 'ackOther' | 'bury' | 'replace' | 'damage' | 'takeGaps';
      which: number;
    }
  /** An hour passes, and what was refused is tried again; a month passes; the agent is restarted; the disk is well. */
  | { kind: 'wait' | 'age' | 'reopen' | 'mend' }
  /** The process dies at the n-th call to the disk from now. */
  | { kind: 'crash'; calls: number }
  | { kind: 'fill'; blocks: number }
  | { kind: 'fail'; changes: number }
  | { kind: 'refuse'; changes: readonly string[]; code: string };

/** A batch the queue has promised to keep. */
interface Kept {
  value: number;
  held: Held;
  /** As of the last look. */
  where: 'disk' | 'memory';
  isDamaged: boolean;
}

/** What a crash may have left half done. */
interface UnderWay {
  /** Values that may be there now. */
  coming?: number[];
  /** May be gone, without a gap, once everything that comes is there. */
  going?: Kept;
}

const HOUR_MS = 3_600_000;
const BLOCK_BYTES = 4096;
const MOST_IN_MEMORY = 50;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const digestOf = (json: Buffer): string => createHash('sha256').update(json).digest('hex');

const bodyOf = (value: number): SyncRequest => ({
  discovered_miners: [],
  miner_stats: [
    { ip_address: '10.0.0.1', timestamp: '2026-03-01T10:00:00.000Z', hash_rate: value },
  ],
  agent: { version: '1', boot: 'model' },
});
const valueIn = (json: Buffer): unknown =>
  (JSON.parse(json.toString()) as SyncRequest).miner_stats?.[0]?.hash_rate;

/**
 * A list of what a queue must hold, beside a real queue on a faulty disk. Every command is done to both, and then they
 * are compared: each batch ever kept is held, or was acknowledged by its name, or is counted in a gap.
 */
export class QueueModel {
  readonly #dir: string;
  readonly #maxBytes: number;
  readonly #disk: DiskState = { refuses: null, failIn: 0, capacityBytes: null };
  #run;
  #queue!: Queue;
  /** Oldest first. */
  #kept: Kept[] = [];
  #lastValue = 0;
  /** Batches that are gone and must be counted in gaps. */
  readonly #owed = { disk: 0, memory: 0 };
  /** Batches in the gaps the server has been told of, as it was told first. */
  readonly #told = new Map<string, number>();
  /** Digest of what went out under each name. */
  readonly #sent = new Map<string, string>();
  /** What each batch was called when it may have gone out, in this run. */
  readonly #names = new WeakMap<Kept, string>();
  #elapsedMs = 0;
  #hasRefused = false;
  #hasCrashed = false;

  constructor(dir: string, maxBytes: number) {
    this.#dir = dir;
    this.#maxBytes = maxBytes;
    this.#run = newRun(dir, this.#disk);
  }

  async open(): Promise<void> {
    const clock = {
      ...machineClock,
      wall: () => Date.now() + this.#elapsedMs,
      monotonic: () => performance.now() + this.#elapsedMs,
    };
    const limits = { ...QUEUE_LIMITS, maxBytes: this.#maxBytes };
    const options = { dir: this.#dir, log: silent, limits, clock, healEveryMs: HOUR_MS };
    let queue: Queue | 'crashed' = 'crashed';
    while (queue === 'crashed') queue = await this.#alive(() => openQueue(options));
    this.#queue = queue;
  }

  async act(command: Command): Promise<void> {
    const disk = this.#disk;
    switch (command.kind) {
      case 'append':
        for (let batch = 0; batch < command.batches; batch += 1) await this.#append();
        return;
      case 'overflow':
        await this.#append();
        for (let more = 0; more < MOST_IN_MEMORY + 5; more += 1) {
          if (this.#queue.stats().state === 'memory') await this.#append();
        }
        return;
      case 'reopen':
        if ((await this.#alive(() => this.#queue.close())) !== 'crashed') await this.open();
        return this.#recover({});
      case 'crash':
        this.#run.crashIn = command.calls;
        return;
      case 'fill':
        disk.capacityBytes = usedBytes(this.#dir) + command.blocks * BLOCK_BYTES;
        break;
      case 'fail':
        disk.failIn = command.changes;
        break;
      case 'refuse':
        disk.refuses = { changes: new Set(command.changes), code: command.code };
        break;
      case 'mend':
        Object.assign(disk, { refuses: null, failIn: 0, capacityBytes: null });
        return;
      case 'wait':
      case 'age':
        this.#elapsedMs += command.kind === 'wait' ? HOUR_MS + 1 : 31 * 24 * HOUR_MS;
        return;
      default: {
        const kept = this.#kept[command.which % (this.#kept.length || 1)];
        if (kept) await this.#actOn(kept, command.kind);
        return;
      }
    }
    this.#hasRefused = true;
  }

  /** The disk is well again: nothing may be lost any more, nor wait in memory. */
  async end(): Promise<void> {
    this.#run.crashIn = 0;
    await this.act({ kind: 'mend' });
    await this.act({ kind: 'wait' });
    await this.#append();
    assert.equal(this.#queue.stats().state, 'disk', 'the queue has not healed');
    for (const kept of this.#kept.slice()) await this.#load(kept);
    const before = this.#kept.map(({ value }) => value);
    await this.act({ kind: 'reopen' });
    const after = this.#kept.map(({ value }) => value);
    assert.deepEqual(after, before, 'an orderly restart changes what is held');
    for (const kept of this.#kept.slice()) assert.ok(await this.#load(kept), 'it cannot be loaded');
    await this.#alive(() => this.#queue.close());
  }

  async #append(): Promise<void> {
    this.#lastValue += 1;
    const value = this.#lastValue;
    const written = await this.#alive(() => this.#queue.append(bodyOf(value)));
    if (written === 'crashed') return this.#recover({ coming: [value] });
    const held = this.#queue.find(written.seq);
    assert.ok(held, 'a batch is gone as soon as it is kept');
    this.#keep(value, held);
    const { batches, bytes } = this.#onDisk();
    if (!this.#hasRefused) assert.ok(bytes <= this.#maxBytes || batches === 1, 'beyond its limit');
    return this.#check();
  }

  async #actOn(kept: Kept, kind: (Command & { which: number })['kind']): Promise<void> {
    const queue = this.#queue;
    const { held } = kept;
    switch (kind) {
      case 'load':
        await this.#load(kept);
        return;
      case 'ack': {
        const batch = await this.#load(kept);
        if (!batch) return;
        const done = await this.#alive(() => queue.ack(batch.seq, batch.sha256));
        if (done === 'crashed') return this.#recover({ going: kept });
        assert.ok(!queue.held().includes(held), 'acknowledged and still held');
        this.#forget(kept);
        break;
      }
      case 'ackOther': {
        const done = await this.#alive(() =>
          queue.ack(held.seq, 'another').then(
            () => 'taken',
            () => 'refused',
          ),
        );
        if (done === 'crashed') return this.#recover({});
        assert.equal(done, 'refused', 'acknowledged by another digest');
        break;
      }
      case 'bury': {
        const done = await this.#alive(() => queue.bury(held.seq));
        if (done === 'crashed') return this.#recover({});
        // A disk that refuses to note it keeps it.
        if (queue.held().includes(held)) assert.ok(this.#hasRefused, 'buried and still held');
        else this.#owe(kept);
        break;
      }
      case 'replace': {
        const coming = [this.#lastValue + 1, this.#lastValue + 2];
        this.#lastValue += 2;
        const known = new Set(queue.held());
        const done = await this.#alive(() => queue.replace(held.seq, coming.map(bodyOf)));
        if (done === 'crashed') return this.#recover({ coming, going: kept });
        this.#forget(kept);
        const fresh = queue.held().filter((each) => !known.has(each));
        // On a full disk the first may have made room for the second.
        assert.ok(fresh.length === 2 || this.#hasRefused, 'a part is missing');
        for (const each of fresh) this.#keep((await this.#valueOf(each)) ?? 0, each);
        this.#owed.disk += 2 - fresh.length;
        break;
      }
      case 'damage':
        if (held.gz) return;
        kept.isDamaged = true;
        await truncate(this.#fileOf(held), Math.floor(held.bytes / 2));
        return;
      case 'takeGaps': {
        const batch = await this.#load(kept);
        if (!batch) return;
        const gaps = batch.body.agent?.gaps ?? [];
        for (const { id, batches } of gaps) {
          assert.equal(this.#told.get(id) ?? batches, batches, 'a gap grows after it was sent');
          this.#told.set(id, batches);
        }
        const done = await this.#alive(() => queue.gapsTaken(gaps.map(({ id }) => id)));
        if (done === 'crashed') return this.#recover({});
      }
    }
    return this.#check();
  }

  /** As it would be sent; null: not there any more, or it cannot be. */
  async #load(kept: Kept): Promise<LoadedBatch | null> {
    const { held } = kept;
    const batch = await this.#alive(() => this.#queue.load(held.seq));
    if (batch === 'crashed') {
      await this.#recover({});
      return null;
    }
    if (batch === null) {
      assert.ok(kept.isDamaged || this.#hasRefused, 'a whole batch cannot be loaded');
      if (!this.#queue.held().includes(held)) this.#owe(kept);
      await this.#check();
      return null;
    }
    assert.ok(!kept.isDamaged, 'a damaged batch is sent');
    const json = gunzipSync(batch.gz);
    assert.equal(valueIn(json), kept.value, 'another batch is loaded');
    assert.equal(batch.sha256, digestOf(json));
    const name = `${batch.queue}/${batch.sentAs}`;
    assert.equal(this.#sent.get(name) ?? batch.sha256, batch.sha256, 'two contents under one name');
    this.#sent.set(name, batch.sha256);
    assert.equal(this.#names.get(kept) ?? name, name, 'sent again under another name');
    this.#names.set(kept, name);
    return batch;
  }

  /** Does something in the run under way; when that crashes, the next run has not begun. */
  async #alive<T>(work: () => Promise<T>): Promise<T | 'crashed'> {
    const run = this.#run;
    const result = await Promise.race([runs.run(run, work), run.crashed]);
    if (result !== 'crashed') return result;
    await run.settled();
    this.#hasCrashed = true;
    this.#run = newRun(this.#dir, this.#disk);
    return result;
  }

  /** Starts anew after a crash, or looks around after an orderly start. */
  async #recover({ coming = [], going }: UnderWay): Promise<void> {
    if (this.#hasCrashed) await this.open();
    const before = this.#kept;
    this.#kept = [];
    for (const held of this.#queue.held()) {
      const known = before.find((kept) => kept.where === 'disk' && kept.held.seq === held.seq);
      const value = known?.isDamaged ? known.value : await this.#valueOf(held);
      assert.ok(
        value !== null && (!known || known.value === value),
        `batch ${held.seq} is damaged`,
      );
      const isExpected = coming.includes(value) || before.some((kept) => kept.value === value);
      // A name that the disk refused to delete is sent once more.
      assert.ok(isExpected || this.#hasRefused, `batch ${value} has come back`);
      this.#keep(value, held).isDamaged = known?.isDamaged ?? false;
    }
    const values = new Set(this.#kept.map(({ value }) => value));
    for (const kept of before) {
      if (values.has(kept.value)) continue;
      // What was in memory only has gone with the process.
      if (kept.where === 'memory') continue;
      if (kept === going && coming.every((value) => values.has(value))) continue;
      this.#owed.disk += 1;
    }
    this.#owed.memory = 0;
    return this.#check();
  }

  /** Compares. Whatever is no longer held must have been the oldest, and be counted. */
  async #check(): Promise<void> {
    const held = this.#queue.held();
    const { state, inMemory, batches, gaps } = this.#queue.stats();
    const gone = this.#kept.filter((kept) => !held.includes(kept.held));
    for (const kept of gone) this.#owe(kept);
    assert.deepEqual(
      this.#kept.map((kept) => kept.held.seq),
      held.map(({ seq }) => seq),
      'the queue holds others, or in another order',
    );
    for (const kept of this.#kept) {
      const newer = gone.some(({ value, where }) => where === kept.where && value > kept.value);
      assert.ok(!newer, 'another than the oldest was dropped');
      kept.where = kept.held.gz ? 'memory' : 'disk';
    }
    const untold = gaps.filter(({ id }) => !this.#told.has(id));
    const told = this.#told.values().reduce((sum, count) => sum + count, 0);
    const counted = untold.reduce((sum, gap) => sum + gap.batches, told);
    const owed = this.#owed.disk + this.#owed.memory;
    assert.ok(counted >= owed, `${owed} batches are gone, ${counted} are counted`);
    assert.equal(batches, held.length);
    assert.ok(inMemory.batches <= MOST_IN_MEMORY, 'too much in memory');
    if (this.#hasRefused) return;
    assert.equal(state, 'disk');
    const files = (await readdir(this.#dir)).filter((name) => name.endsWith('.json.gz')).sort();
    assert.deepEqual(files, held.map(fileNameOf), 'the folder holds other files');
    if (!this.#hasCrashed) assert.equal(counted, owed, 'more is counted than is gone');
  }

  #keep(value: number, held: Held): Kept {
    const kept: Kept = { value, held, where: held.gz ? 'memory' : 'disk', isDamaged: false };
    this.#kept.push(kept);
    return kept;
  }

  #forget(kept: Kept): void {
    this.#kept.splice(this.#kept.indexOf(kept), 1);
  }

  #owe(kept: Kept): void {
    this.#forget(kept);
    this.#owed[kept.where] += 1;
  }

  #onDisk(): { batches: number; bytes: number } {
    const files = this.#queue.held().filter(({ gz }) => gz === null);
    return { batches: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  #fileOf = (held: Held): string => join(this.#dir, fileNameOf(held));

  /** null: it is no whole batch. */
  async #valueOf(held: Held): Promise<number | null> {
    try {
      const value = valueIn(gunzipSync(held.gz ?? (await readFile(this.#fileOf(held)))));
      return typeof value === 'number' ? value : null;
    } catch {
      return null;
    }
  }
}
