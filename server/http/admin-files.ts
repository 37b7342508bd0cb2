import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { publicScope } from './credentials.ts';

const BUILT = fileURLToPath(new URL('../../dist/admin/', import.meta.url));
/** Under these a missing path is a 404; elsewhere it is a page of the admin app, which routes in the browser. */
const NOT_PAGES = /^\/(api|docs|assets|install)(\/|$)/;
const YEAR_S = 365 * 24 * 3600;

/** The built admin app (`npm run build:admin`) at `/`, its index page for every path that is nothing else. */
export async function adminFiles(app: FastifyInstance, options: { dir?: string }): Promise<void> {
  const root = options.dir ?? BUILT;
  publicScope(app, 'the page that asks for the login');
  const built = existsSync(`${root}/index.html`);
  await app.register(fastifyStatic, {
    root,
    serve: built,
    wildcard: false,
    index: false,
    cacheControl: false,
    // Vite puts a hash of the content into the names under /assets/.
    setHeaders: (reply, path) => {
      const hashed = path.includes('/assets/');
      reply.header('cache-control', hashed ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
    },
  });
  app.get('/*', { schema: { hide: true } }, (request, reply) => {
    if (NOT_PAGES.test(request.url.split('?')[0] ?? '')) return reply.callNotFound();
    if (built) return reply.sendFile('index.html');
    return reply
      .type('text/plain; charset=utf-8')
      .send(
        'The admin page is not built; run: npm run build:admin\nThe API is described at /docs\n',
      );
  });
}
