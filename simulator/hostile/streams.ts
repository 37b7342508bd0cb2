import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { overApi } from './kind.ts';
import type { HostileKind } from './kind.ts';

const PIECE = Buffer.alloc(64 * 1024, '{"SUMMARY":[{"GHS 5s":"1"}]},');

/** Sends `piece` as fast as it is taken, `times` at most, then `end` (null: nothing, and stays open). */
export function pour(
  socket: Socket,
  piece: Buffer,
  times = Infinity,
  end: string | null = null,
): void {
  let sent = 0;
  const on = (): void => {
    while (sent < times) {
      if (socket.destroyed) return;
      sent += 1;
      if (!socket.write(piece)) return;
    }
    if (end !== null && !socket.writableEnded) socket.end(end);
  };
  socket.on('drain', on);
  on();
}

/** Sends one piece of `text` after another, a second between them. */
export function drip(socket: Socket, text: string, everyMs = 1000): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed || at >= text.length) clearInterval(timer);
    else socket.write(text.charAt(at++));
  }, everyMs);
  socket.once('close', () => clearInterval(timer));
}

/** Length and pace of what comes. */
export const STREAMS: readonly HostileKind[] = [
  overApi({
    name: 'endless',
    does: 'sends JSON for ever, as fast as it is taken',
    misbehave: (socket) => {
      socket.write('[');
      pour(socket, PIECE);
    },
  }),
  overApi({
    name: 'huge',
    does: 'sends one valid reply of 100 MB',
    misbehave: (socket) => {
      socket.write('{"SUMMARY":[{"GHS 5s":"95000.1"}],"x":["');
      pour(socket, Buffer.alloc(64 * 1024, 'x'), 1600, '"]}\0');
    },
  }),
  overApi({
    name: 'drip',
    does: 'sends one byte a second',
    misbehave: (socket) => drip(socket, `{"SUMMARY":[{${'"GHS 5s":"95000.1",'.repeat(100)}}]}\0`),
  }),
  overApi({
    name: 'silent',
    does: 'accepts the request and says nothing, for ever',
    misbehave: () => undefined,
  }),
  overApi(
    { name: 'silent-always', does: 'says nothing, not even who it is', misbehave: () => undefined },
    null,
  ),
  overApi({
    name: 'never-ends',
    does: 'opens a string, never closes it, and keeps the connection',
    misbehave: (socket) => {
      socket.write(`{"STATUS":[{"STATUS":"S","Msg":"${'m'.repeat(2000)}`);
    },
  }),
  overApi({
    name: 'no-nul',
    does: 'sends text of no protocol without an end, and keeps the connection',
    misbehave: (socket) => {
      socket.write('miner busy, please wait');
    },
  }),
  overApi({
    name: 'reset',
    does: 'sends half a reply and resets the connection',
    misbehave: (socket) => {
      socket.write('{"STATUS":[{"STATUS":"S","Code":11}],"SUMMARY":[{"Elapsed":10,"GHS', () =>
        socket.resetAndDestroy(),
      );
    },
  }),
  overApi({
    name: 'empty',
    does: 'closes without a word',
    misbehave: (socket) => {
      socket.end();
    },
  }),
  overApi(
    {
      name: 'garbage',
      does: 'sends 60 KB of no protocol, not even UTF-8, from the first byte',
      misbehave: (socket) => {
        socket.end(
          Buffer.from(Array.from({ length: 60_000 }, (_, index) => (index * 151 + 7) % 255 || 1)),
        );
      },
    },
    null,
  ),
];
