import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { SyncRequest } from '#contract/sync.ts';
import { AgentFailure, EXIT } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import type { Messages } from '../messages.ts';
import { decodeBatch, parseFileName, shiftBatch } from '../queue/batch-file.ts';
import { print, warn } from './terminal.ts';

/** Where a batch may lie under the queue folder. */
const PLACES = ['.', 'dead', 'damaged'];

/**
 * Prints a batch as it is sent, or what of a damaged one can be read (then EXIT.partly). Throws AgentFailure when there is
 * no such batch, or nothing of it can be read.
 */
export async function exportBatch(dir: string, number: string, say: Messages): Promise<ExitCode> {
  if (!/^\d{1,16}$/.test(number)) throw new AgentFailure((in_) => in_.exportNumber(number));
  const found = await find(dir, Number(number));
  if (found === null) throw new AgentFailure((in_) => in_.exportNone(number, dir), EXIT.failed);
  const { file, shiftMs } = found;
  const gz = await readFile(file).catch((error: unknown) => {
    throw new AgentFailure((in_) => in_.exportUnreadable(file, String(error)), EXIT.failed);
  });
  const body = await decodeBatch(gz).then(
    (decoded): SyncRequest => decoded.body,
    () => null,
  );
  if (body) {
    print(JSON.stringify(shiftMs === null ? body : shiftBatch(body, shiftMs)));
    return EXIT.ok;
  }
  const { text, why } = await unpackSome(gz);
  if (text === '') throw new AgentFailure((in_) => in_.exportUnreadable(file, why), EXIT.failed);
  print(text);
  warn(say.warning(say.exportPart(file, why)));
  return EXIT.partly;
}

async function find(
  dir: string,
  seq: number,
): Promise<{ file: string; shiftMs: number | null } | null> {
  for (const place of PLACES) {
    for (const name of await readdir(join(dir, place)).catch(() => [])) {
      const parsed = parseFileName(name);
      if (parsed?.seq === seq) return { file: join(dir, place, name), shiftMs: parsed.shiftMs };
    }
  }
  return null;
}

/** As much as comes out before the damage. */
function unpackSome(gz: Buffer): Promise<{ text: string; why: string }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const unpacking = createGunzip();
    const done = (why: string): void => {
      resolve({ text: Buffer.concat(chunks).toString('utf8'), why });
    };
    unpacking.on('data', (chunk: Buffer) => chunks.push(chunk));
    unpacking.on('error', (error) => done(error.message));
    unpacking.on('end', () => done('JSON'));
    unpacking.end(gz);
  });
}
