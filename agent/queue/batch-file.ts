import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { SyncRequest } from '#contract/sync.ts';

const BATCH_NAME = /^(\d{16})\.json\.gz$/;
const MOST_UNPACKED_BYTES = 64 * 1024 * 1024;

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** "0000000000000042.json.gz" of 42. */
export const fileNameOf = (seq: number): string => `${String(seq).padStart(16, '0')}.json.gz`;

/** 42 of "0000000000000042.json.gz"; null for any other name. */
export function seqOf(fileName: string): number | null {
  const match = BATCH_NAME.exec(fileName);
  return match ? Number(match[1]) : null;
}

/** Body as sent: gzip JSON, and the SHA-256 (hex) of the JSON, which the server must repeat. */
export async function encodeBatch(body: SyncRequest): Promise<{ gz: Buffer; sha256: string }> {
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
