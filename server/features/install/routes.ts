import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { refusals } from '../../http/answers.ts';

const BUILT = fileURLToPath(new URL('../../../dist/agent/', import.meta.url));
const SCRIPT = new URL('install.sh', import.meta.url);
/** A host with its port: what stands in a URL, and nothing a shell would take for more. */
const HOST = /^[\w.-]+(:\d+)?$|^\[[\da-f:.]+\](:\d+)?$/i;
const AS_TEXT = 'text/plain; charset=utf-8';

const installAnswer = z
  .object({
    /** How agents reach this server: PUBLIC_URL. Null: as the page that asks does. */
    server_url: z.string().nullable(),
    /** The agent this server hands out; null when it was not built. */
    agent: z
      .object({ version: z.string(), bytes: z.number().int(), sha256: z.string() })
      .nullable(),
  })
  .meta({ id: 'Installation' });

interface Built {
  agent: Buffer;
  unit: Buffer;
  version: string;
}

/** What `npm run build:agent` made; null when it has not run. */
function readBuilt(dir: string): Built | null {
  try {
    const { version } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as {
      version: string;
    };
    const agent = readFileSync(join(dir, 'hashyard-agent.mjs'));
    return { agent, unit: readFileSync(join(dir, 'miners-agent.service')), version };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * The agent, handed out by the server it will report to: a machine at a site needs no other source, nor a way to the
 * Internet. The files hold no secret, so they are public; the script checks what it downloads by SHA-256.
 */
export function installRoutes(
  { config }: Pick<Deps, 'config'>,
  dir = BUILT,
): FastifyPluginAsyncZod {
  const built = readBuilt(dir);
  const script = readFileSync(SCRIPT, 'utf8');
  const open = { config: { public: 'the agent, which holds no secret' } };

  const theBuilt = (): Built => {
    if (built) return built;
    throw new Failure(
      'not_found',
      'This server has no agent to hand out; where its source is, run: npm run build:agent',
    );
  };

  return async (app) => {
    app.get(
      '/api/install',
      {
        schema: {
          tags: ['Agents'],
          summary:
            'The agent this server hands out, and its own address, for the commands that install it',
          response: { 200: installAnswer, ...refusals },
        },
      },
      async () => ({
        server_url: config.publicUrl ?? null,
        agent: built && {
          version: built.version,
          bytes: built.agent.length,
          sha256: sha256(built.agent),
        },
      }),
    );

    app.get('/install.sh', { ...open, schema: { hide: true } }, async (request, reply) => {
      const { agent, unit } = theBuilt();
      const text = script
        .replaceAll('@SERVER_URL@', config.publicUrl ?? askedUrl(request))
        .replaceAll('@AGENT_SHA256@', sha256(agent))
        .replaceAll('@UNIT_SHA256@', sha256(unit));
      // It names the host it was asked by: nobody else may be given it.
      return reply.type(AS_TEXT).header('cache-control', 'no-store').send(text);
    });
    app.get('/install/hashyard-agent.mjs', { ...open, schema: { hide: true } }, (_, reply) =>
      reply
        .type('text/javascript; charset=utf-8')
        .header('cache-control', 'no-cache')
        .send(theBuilt().agent),
    );
    app.get('/install/miners-agent.service', { ...open, schema: { hide: true } }, (_, reply) =>
      reply.type(AS_TEXT).header('cache-control', 'no-cache').send(theBuilt().unit),
    );
  };
}

function askedUrl(request: FastifyRequest): string {
  if (HOST.test(request.host)) return `${request.protocol}://${request.host}`;
  throw new Failure('invalid_body', 'The header Host is not the name of a host');
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
