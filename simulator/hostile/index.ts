import type { Buffer } from 'node:buffer';
import type { AddressInfo, Server, Socket } from 'node:net';
import { once } from 'node:events';
import { listen } from '../socket-server.ts';
import type { HostileKind } from './kind.ts';
import { REPLIES } from './replies.ts';
import { STREAMS } from './streams.ts';
import { WEB } from './web.ts';

/** Every way to hurt a reader that is known here. */
export const HOSTILE_KINDS: readonly HostileKind[] = [...STREAMS, ...REPLIES, ...WEB];

export interface HostileDevice {
  kind: HostileKind;
  address: string;
  /** Where it really listens. */
  port: number;
  /** How often it was spoken to, and the most connections at once. */
  conversations: number;
  mostAtOnce: number;
  /** Requests that carried a login: an `Authorization` header or a cookie. */
  logins: number;
}

export interface HostileFarm extends AsyncDisposable {
  devices: HostileDevice[];
}

const SETTLED_MS = 50;

/**
 * Listens on one address for each device, the kinds in turn. `portOf` says where a kind's port really is, for those
 * who may not listen on 80. Rejects with the system's error when an address and port are taken.
 */
export async function startHostile(options: {
  addresses: readonly string[];
  kinds?: readonly HostileKind[];
  portOf?: (port: number) => number;
}): Promise<HostileFarm> {
  const { addresses, kinds = HOSTILE_KINDS, portOf = (port) => port } = options;
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const devices: HostileDevice[] = [];

  const close = async (): Promise<void> => {
    const closed = servers.map((server) => once(server.close(), 'close'));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  };

  try {
    for (const [index, address] of addresses.entries()) {
      const kind = kinds[index % kinds.length];
      if (!kind) throw new Error('no kinds of hostile device were given');
      const device = { kind, address, port: 0, conversations: 0, mostAtOnce: 0, logins: 0 };
      const server = await listen(address, portOf(kind.port), (socket) => serve(device, socket));
      device.port = (server.address() as AddressInfo).port;
      servers.push(server);
      devices.push(device);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { devices, [Symbol.asyncDispose]: close };

  function serve(device: HostileDevice, socket: Socket): void {
    const { kind } = device;
    device.conversations += 1;
    sockets.add(socket);
    // A moment later: the end of the conversation before may arrive after the beginning of this one.
    setTimeout(() => {
      const open = [...sockets].filter((each) => each.localAddress === device.address);
      device.mostAtOnce = Math.max(device.mostAtOnce, open.length);
    }, SETTLED_MS).unref();
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    socket.once('data', (bytes: Buffer) => {
      const request = bytes.toString('latin1');
      if (/^(?:authorization|cookie):/im.test(request)) device.logins += 1;
      // Whatever is sent after the first read is taken and ignored.
      socket.resume();
      const isIntroduction = /^GET \/ |"command":"version"|^version$/.test(request);
      if (isIntroduction && kind.introduction !== null) socket.end(kind.introduction);
      else kind.misbehave(socket, request);
    });
    socket.resume();
  }
}
