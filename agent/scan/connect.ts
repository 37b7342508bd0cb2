import { connect } from 'node:net';

/**
 * What a port says: `open`; `refused` (a RST: nobody listens, but the host lives); `silent` (nothing
 * in time: no host, or a filter); `unreachable` (a router or the kernel says so).
 * `exhausted` says nothing about the host: this machine ran out of sockets, ports or buffers.
 */
export type Outcome = 'open' | 'refused' | 'silent' | 'unreachable';
export type Attempt = Outcome | 'exhausted';

const OURS = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EAGAIN']);

/** One TCP connect to an address (never a name), ended by our own timer. Never rejects. */
export function tryConnect(host: string, port: number, timeoutMs: number): Promise<Attempt> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: false });
    // Not socket.setTimeout: that one is an idle timer.
    const timer = setTimeout(() => finish('silent'), timeoutMs);
    function finish(attempt: Attempt): void {
      clearTimeout(timer);
      socket.removeAllListeners();
      // A late error of a destroyed socket has no one to tell.
      socket.on('error', () => undefined);
      socket.destroy();
      resolve(attempt);
    }
    socket.once('connect', () => finish('open'));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(meaningOf(error.code)));
  });
}

function meaningOf(code: string | undefined): Attempt {
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return 'refused';
  if (code === 'ETIMEDOUT') return 'silent';
  if (code !== undefined && OURS.has(code)) return 'exhausted';
  return 'unreachable';
}
