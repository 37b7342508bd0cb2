import { Buffer } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { CapturedReply, CapturedSet } from './captured-set.ts';
import { graphqlReply } from './graphql.ts';
import { linesServer } from './lines-server.ts';
import { needsSession, sessionsOf } from './logins.ts';
import { guardsRoot, passwordOf, realmOf, rootPageOf } from './root-pages.ts';

/** A captured device, answering again. */
export interface Replay {
  host: string;
  /** The device's ports that answer. */
  openPorts: number[];
  /** Where a port of the device really is: another one where this user may not bind it. */
  dial: (host: string, port: number) => { host: string; port: number };
  [Symbol.asyncDispose]: () => Promise<void>;
}

/** Serves one set on `host` (an own address of 127.0.0.0/8), on the ports of its manifest. */
export async function replay(set: CapturedSet, host: string): Promise<Replay> {
  const listening = new Map<number, { server: Server; port: number }>();
  const sockets = new Set<Socket>();
  for (const port of new Set(set.replies.map((reply) => reply.port))) {
    const replies = set.replies.filter((reply) => reply.port === port);
    const server = serverFor(set, replies);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      // The agent hangs up as soon as it has what it wants.
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
    });
    listening.set(port, { server, port: await listen(server, port, host) });
  }
  return {
    host,
    openPorts: [...listening.keys()],
    dial: (to, port) => ({ host: to, port: listening.get(port)?.port ?? port }),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      const closing = [...listening.values()].map(async ({ server }) => {
        server.close();
        await once(server, 'close');
      });
      await Promise.all(closing);
    },
  };
}

async function listen(server: Server, wanted: number, host: string): Promise<number> {
  for (const port of [wanted, 0]) {
    try {
      server.listen(port, host);
      await once(server, 'listening');
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : wanted;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (port === 0 || (code !== 'EACCES' && code !== 'EADDRINUSE')) throw error;
    }
  }
  return wanted;
}

function serverFor(set: CapturedSet, replies: CapturedReply[]): Server {
  const transport = replies[0]?.transport ?? '';
  if (transport === 'http') return webServer(set, replies);
  if (transport.includes('newline')) return linesServer(replies);
  if (transport.includes('little-endian')) return framedServer(replies);
  return cgminerServer(replies);
}

/** One request, one reply with its NUL, then closed; a command that was not captured is invalid. */
function cgminerServer(replies: CapturedReply[]): Server {
  const invalid = invalidCommand(replies);
  return createTcpServer((socket) => {
    socket.once('data', (bytes: Buffer) => {
      const request = bytes.toString('utf8').trim();
      const command = commandOf(request) ?? request;
      const text = cgminerReply(replies, command) ?? invalid;
      socket.end(text.endsWith('\0') ? text : `${text}\0`);
    });
  });
}

function cgminerReply(replies: CapturedReply[], command: string): string | null {
  const members = command.split('+').sort().join('+');
  for (const { request, text } of replies) {
    const captured = commandOf(request) ?? request;
    if (captured === command || captured.split('+').sort().join('+') === members) return text;
  }
  // A device captured through a join answers its members singly, too.
  if (command.includes('+')) return null;
  for (const { request, text } of replies) {
    if (commandOf(request)?.split('+').includes(command)) return memberOf(text, command);
  }
  return null;
}

/** `{"summary":[…]}` → the text of what is inside, whatever its defects. */
function memberOf(text: string, command: string): string | null {
  const opening = new RegExp(`"${command}"\\s*:\\s*\\[`).exec(text);
  if (!opening) return null;
  const start = opening.index + opening[0].length;
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    if (quoted) {
      if (char === '\\') at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' || char === '[') depth++;
    else if ((char === '}' || char === ']') && --depth < 0) return text.slice(start, at);
  }
  return null;
}

function commandOf(request: string): string | null {
  return /"(?:command|cmd)"\s*:\s*"([^"]+)"/.exec(request)?.[1] ?? null;
}

/** Every reply of a device carries its Description, refusals included, in its own envelope. */
function invalidCommand(replies: CapturedReply[]): string {
  const all = replies.map(({ text }) => text).join('\n');
  const description = /"Description"\s*:\s*"([^"]*)"/.exec(all)?.[1] ?? '';
  const status = {
    STATUS: 'E',
    When: 0,
    Code: 14,
    Msg: 'Invalid command',
    Description: description,
  };
  const isBtminer = /^\s*\{\s*"STATUS"\s*:\s*"/.test(replies[0]?.text ?? '');
  return JSON.stringify(isBtminer ? status : { STATUS: [status], id: 1 });
}

