import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { Deps } from '../../deps.ts';
import { withDeadline } from '../../deadline.ts';
import { Failure } from '../../failures.ts';
import { declares } from '../../http/credentials.ts';
import { bearerOf } from '../people/guard.ts';
import { agentOfKey, type KnownAgent } from './agent-keys.ts';

/** A query, its time limit in Postgres, and the time to hear of it. */
const DATABASE_TIMEOUT_MS = 7_000;

const agents = new WeakMap<FastifyRequest, KnownAgent>();

/**
 * An onRequest hook: the caller is an active agent with a live key, or the request ends here, before its body
 * is read. 422 without a key (as agents in the field know it), 401 for a key that is no longer or never was one,
 * 503 when Postgres cannot say: an agent must not take an outage for a revocation.
 */
export function authenticateAgent({ sql }: Pick<Deps, 'sql'>): onRequestAsyncHookHandler {
  return declares('agent key', async (request: FastifyRequest) => {
    const header = request.headers['x-api-key'];
    const key = typeof header === 'string' ? header : bearerOf(request);
    if (key === undefined) {
      throw new Failure('missing_key', 'Header X-API-Key is missing; send the key of the agent', {
        errors: [{ path: 'headers.X-API-Key', message: 'required' }],
      });
    }
    const agent = await withDeadline(
      agentOfKey(sql, key),
      DATABASE_TIMEOUT_MS,
      () =>
        new Failure('database_unavailable', 'The key cannot be checked now; send again later', {
          retryAfterS: 15,
        }),
    );
    if (!agent) throw new Failure('invalid_key', 'Invalid or inactive API key');
    agents.set(request, agent);
  });
}

/** The agent `authenticateAgent` found. */
export function agentOf(request: FastifyRequest): KnownAgent {
  const agent = agents.get(request);
  if (!agent) throw new Error('The route lacks the hook authenticateAgent');
  return agent;
}

/** As `agentOf`; undefined when the request ended before its key was found to be good. */
export function knownAgentOf(request: FastifyRequest): KnownAgent | undefined {
  return agents.get(request);
}
