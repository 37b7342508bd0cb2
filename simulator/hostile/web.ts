import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { overWeb } from './kind.ts';
import type { HostileKind } from './kind.ts';
import { drip, pour } from './streams.ts';

const page = (status: string, headers: string, body = ''): string =>
  `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;

let packed: Buffer | null = null;

/** 256 MB of blanks in a quarter of a megabyte: sixteen members of one gzip file. */
function bomb(): Buffer {
  if (packed === null) {
    const member = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));
    packed = Buffer.concat(Array.from({ length: 16 }, () => member));
  }
  return packed;
}

/** What only a web server can do. */
export const WEB: readonly HostileKind[] = [
  overWeb({
    name: 'redirect',
    does: 'sends every request on to the address where clouds keep their secrets',
    misbehave: (socket) => {
      socket.end(page('302 Found', 'Location: http://169.254.169.254/latest/meta-data/\r\n'));
    },
  }),
  overWeb({
    name: 'gzip-bomb',
    does: 'sends 256 MB in a small gzip',
    misbehave: (socket) => {
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb().length}\r\nConnection: close\r\n\r\n`,
      );
      socket.end(bomb());
    },
  }),
  overWeb({
    name: 'header-flood',
    does: 'sends headers for ever',
    misbehave: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      pour(socket, Buffer.from(`X-Filler: ${'f'.repeat(4000)}\r\n`));
    },
  }),
  overWeb({
    name: 'header-drip',
    does: 'sends its headers at a byte a second',
    misbehave: (socket) => drip(socket, `HTTP/1.1 200 OK\r\n${'X-Slow: 1\r\n'.repeat(1000)}`),
  }),
  overWeb({
    name: 'body-drip',
    does: 'sends the promised body at a byte a second',
    misbehave: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
      drip(socket, '{"STATS":[{"x":1}]}'.repeat(1000));
    },
  }),
  overWeb({
    name: 'endless-body',
    does: 'sends chunks for ever',
    misbehave: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      pour(socket, Buffer.from(`1000\r\n${'{'.repeat(0x1000)}\r\n`));
    },
  }),
  overWeb({
    name: 'not-yet',
    does: 'answers "100 Continue" for ever',
    misbehave: (socket) => pour(socket, Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')),
  }),
  overWeb({
    name: 'asks-again',
    does: 'refuses every login with a new challenge',
    misbehave: (socket, request) => {
      const nonce = Buffer.from(String(request.length + Date.now())).toString('hex');
      socket.end(
        page(
          '401 Unauthorized',
          `WWW-Authenticate: Digest realm="antMiner Configuration", nonce="${nonce}", qop="auth"\r\n`,
        ),
      );
    },
  }),
  overWeb({
    name: 'login-page',
    does: 'answers every page with 900 KB of HTML',
    misbehave: (socket) => {
      socket.end(page('200 OK', 'Content-Type: text/html\r\n', `<html>${'<p> '.repeat(225_000)}`));
    },
  }),
  overWeb({
    name: 'no-http',
    does: 'answers HTTP with bytes of no protocol',
    misbehave: (socket) => {
      socket.end(Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 31 + 3) % 256)));
    },
  }),
];
