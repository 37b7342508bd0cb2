import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { makeDigest } from './digest.ts';
import type { Page, Web, WebRequest } from './web.ts';

/** What a request to one device needs. */
export interface WebHost {
  web: Web;
  /** Page for a path, spoilt if the device's firmware spoils it; null = no such page. */
  page(path: string, query: string): string | Page | null;
  /** Answer to a POST that changes nothing; null = this one would. */
  post(path: string, body: string): string | Page | null;
  /** Whether a session was opened with this token and is not over. */
  hasSession(token: string): boolean;
  openSession(): string;
  nowS(): number;
  thinkMs(): number;
  /** A request that would have changed the device. */
  onWrite(request: string): void;
}

/** As lighttpd prints it. */
function errorPage(status: number, reason: string): Page {
  const title = `${status} - ${reason}`;
  const body =
    '<?xml version="1.0" encoding="iso-8859-1"?>\n' +
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"\n' +
    '         "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n' +
    '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">\n' +
    ` <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n </body>\n</html>\n`;
  return { status, contentType: 'text/html', body };
}

/** The vendor's login of most of the machines that have one. */
const USER = 'root';
const PASSWORD = 'root';

/**
 * One HTTP server for the web interfaces of a whole farm: each device has its own listening socket, and
 * hands what connects to it over with `adopt`.
 */
export function makeWebServer(): {
  adopt(socket: Socket, host: WebHost): void;
} {
  const hosts = new WeakMap<Socket, WebHost>();
  const digests = new Map<string, ReturnType<typeof makeDigest>>();
  const server: Server = createServer((request, response) => {
    const host = hosts.get(request.socket);
    if (host === undefined) request.socket.destroy();
    else void answer(host, request, response);
  });
  server.keepAliveTimeout = 5000;

  function digestOf(realm: string, passwords: readonly string[]): ReturnType<typeof makeDigest> {
    const key = [realm, ...passwords].join('\n');
    let digest = digests.get(key);
    if (digest === undefined) {
      digest = makeDigest(realm, USER, passwords);
      digests.set(key, digest);
    }
    return digest;
  }

  /** Reads the request to its end before answering: a body left unread would turn the close into a reset. */
  async function answer(
    host: WebHost,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const uri = incoming.url ?? '/';
    const [path = uri, query = ''] = uri.split('?', 2);
    const { method = 'GET', headers } = incoming;
    const request = { method, path, query, headers, body: await textOf(incoming) };
    const { body, status = 200, contentType, ...page } = reply(host, request, uri);
    const write = (): void => {
      response.writeHead(status, {
        'Content-Type': contentType ?? host.web.contentType,
        ...page.headers,
      });
      response.end(body);
    };
    const delayMs = host.thinkMs();
    if (delayMs > 0) setTimeout(write, delayMs).unref();
    else write();
  }

  function reply(host: WebHost, request: WebRequest, uri: string): Page {
    const { method, path, query, body, headers } = request;
    const { realm, passwords = [PASSWORD], session } = host.web;
    if (realm !== undefined) {
      const digest = digestOf(realm, passwords);
      if (!digest.accepts(headers.authorization, method, uri, host.nowS())) {
        return {
          ...errorPage(401, 'Unauthorized'),
          headers: { 'WWW-Authenticate': digest.challenge(host.nowS()) },
        };
      }
    }
    if (session !== undefined) {
      const said = session.credentials(request);
      if (said !== null) {
        return said.user === session.user && said.password === session.password
          ? session.granted(host.openSession())
          : session.refused;
      }
      if (!session.isOpen(path) && !host.hasSession(session.token(request) ?? '')) {
        return session.wanted;
      }
    }
    const isRead = method === 'GET' || method === 'HEAD';
    const found = isRead
      ? host.page(path, query)
      : method === 'POST'
        ? // Forms travel in the query, too.
          host.post(path, body === '' ? query : body)
        : null;
    if (found !== null) return typeof found === 'string' ? { body: found } : found;
    if (isRead) return errorPage(404, 'Not Found');
    host.onWrite(`${method} ${uri}`);
    return errorPage(405, 'Method Not Allowed');
  }

  return {
    adopt(socket, host) {
      hosts.set(socket, host);
      server.emit('connection', socket);
    },
  };
}

/** The body of a request; what was cut off counts as nothing. */
async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of request) text += String(chunk);
  } catch {
    return '';
  }
  return text;
}
