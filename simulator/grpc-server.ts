import { createServer } from 'node:http2';
import type { Http2Session, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/** What a call on one device needs. */
export interface GrpcHost {
  /** Reply to a call that reads; null = there is no such one, or it would write. */
  call(path: string): Buffer | null;
  openSession(): string;
  hasSession(token: string): boolean;
  onWrite(path: string): void;
}

const STATUS = { ok: '0', permissionDenied: '7', unimplemented: '12', unauthenticated: '16' };
const LOGIN = /\/Login$/;
const READ = /\/(?:Get|List)[A-Z]\w*$/;
const MAX_REQUEST = 64 << 10;

/** One HTTP/2 server, without encryption, for the calls of a whole farm; as `makeWebServer` does for pages. */
export function makeGrpcServer(): { adopt(socket: Socket, host: GrpcHost): void } {
  const hosts = new WeakMap<Http2Session, GrpcHost>();
  let adopting: GrpcHost | null = null;
  const server = createServer();
  server.on('session', (session) => {
    if (adopting !== null) hosts.set(session, adopting);
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream, headers) => {
    const host = stream.session && hosts.get(stream.session);
    stream.on('error', () => stream.destroy());
    let received = 0;
    stream.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received > MAX_REQUEST) stream.destroy();
    });
    stream.on('end', () => {
      if (!host) stream.destroy();
      else if (!stream.destroyed) answer(stream, host, headers);
    });
  });
  return {
    adopt(socket, host) {
      // The session is announced before `emit` returns.
      adopting = host;
      server.emit('connection', socket);
      adopting = null;
    },
  };
}

/** Anybody may log in; the token stands in the head of the reply, and goes with every other call. */
function answer(stream: ServerHttp2Stream, host: GrpcHost, headers: IncomingHttpHeaders): void {
  const path = headers[':path'] ?? '';
  if (LOGIN.test(path)) {
    send(stream, Buffer.alloc(0), { authorization: host.openSession() });
    return;
  }
  const isOpen = path.endsWith('/GetApiVersion');
  if (!isOpen && !host.hasSession(headers.authorization ?? '')) {
    fail(stream, STATUS.unauthenticated);
    return;
  }
  const reply = host.call(path);
  if (reply !== null) {
    send(stream, reply, {});
  } else if (READ.test(path)) {
    fail(stream, STATUS.unimplemented);
  } else {
    host.onWrite(path);
    fail(stream, STATUS.permissionDenied);
  }
}

function send(stream: ServerHttp2Stream, reply: Buffer, headers: Record<string, string>): void {
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', ...headers },
    { waitForTrailers: true },
  );
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': STATUS.ok }));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(reply.length, 1);
  stream.end(Buffer.concat([prefix, reply]));
}

function fail(stream: ServerHttp2Stream, status: string): void {
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status },
    { endStream: true },
  );
}