/** Whatsminer API v3: length, then JSON, both ways. */
function framedServer(replies: CapturedReply[]): Server {
  const byRequest = new Map(replies.map(({ request, text }) => [canonical(request), text]));
  return createTcpServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 4 || received.length < 4 + received.readUInt32LE(0)) return;
      const request = received.subarray(4).toString('utf8');
      const text =
        byRequest.get(canonical(request)) ?? '{"code":-2,"when":0,"msg":"invalid command"}';
      const body = Buffer.from(text, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32LE(body.length);
      // The length travels in a segment of its own, as it may in the field.
      socket.write(length);
      socket.end(body);
    });
  });
}

function canonical(request: string): string {
  const parsed: unknown = JSON.parse(request);
  return JSON.stringify(parsed, Object.keys(Object(parsed) as object).sort());
}

function webServer(set: CapturedSet, replies: CapturedReply[]): Server {
  const pages = replies.map((reply) => ({ ...reply, ...parseWebRequest(reply.request) }));
  const realm = realmOf(set);
  const sessions = sessionsOf(set);
  const usesDigest = replies.some(needsDigest) || guardsRoot(set);
  return createHttpServer((request, response) => {
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const path = request.url ?? '/';
    // Some manifests name a page without its query.
    const bare = path.replace(/\?.*$/, '');
    const candidates = pages.filter(
      (page) => page.method === request.method && (page.path === path || page.path === bare),
    );
    const page = candidates.find((candidate) => candidate.body === body) ?? candidates[0];
    const status = Number(/HTTP (\d{3})/.exec(page?.note ?? '')?.[1] ?? 200);
    response.setHeader('connection', 'close');
    if (page ? needsDigest(page) && status === 200 : usesDigest && path === '/') {
      if (!isAuthorised(request)) return refuse(response, '401 - Unauthorized');
    }
    const opened = sessions.open(request.method ?? '', path, body);
    if (opened) {
      response.writeHead(200, opened.headers).end(opened.text);
      return;
    }
    if (page && needsSession(set, page) && !sessions.has(request.headers)) {
      response.writeHead(401).end('{"error":"not logged in"}');
      return;
    }
    const queried = path === '/graphql' && body !== '' ? graphqlReply(replies, body) : null;
    if (queried !== null) {
      response.writeHead(200).end(queried);
    } else if (page) {
      if (status === 401) return refuse(response, page.text);
      if (/LuCI login/.test(page.note) && !request.headers.cookie?.includes('sysauth=')) {
        response.writeHead(403).end('<html>LuCI login</html>');
        return;
      }
      const location = /\blocation: (\S+)/i.exec(page.note)?.[1];
      response.writeHead(status, location === undefined ? {} : { location }).end(page.text);
    } else if (path === '/cgi-bin/luci' && request.method === 'POST') {
      const cookie = `sysauth=${randomBytes(8).toString('hex')}; path=/cgi-bin/luci`;
      response.writeHead(302, { 'set-cookie': cookie, location: '/cgi-bin/luci/' }).end();
    } else {
      const root = path === '/' ? rootPageOf(set) : null;
      response.writeHead(root === null ? 404 : 200).end(root ?? 'not found');
    }
  }

  function refuse(response: ServerResponse, page: string): void {
    const nonce = randomBytes(8).toString('hex');
    response
      .writeHead(401, {
        'www-authenticate': `Digest realm="${realm}", nonce="${nonce}", qop="auth"`,
      })
      .end(page);
  }

  function isAuthorised(request: IncomingMessage): boolean {
    const header = request.headers.authorization ?? '';
    const field = (name: string) => new RegExp(`\\b${name}="?([^",]+)"?`).exec(header)?.[1] ?? '';
    const ha1 = md5(`root:${realm}:${passwordOf(set)}`);
    const ha2 = md5(`${request.method}:${request.url}`);
    const middle = `${field('nonce')}:${field('nc')}:${field('cnonce')}:auth`;
    return header !== '' && field('response') === md5(`${ha1}:${middle}:${ha2}`);
  }
}

function needsDigest({ note }: { note: string }): boolean {
  return /HTTP digest/i.test(note) || /Digest realm/.test(note);
}

function parseWebRequest(request: string): { method: string; path: string; body: string } {
  const match = /^(\S+)\s+(\S+)(?:\s+body:\s*(.*))?$/s.exec(request);
  return { method: match?.[1] ?? 'GET', path: match?.[2] ?? '/', body: match?.[3] ?? '' };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
