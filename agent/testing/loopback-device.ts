import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { MinerContext } from '../miner.ts';
import { SELF_SIGNED } from './self-signed.ts';

/** A device for tests: real sockets on 127.0.0.1, each of its ports mapped to a free one. */
export interface LoopbackDevice {
  host: string;
  context: MinerContext;
  openPorts: number[];
  /** Connections accepted so far, by the device's port. */
  connections: Map<number, number>;
  stop: () => void;
  [Symbol.asyncDispose]: () => Promise<void>;
}

/** What listens on each port: a handler of connections, or of HTTP requests. */
export type Ports = Record<
  number,
  { tcp: (socket: Socket) => void } | { http: RequestListener } | { https: RequestListener }
>;

export async function loopbackDevice(ports: Ports): Promise<LoopbackDevice> {
  const host = '127.0.0.1';
  const ending = new AbortController();
  const sockets = new Set<Socket>();
  const connections = new Map<number, number>();
  const real = new Map<number, number>();
  const servers: Server[] = [];
  for (const [port, kind] of Object.entries(ports).map(
    ([key, value]) => [Number(key), value] as const,
  )) {
    const server = serverFor(kind);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      connections.set(port, (connections.get(port) ?? 0) + 1);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
    });
    server.listen(0, host);
    await once(server, 'listening');
    real.set(port, (server.address() as AddressInfo).port);
    servers.push(server);
  }
  return {
    host,
    openPorts: [...real.keys()],
    connections,
    context: {
      signal: ending.signal,
      // A port the device does not have: nothing listens on 1 of the loopback.
      dial: (to, port) => ({ host: to, port: real.get(port) ?? 1 }),
      credentials: {},
    },
    stop: () => ending.abort(new Error('stopped')),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(
        servers.map(async (server) => {
          server.close();
          await once(server, 'close');
        }),
      );
    },
  };
}

function serverFor(kind: Ports[number]): Server {
  if ('tcp' in kind) return createServer(kind.tcp);
  return 'http' in kind
    ? createHttpServer(kind.http)
    : createHttpsServer({ ...SELF_SIGNED }, kind.https);
}

/** A cgminer that answers by command; what is not in `replies` is refused as cgminer refuses it. */
export function cgminer(replies: Record<string, string>): { tcp: (socket: Socket) => void } {
  const invalid =
    '{"STATUS":[{"STATUS":"E","When":1,"Code":14,"Msg":"Invalid command","Description":"x"}],"id":1}';
  return {
    tcp: (socket) => {
      socket.once('data', (bytes) => {
        const request = bytes.toString('utf8');
        const command = /"command":"([^"]+)"/.exec(request)?.[1] ?? request;
        socket.end(`${replies[command] ?? invalid}\0`);
      });
    },
  };
}
