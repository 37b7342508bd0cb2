import type { Server, Socket } from 'node:net';
import { listen, quieten } from './socket-server.ts';

/** A device on the farm's network that is no miner. */
export interface Stranger {
  family: 'web-server' | 'garbage';
  address: string;
  port: number;
}

const PAGE =
  '<!DOCTYPE html>\n<html>\n<head><title>Welcome to nginx!</title></head>\n<body><h1>Welcome to nginx!</h1></body>\n</html>\n';
const PAGE_REPLY =
  'HTTP/1.1 200 OK\r\nServer: nginx/1.24.0\r\nContent-Type: text/html\r\n' +
  `Content-Length: ${PAGE.length}\r\nConnection: close\r\n\r\n${PAGE}`;

/** Bytes of no protocol: not JSON, not HTTP, not text. */
const GARBAGE = Buffer.from([
  0x05, 0xff, 0x00, 0x9c, 0x7b, 0x22, 0xe2, 0x28, 0xa1, 0x0a, 0x3a, 0x02,
]);

/** Listens as the stranger does. */
export function openStranger(stranger: Stranger, track: (socket: Socket) => void): Promise<Server> {
  const reply = stranger.family === 'web-server' ? PAGE_REPLY : GARBAGE;
  return listen(stranger.address, stranger.port, (socket) => {
    track(socket);
    quieten(socket);
    socket.once('data', () => {
      socket.resume();
      socket.end(reply);
    });
    socket.resume();
  });
}
