import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { SyncRequest } from '#contract/sync.ts';

/**
 * What a batch's file is called: "0000000000000042.json.gz", and before ".json.gz"
 * ".unsure" when its times are still to be put right, ".shift+86400000" when they are to be shifted by so much,
 * ".memory3" when it has been sent as number 3 of a queue in memory, a name it keeps.
 */
export interface FileName {
  seq: number;
  unsure: boolean;
  /** Added to every time in it whenever it is loaded, ms. */
  shiftMs: number | null;
  sentAs: number | null;
}

const BATCH_NAME = /^(\d{16})(?:\.(unsure)|\.shift([+-]\d{1,15})|\.memory(\d{1,15}))?\.json\.gz$/;
const MOST_UNPACKED_BYTES = 64 * 1024 * 1024;

const pack = promisify(gzip);
const unpack = promisify(gunzip);

export function fileNameOf(name: number | FileName): string {
  const { seq, unsure, shiftMs, sentAs } =
    typeof name === 'number' ? { seq: name, unsure: false, shiftMs: null, sentAs: null } : name;
  let mark = '';
  if (unsure) mark = '.unsure';
  else if (shiftMs !== null) mark = `.shift${shiftMs < 0 ? '-' : '+'}${Math.abs(shiftMs)}`;
  else if (sentAs !== null) mark = `.memory${sentAs}`;
  return `${String(seq).padStart(16, '0')}${mark}.json.gz`;
}

/** null: no batch is called so. */
export function parseFileName(fileName: string): FileName | null {
  const match = BATCH_NAME.exec(fileName);
  if (!match) return null;
  const [, seq, unsure, shift, memory] = match;
  return {
    seq: Number(seq),
    unsure: unsure !== undefined,
    shiftMs: shift === undefined ? null : Number(shift),
    sentAs: memory === undefined ? null : Number(memory),
  };
}

export interface PackedBatch {
  /** The body as sent: gzip JSON. */
  gz: Buffer;
  /** Hex, of the JSON, which the server must repeat. */
  sha256: string;
}

export async function encodeBatch(body: SyncRequest): Promise<PackedBatch> {
  const json = Buffer.from(JSON.stringify(body));
  // Level 1: a Raspberry Pi packs at poll time; level 6 saves a fifth at thrice the work.
  return { gz: await pack(json, { level: 1 }), sha256: digestOf(json) };
}

export interface DecodedBatch {
  body: SyncRequest;
  sha256: string;
}

/** Throws when the bytes are no whole batch: gzip's own CRC and length are the checksum. */
export async function decodeBatch(gz: Buffer): Promise<DecodedBatch> {
  const json = await unpack(gz, { maxOutputLength: MOST_UNPACKED_BYTES });
  const body: unknown = JSON.parse(json.toString('utf8'));
  if (typeof body !== 'object' || body === null) throw new SyntaxError('not an object');
  return { body, sha256: digestOf(json) };
}

const digestOf = (json: Buffer): string => createHash('sha256').update(json).digest('hex');

/** `text` later by `ms`; as it is when it is no time. */
export function shiftTime(text: string, ms: number): string {
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : new Date(at + ms).toISOString();
}

/** The batch with its times later by `ms`, sure from now on. The same for ever, whenever it is called. */
export function shiftBatch(body: SyncRequest, ms: number): SyncRequest {
  const { batch, agent, scan, miner_stats: samples, ...rest } = body;
  return {
    ...rest,
    ...(batch ? { batch: { queue: batch.queue, seq: batch.seq } } : {}),
    ...(agent
      ? {
          agent: agent.cycle
            ? { ...agent, cycle: { ...agent.cycle, at: shiftTime(agent.cycle.at, ms) } }
            : agent,
        }
      : {}),
    ...(scan
      ? {
          scan: {
            ...scan,
            started_at: shiftTime(scan.started_at, ms),
            finished_at: shiftTime(scan.finished_at, ms),
          },
        }
      : {}),
    ...(samples
      ? {
          miner_stats: samples.map((sample) =>
            Object.assign({}, sample, { timestamp: shiftTime(sample.timestamp, ms) }),
          ),
        }
      : {}),
  };
}

/** What goes when batches go; times are ISO 8601. */
export interface Extent {
  from: string;
  to: string;
  batches: number;
  samples: number;
}

/** What is lost with this batch. Times are those of its samples, else `fallback`. */
export function lossOf(body: SyncRequest | null, fallback: Date): Extent {
  const times = (body?.miner_stats ?? []).map((sample) => sample.timestamp).sort();
  const otherwise = fallback.toISOString();
  return {
    from: times[0] ?? otherwise,
    to: times.at(-1) ?? otherwise,
    batches: 1,
    samples: times.length,
  };
}

/** Several losses as one. */
export function sumOf(losses: readonly Extent[]): Extent {
  return losses.reduce((sum, loss) => ({
    from: loss.from < sum.from ? loss.from : sum.from,
    to: loss.to > sum.to ? loss.to : sum.to,
    batches: sum.batches + loss.batches,
    samples: sum.samples + loss.samples,
  }));
}
