import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EarlyInflux2 extends AsyncDisposable {
  url: string;
  /** Write requests so far. */
  writes(): number;
}

const CARRIED = ['authorization', 'content-type', 'content-encoding'];

/**
 * A way to InfluxDB on which a "partial write" is answered with 500, as the first releases of 2.x did: whoever takes
 * every 500 for an outage sends one bad line for ever. Everything else goes through as it is.
 */
export async function startEarlyInflux2(backend: string): Promise<EarlyInflux2> {
  let writes = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const path = request.url ?? '/';
      if (path.startsWith('/write')) writes += 1;
      const headers = CARRIED.flatMap((name): [string, string][] => {
        const value = request.headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      });
      const answer = await fetch(backend + path, {
        method: request.method ?? 'GET',
        headers,
        ...(chunks.length > 0 ? { body: new Uint8Array(Buffer.concat(chunks)) } : {}),
      });
      const text = await answer.text();
      const said = new Headers(answer.headers);
      for (const name of ['content-encoding', 'content-length', 'transfer-encoding', 'connection'])
        said.delete(name);
      const isPartial = answer.status === 400 && text.includes('partial write');
      response.writeHead(isPartial ? 500 : answer.status, Object.fromEntries(said));
      response.end(isPartial ? partialWrite(text) : text || undefined);
    })().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes: () => writes,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function partialWrite(text: string): string {
  const { error } = JSON.parse(text) as { error: string };
  const message = `unexpected error writing points to database: ${error}`;
  return JSON.stringify({ code: 'internal error', message });
}
