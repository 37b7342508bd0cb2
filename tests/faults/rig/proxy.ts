import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * How the link is. `refuse`: connections are reset. `swallow`: what the caller sends vanishes, as behind a dead
 * router. `deaf`: requests arrive, answers do not, and the connection ends. `slow`: everything arrives `delayMs` later.
 */
export type Link = 'pass' | 'refuse' | 'swallow' | 'deaf' | 'slow';

export interface Proxy extends AsyncDisposable {
  port: number;
  url: string;
  link: Link;
  /** For `slow`. */
  delayMs: number;
  /** Bytes a second both ways together; 0 = no limit. */
  bytesPerS: number;
  /** Connections open now. */
  open(): number;
  /** Changes the link and ends what is open, so that nobody goes on over a connection from before. */
  become(link: Link): void;
}

/** A TCP proxy on 127.0.0.1 whose link can be spoilt. */
export async function startProxy(toPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    near.on('error', () => undefined);
    if (proxy.link === 'refuse') {
      near.resetAndDestroy();
      return;
    }
    sockets.add(near);
    near.once('close', () => sockets.delete(near));
    if (proxy.link === 'swallow') {
      near.resume();
      return;
    }
    const far = connect({ host: '127.0.0.1', port: toPort });
    sockets.add(far);
    far.once('close', () => {
      sockets.delete(far);
      near.destroy();
    });
    near.once('close', () => far.destroy());
    far.on('error', () => near.resetAndDestroy());
    carry(near, far, false);
    carry(far, near, true);
  });

  function carry(from: Socket, to: Socket, isAnswer: boolean): void {
    from.on('data', (bytes: Buffer) => {
      if (proxy.link === 'swallow') return;
      if (proxy.link === 'deaf' && isAnswer) {
        // The request has been answered, and nobody will hear of it.
        from.destroy();
        to.resetAndDestroy();
        return;
      }
      const delayMs =
        (proxy.link === 'slow' ? proxy.delayMs : 0) +
        (proxy.bytesPerS > 0 ? (bytes.length / proxy.bytesPerS) * 1000 : 0);
      if (delayMs === 0) {
        if (!to.write(bytes)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
        return;
      }
      // In order: nothing more is read until this has gone on.
      from.pause();
      setTimeout(() => {
        if (!to.destroyed) to.write(bytes);
        from.resume();
      }, delayMs);
    });
    from.once('end', () => to.end());
  }

  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const proxy: Proxy = {
    port,
    url: `http://127.0.0.1:${port}`,
    link: 'pass',
    delayMs: 0,
    bytesPerS: 0,
    open: () => sockets.size,
    become(link) {
      proxy.link = link;
      endAll();
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      endAll();
      await closed;
    },
  };
  return proxy;
}
