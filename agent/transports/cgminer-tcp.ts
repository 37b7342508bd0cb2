import type { Buffer } from 'node:buffer';
import { converse } from './tcp.ts';
import type { Limits } from './limits.ts';

export interface CgminerReply {
  text: string;
  truncated: boolean;
}

/**
 * One request of the cgminer API (TCP 4028). `request` is the whole text: JSON, or a bare command for
 * text mode. Rejects with `TransportError`.
 */
export async function askCgminer(options: {
  host: string;
  port: number;
  request: string;
  limits: Limits;
  signal: AbortSignal;
}): Promise<CgminerReply> {
  const { request, ...rest } = options;
  const { bytes, truncated } = await converse({
    ...rest,
    payload: request,
    isComplete: makeEndDetector(),
  });
  // Bytes that are no UTF-8 (pool workers pass through raw) become U+FFFD.
  return { text: bytes.toString('utf8'), truncated };
}

/**
 * The end of a reply, whatever the fork: a NUL byte or a complete top-level JSON value. Some servers
 * keep the socket open after the NUL, some send no NUL at all; EOF and the deadline end the rest.
 */
export function makeEndDetector(): (chunk: Buffer) => boolean {
  let depth = 0;
  let quoted = false;
  let escaped = false;
  let isJson: boolean | null = null;
  return (chunk) => {
    for (const byte of chunk) {
      if (byte === 0) return true;
      if (isJson === null) {
        if (byte <= 0x20) continue;
        isJson = byte === 0x7b || byte === 0x5b;
      }
      if (!isJson) continue;
      if (escaped) escaped = false;
      else if (quoted) {
        if (byte === 0x5c) escaped = true;
        else if (byte === 0x22) quoted = false;
      } else if (byte === 0x22) quoted = true;
      else if (byte === 0x7b || byte === 0x5b) depth++;
      else if ((byte === 0x7d || byte === 0x5d) && --depth <= 0) return true;
    }
    return false;
  };
}
