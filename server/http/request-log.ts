import type { FastifyInstance } from 'fastify';

/** One line per request, when it is over: the route's pattern, so that lines group; never headers or bodies. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const fields = {
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      ip: request.ip,
    };
    const api = request.routeOptions.url?.startsWith('/api/') ?? false;
    request.log[api ? 'info' : 'debug'](fields, 'request');
  });
}
