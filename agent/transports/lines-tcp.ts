import { Buffer } from 'node:buffer';
import { isRow } from '../families/values.ts';
import { readJson } from '../lenient-json.ts';
import type { Json } from '../lenient-json.ts';
import type { Limits } from './limits.ts';
import { converse } from './tcp.ts';

const NEWLINE = 0x0a;

/**
 * Requests `{"id":…}` over one connection, a line each (IceRiver, TCP 4111). The replies, whatever their
 * order, as one object by id; `text` is all of it as it came. Rejects with `TransportError`.
 */
export async function askLines(options: {
  host: string;
  port: number;
  ids: readonly string[];
  limits: Limits;
  signal: AbortSignal;
}): Promise<{ text: string; replies: { [id: string]: Json }; truncated: boolean }> {
  const { ids, ...rest } = options;
  let wanted = ids.length;
  const { bytes, truncated } = await converse({
    ...rest,
    payload: ids.map((id) => `${JSON.stringify({ id })}\n`).join(''),
    isComplete: (chunk) => {
      wanted -= countOf(NEWLINE, chunk);
      return wanted <= 0;
    },
  });
  const text = bytes.toString('utf8');
  const replies: { [id: string]: Json } = {};
  for (const line of text.split('\n')) {
    const read = readJson(line);
    if (!read.ok || !isRow(read.value)) continue;
    const { id } = read.value;
    if (typeof id === 'string') replies[id] = read.value;
  }
  return { text, replies, truncated };
}

function countOf(byte: number, chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(byte); at >= 0; at = chunk.indexOf(byte, at + 1)) count++;
  return count;
}
