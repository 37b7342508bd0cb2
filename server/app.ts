import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import Fastify, { LogController, type FastifyInstance } from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { Deps } from './deps.ts';
import { agentChangeRoutes } from './features/agents/change-routes.ts';
import { agentRoutes } from './features/agents/routes.ts';
import { containerRoutes } from './features/containers/routes.ts';
import { enrolmentRoutes } from './features/enrolment/routes.ts';
import { auditRoutes } from './features/audit/routes.ts';
import { fleetAgentRoutes } from './features/fleet/agent-routes.ts';
import { fleetListRoutes } from './features/fleet/list-routes.ts';
import { fleetMinerRoutes } from './features/fleet/miner-routes.ts';
import { overviewRoutes } from './features/fleet/overview-routes.ts';
import { healthRoutes } from './features/health/routes.ts';
import { ingestRoutes } from './features/ingest/routes.ts';
import { installRoutes } from './features/install/routes.ts';
import { latestRoutes } from './features/miners/latest-routes.ts';
import { minerRoutes } from './features/miners/routes.ts';
import { guardRoutes } from './features/people/guard.ts';
import { peopleRoutes } from './features/people/routes.ts';
import { setupRoutes } from './features/people/setup-routes.ts';
import { poolRoutes } from './features/pools/routes.ts';
import { problemRoutes } from './features/problems/routes.ts';
import { siteRoutes } from './features/sites/routes.ts';
import { statsRoutes } from './features/stats/routes.ts';
import { systemRoutes } from './features/system/routes.ts';
import { Failure, installErrorHandler } from './failures.ts';
import { adminFiles } from './http/admin-files.ts';
import { collectApiDocs, serveApiDocs } from './http/api-docs.ts';
import { requireCredentials } from './http/credentials.ts';
import { logRequests } from './http/request-log.ts';
import { securityHeaders } from './http/security-headers.ts';

/** Bytes of a body after inflating, on routes that do not say otherwise. */
const BODY_LIMIT = 256 * 1024;

/**
 * The whole application, not listening yet. It owns nothing in `deps`: whoever opened those closes them,
 * after `app.close()`. A route that neither demands a credential nor says why it is public makes `ready` fail.
 */
export async function buildApp(deps: Deps): Promise<FastifyInstance> {
  const { config, log } = deps;
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.trustProxy.length > 0 ? config.trustProxy : false,
    bodyLimit: BODY_LIMIT,
    // Node answers 408 to a request that takes longer to arrive; a slow sender must not hold a socket.
    requestTimeout: 20_000,
    connectionTimeout: 30_000,
    // Longer than agents keep a connection idle (60 s): the side that sends must be the one to close it.
    keepAliveTimeout: 72_000,
    handlerTimeout: 20_000,
    maxRequestsPerSocket: 1_000,
    // As the replaced API: scripts in the field write both.
    routerOptions: { ignoreTrailingSlash: true },
    return503OnClosing: true,
  }).withTypeProvider<ZodTypeProvider>();
  // Only JSON: a form is what another site's page can send without asking first.
  app.removeContentTypeParser('text/plain');
  takeJson(app);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  installErrorHandler(app);
  guardRoutes(app, deps.guard);
  requireCredentials(app);
  logRequests(app);
  app.decorateRequest('caller', null);

  await securityHeaders(app, config.publicUrl);
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  await app.register(compress, {
    requestEncodings: ['gzip'],
    onUnsupportedRequestEncoding: (encoding) =>
      new Failure(
        'unsupported_encoding',
        `Content-Encoding ${encoding} is not taken; send gzip or plain`,
      ),
  });
  await collectApiDocs(app);

  await app.register(healthRoutes(deps));
  await app.register(peopleRoutes(deps));
  await app.register(setupRoutes(deps));
  await app.register(auditRoutes(deps));
  await app.register(siteRoutes(deps));
  await app.register(containerRoutes(deps));
  await app.register(poolRoutes(deps));
  await app.register(minerRoutes(deps));
  await app.register(latestRoutes(deps));
  await app.register(statsRoutes(deps));
  await app.register(agentRoutes(deps));
  await app.register(agentChangeRoutes(deps));
  await app.register(enrolmentRoutes(deps));
  await app.register(ingestRoutes(deps));
  await app.register(installRoutes(deps));

  await app.register(overviewRoutes(deps));
  await app.register(fleetListRoutes(deps));
  await app.register(fleetMinerRoutes(deps));
  await app.register(fleetAgentRoutes(deps));
  await app.register(problemRoutes(deps));
  await app.register(systemRoutes(deps));
  await app.register(serveApiDocs);
  await app.register(adminFiles, {});
  return app;
}

/** Scripts written for the replaced API send the content type with every request, also a DELETE without a body. */
function takeJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, body, done) => {
      if (body === '') done(null, undefined);
      else void parse(request, body, done);
    },
  );
}
