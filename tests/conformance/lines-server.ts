import type { Buffer } from 'node:buffer';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import type { CapturedReply } from './captured-set.ts';

/** `{"id":"info"}` and a newline, any number of them on one connection, a line for each. */
export function linesServer(replies: CapturedReply[]): Server {
  const byId = new Map(replies.map(({ request, text }) => [idOf(request), text]));
  return createServer((socket) => {
    let received = '';
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('utf8');
      for (let end = received.indexOf('\n'); end >= 0; end = received.indexOf('\n')) {
        const id = idOf(received.slice(0, end));
        received = received.slice(end + 1);
        const text = byId.get(id) ?? JSON.stringify({ id, ret: { code: -1 } });
        socket.write(`${text.replaceAll('\n', ' ').trim()}\n`);
      }
    });
  });
}

function idOf(request: string): string | null {
  return /"id"\s*:\s*"([^"]+)"/.exec(request)?.[1] ?? null;
}
