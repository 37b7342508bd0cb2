import type { FastifyBaseLogger } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { infoAnswer, registerAnswer, registerBody } from '#contract/agent.ts';
import type { Deps } from '../../deps.ts';
import { actorOf, record, type Actor } from '../audit/record.ts';
import { addAgentKey, noteSeen, revokeAgentKey } from './agent-keys.ts';
import { id, idParams, idText, refusals, time } from '../../http/answers.ts';
import { agentOf, authenticateAgent } from './authenticate-agent.ts';
import { registerAgent, SHOWN_ONCE } from './register-agent.ts';

const newKeyAnswer = z.object({
  id,
  /** Public part of the key, to tell the keys of an agent apart. */
  key_id: z.string(),
  api_key: z.string(),
  created_at: time,
  message: z.string(),
});

/** How an agent comes to its key, and what it may ask about itself. */
export function enrolmentRoutes(deps: Deps): FastifyPluginAsyncZod {
  const { sql, clock } = deps;
  const rotate = async (agentId: number, by: Actor, log: FastifyBaseLogger) => {
    const key = await sql.begin(async (tx) => {
      const made = await addAgentKey(tx, agentId, by.userId);
      const after = { key_id: made.keyId };
      await record(tx, by, { action: 'agent.key_add', id: agentId, after });
      return made;
    });
    log.info({ agent: agentId, key: key.keyId, by: by.userId }, 'agent key added');
    return {
      id: key.id,
      key_id: key.keyId,
      api_key: key.token,
      created_at: key.createdAt.toISOString(),
      message: SHOWN_ONCE,
    };
  };

  return async (app) => {
    app.post(
      '/api/agent/register',
      {
        config: { forbidden: 'Only administrators can register agents' },
        schema: {
          tags: ['Agents'],
          summary: 'Register an agent; the answer holds its key, shown this once',
          body: registerBody,
          response: { 200: registerAnswer, ...refusals },
        },
      },
      (request) => registerAgent(sql, request.body, actorOf(request, clock()), request.log),
    );

    app.get(
      '/api/agent/info',
      {
        onRequest: authenticateAgent(deps),
        schema: {
          tags: ['Agents'],
          summary: 'What the server knows of the agent that asks',
          response: { 200: infoAnswer, ...refusals },
        },
      },
      async (request) => {
        const { id: agentId, name, siteId, description } = agentOf(request);
        const now = clock();
        await noteSeen(sql, agentId, now);
        return {
          id: agentId,
          name,
          site_id: siteId,
          description,
          last_seen: now.toISOString(),
          is_active: true,
        };
      },
    );

    app.post(
      '/api/agents/:id/keys',
      {
        schema: {
          tags: ['Agents'],
          summary: 'Add a second key, to rotate without a gap; shown this once',
          params: idParams,
          response: { 200: newKeyAnswer, ...refusals },
        },
      },
      (request) => rotate(request.params.id, actorOf(request, clock()), request.log),
    );

    app.delete(
      '/api/agents/:id/keys/:keyId',
      {
        schema: {
          tags: ['Agents'],
          summary: 'Revoke a key at once',
          params: idParams.extend({ keyId: idText }),
          response: { 204: z.null(), ...refusals },
        },
      },
      async (request, reply) => {
        const by = actorOf(request, clock());
        await sql.begin(async (tx) => {
          const { id: agentId, keyId } = request.params;
          const before = { key_id: await revokeAgentKey(tx, agentId, keyId) };
          await record(tx, by, { action: 'agent.key_revoke', id: agentId, before });
        });
        request.log.info({ agent: request.params.id, key: request.params.keyId }, 'key revoked');
        return reply.code(204).send(null);
      },
    );
  };
}
