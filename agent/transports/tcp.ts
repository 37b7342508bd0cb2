import { Buffer } from 'node:buffer';
import { createConnection } from 'node:net';
import type { Limits } from './limits.ts';
import { pastShortage } from './past-shortage.ts';
import { toTransportError, TransportError } from './transport-error.ts';

export interface TcpConversation {
  host: string;
  port: number;
  /** Written once: cgminer reads its request with a single recv. */
  payload: string | Buffer;
  limits: Limits;
  signal: AbortSignal;
  /** Fed every chunk; true when the reply is complete and nothing more is wanted. */
  isComplete: (chunk: Buffer) => boolean;
}

export interface TcpReply {
  bytes: Buffer;
  /** Ended by the deadline, the size limit or a reset, with bytes in hand. */
  truncated: boolean;
}

/**
 * One connection, one request, one reply. Rejects with `TransportError` when not a byte came, and with
 * the signal's reason on abort. A shortage of sockets on this machine is waited out.
 */
export function converse(conversation: TcpConversation): Promise<TcpReply> {
  return pastShortage(conversation.signal, () => attempt(conversation));
}

function attempt(conversation: TcpConversation): Promise<TcpReply> {
  const { host, port, payload, limits, signal, isComplete } = conversation;
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<TcpReply>();
  const chunks: Buffer[] = [];
  let size = 0;

  // `autoSelectFamily` would race addresses; a miner is one literal address.
  const socket = createConnection({ host, port, noDelay: true, autoSelectFamily: false });

  const release = () => {
    clearTimeout(total);
    clearTimeout(stage);
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  };
  const finish = (truncated: boolean) => {
    release();
    resolve({ bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size), truncated });
  };
  const fail = (error: unknown) => {
    release();
    reject(error);
  };
  const giveUp = (error: TransportError) => {
    if (size > 0) finish(true);
    else fail(error);
  };
  const onAbort = () => {
    fail(signal.reason);
  };

  const total = setTimeout(() => {
    giveUp(new TransportError('timeout', `no complete reply within ${limits.totalMs} ms`));
  }, limits.totalMs);
  let stage = setTimeout(() => {
    giveUp(new TransportError('timeout', `not connected within ${limits.connectMs} ms`));
  }, limits.connectMs);
  signal.addEventListener('abort', onAbort, { once: true });

  socket.once('connect', () => {
    clearTimeout(stage);
    stage = setTimeout(() => {
      giveUp(new TransportError('timeout', `connected, no byte within ${limits.firstByteMs} ms`));
    }, limits.firstByteMs);
    // No half-close afterwards: some forks take FIN for a cancelled request.
    socket.write(payload);
  });
  socket.on('data', (chunk: Buffer) => {
    clearTimeout(stage);
    const room = limits.maxBytes - size;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    chunks.push(kept);
    size += kept.length;
    if (isComplete(kept)) finish(false);
    else if (chunk.length > room) finish(true);
  });
  socket.once('end', () => {
    if (size > 0) finish(false);
    else fail(new TransportError('empty', 'closed without a reply'));
  });
  socket.once('error', (error) => {
    giveUp(toTransportError(error));
  });
  return promise;
}
