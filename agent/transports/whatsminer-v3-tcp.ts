import { Buffer } from 'node:buffer';
import { converse } from './tcp.ts';
import type { Limits } from './limits.ts';
import { TransportError } from './transport-error.ts';

const LENGTH_BYTES = 4;

/**
 * One request of Whatsminer API v3 (TCP 4433): a little-endian uint32 byte length before the JSON, both
 * ways. Rejects with `TransportError`; a length beyond the limit is not a miner's.
 */
export async function askWhatsminerV3(options: {
  host: string;
  port: number;
  request: string;
  limits: Limits;
  signal: AbortSignal;
}): Promise<{ text: string; truncated: boolean }> {
  const { request, ...rest } = options;
  const { bytes, truncated } = await converse({
    ...rest,
    payload: frame(request),
    isComplete: makeFrameDetector(options.limits.maxBytes),
  });
  const length = bytes.length < LENGTH_BYTES ? Infinity : bytes.readUInt32LE(0);
  if (length > options.limits.maxBytes) {
    throw new TransportError('not_understood', 'the reply is not framed as API v3 frames it');
  }
  const body = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  return { text: body.toString('utf8'), truncated: truncated || body.length < length };
}

/** A message as it goes over the wire. */
export function frame(text: string): Buffer {
  const body = Buffer.from(text, 'utf8');
  const framed = Buffer.allocUnsafe(LENGTH_BYTES + body.length);
  framed.writeUInt32LE(body.length, 0);
  body.copy(framed, LENGTH_BYTES);
  return framed;
}

/** The length may come in a segment of its own, even cut in two. */
function makeFrameDetector(maxBytes: number): (chunk: Buffer) => boolean {
  let head = Buffer.alloc(0);
  let seen = 0;
  return (chunk) => {
    seen += chunk.length;
    if (head.length < LENGTH_BYTES) head = Buffer.concat([head, chunk]).subarray(0, LENGTH_BYTES);
    if (head.length < LENGTH_BYTES) return false;
    const length = head.readUInt32LE(0);
    return length > maxBytes || seen >= LENGTH_BYTES + length;
  };
}
