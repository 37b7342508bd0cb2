import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import packageJson from '../../package.json' with { type: 'json' };
import { SESSION_COOKIE } from '../features/people/sessions.ts';
import { credentialOf, publicScope } from './credentials.ts';

const PEOPLE = [{ bearer: [] }, { session: [] }];
const AGENTS = [{ agentKey: [] }];

/** Collects the routes registered after it into an OpenAPI 3.1 document. */
export async function collectApiDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Hashyard',
        description: packageJson.description,
        version: packageJson.version,
        license: { name: packageJson.license, identifier: packageJson.license },
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'Session or API token' },
          session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
          agentKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        },
      },
    },
    transform: (document) => {
      const { schema, url } = jsonSchemaTransform(document);
      const credential = credentialOf(document.route);
      const security = credential?.startsWith('public')
        ? []
        : credential === 'agent key'
          ? AGENTS
          : PEOPLE;
      return { schema: { ...schema, security }, url };
    },
    transformObject: jsonSchemaTransformObject,
  });
}

/** `/openapi.json` and, for reading, `/docs`. */
export async function serveApiDocs(app: FastifyInstance): Promise<void> {
  publicScope(
    app,
    'the API is the same everywhere; the document holds nothing of this installation',
  );
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { validatorUrl: null } });
}
