import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { makeDigest } from './digest.ts';
import type { Web } from './families/index.ts';

/** What a page request on one device needs. */
export interface WebHost {
  web: Web;
  /** Body for a path, spoilt if the device's firmware spoils it; null = no such page. */
  page(path: string): string | null;
  /** Answer to a POST that changes nothing; null = this one would. */
  post(path: string, body: string): string | null;
  nowS(): number;
  thinkMs(): number;
  /** A request that would have changed the device. */
  onWrite(request: string): void;
}

/** As lighttpd prints it. */
const errorPage = (title: string): string =>
  '<?xml version="1.0" encoding="iso-8859-1"?>\n' +
  '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"\n' +
  '         "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n' +
  '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">\n' +
  ` <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n </body>\n</html>\n`;

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
    else answer(host, request, response);
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

  function answer(host: WebHost, request: IncomingMessage, response: ServerResponse): void {
    const method = request.method ?? 'GET';
    const uri = request.url ?? '/';
    const send = (
      status: number,
      contentType: string,
      body: string,
      headers: Record<string, string> = {},
    ): void => {
      const delayMs = host.thinkMs();
      const write = (): void => {
        response.writeHead(status, { 'Content-Type': contentType, ...headers });
        response.end(body);
      };
      if (delayMs > 0) setTimeout(write, delayMs).unref();
      else write();
    };
    const answerPost = async (): Promise<void> => {
      const answered = host.post(uri.split('?')[0] ?? uri, await textOf(request));
      if (answered !== null) {
        send(200, contentType, answered, { 'Set-Cookie': 'sysauth=0c0ffee0; path=/' });
        return;
      }
      host.onWrite(`${method} ${uri}`);
      send(405, 'text/html', errorPage('405 - Method Not Allowed'));
    };
    const { realm, contentType, passwords = [PASSWORD] } = host.web;
    if (realm !== null) {
      const digest = digestOf(realm, passwords);
      if (!digest.accepts(request.headers.authorization, method, uri, host.nowS())) {
        send(401, 'text/html', errorPage('401 - Unauthorized'), {
          'WWW-Authenticate': digest.challenge(host.nowS()),
        });
        request.resume();
        return;
      }
    }
    if (method === 'POST') {
      void answerPost();
      return;
    }
    request.resume();
    if (method !== 'GET' && method !== 'HEAD') {
      host.onWrite(`${method} ${uri}`);
      send(405, 'text/html', errorPage('405 - Method Not Allowed'));
      return;
    }
    const page = host.page(uri.split('?')[0] ?? uri);
    if (page === null) send(404, 'text/html', errorPage('404 - Not Found'));
    else send(200, contentType, page);
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
