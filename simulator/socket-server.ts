import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Transport } from './transport.ts';

/** A client that says nothing is dropped after this long, as Whatsminer's API documents. */
const IDLE_MS = 10_000;

/** What happens to what a client sends. */
export interface Conversation {
  /** Reply to one read from the socket; null closes without a word. */
  answer(received: Buffer): Buffer | null;
  transport: Transport;
  /** Delay before the next reply, ms. */
  thinkMs: () => number;
}

/**
 * Serves one device's port as cgminer does: one connection after another, one read = one request, one
 * reply, close. Connections that come meanwhile wait their turn.
 */
export function serialHandler(conversation: Conversation): (socket: Socket) => void {
  const waiting: Socket[] = [];
  let busy = false;

  function next(): void {
    const socket = waiting.shift();
    if (socket === undefined) {
      busy = false;
      return;
    }
    busy = true;
    if (socket.destroyed) next();
    else serve(socket);
  }

  function serve(socket: Socket): void {
    let served = false;
    const free = (): void => {
      if (served) return;
      served = true;
      next();
    };
    socket.once('close', free);
    socket.once('data', (received) => {
      // What comes after the first read is drained and ignored: unread bytes would turn the close into a reset.
      socket.resume();
      speak(socket, conversation, conversation.answer(received), free);
    });
    socket.resume();
  }

  return (socket) => {
    quieten(socket);
    waiting.push(socket);
    if (!busy) next();
  };
}

/** Idle limit, and the errors of a peer that goes away: they end in 'close', which is all that matters. */
export function quieten(socket: Socket): void {
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => {});
}

function speak(
  socket: Socket,
  { transport, thinkMs }: Conversation,
  reply: Buffer | null,
  done: () => void,
): void {
  if (transport.hang) return;
  if (reply === null) {
    socket.end();
    return;
  }
  const delayMs = transport.firstByteDelayMs + thinkMs();
  if (delayMs > 0) setTimeout(send, delayMs).unref();
  else send();

  function send(): void {
    if (socket.destroyed || reply === null) return;
    const body = reply.subarray(0, Math.round(reply.length * transport.sentShare));
    if (transport.pieces === 1) finish(body);
    else sendPieces(body, 0);
  }

  function sendPieces(body: Buffer, index: number): void {
    if (socket.destroyed) return;
    const size = Math.ceil(body.length / transport.pieces);
    const piece = body.subarray(index * size, (index + 1) * size);
    if (index === transport.pieces - 1) {
      finish(piece);
      return;
    }
    socket.write(piece);
    setTimeout(() => sendPieces(body, index + 1), transport.pieceDelayMs).unref();
  }

  function finish(last: Buffer): void {
    if (transport.reset) {
      socket.write(last, () => socket.resetAndDestroy());
    } else if (transport.keepOpen) {
      socket.write(last);
      done();
    } else {
      socket.end(last);
    }
  }
}

/** Listens on one address and port; rejects with the system's error (EADDRINUSE, EACCES …). */
export function listen(
  host: string,
  port: number,
  onConnection: (socket: Socket) => void,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, onConnection);
    server.once('error', reject);
    server.listen({ host, port, backlog: 100, exclusive: true }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}
