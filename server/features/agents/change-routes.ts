import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { given, id, idParams, message, name, noteChange, refusals } from '../../http/answers.ts';
import { actorOf } from '../audit/record.ts';
import { changeAgent, restoreAgent, retireAgent } from './change.ts';
import { agentAnswer, answerOf } from './routes.ts';
import { findAgent } from './view.ts';

const changes = z.strictObject({ name, description: noteChange, site_id: id.nullable() }).partial();

/** What administrators do to an agent; its keys are in enrolment. */
export function agentChangeRoutes({ sql, clock }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.patch(
      '/api/agents/:id',
      {
        schema: {
          tags: ['Agents'],
          summary: 'Rename it, or move it to another site with its miners and their history',
          params: idParams,
          body: changes,
          response: {
            200: agentAnswer.extend({
              miners_moved: z.number().int(),
              /** Those whose key is another miner's at the new site already. */
              miners_left: z.number().int(),
            }),
            ...refusals,
          },
        },
      },
      async (request) => {
        const { id: agentId } = request.params;
        const by = actorOf(request, clock());
        const moved = await sql.begin((tx) => changeAgent(tx, by, agentId, given(request)));
        return { ...answerOf(await findAgent(sql, clock(), agentId, null)), ...moved };
      },
    );

    app.post(
      '/api/agents/:id/retire',
      {
        schema: {
          tags: ['Agents'],
          summary: 'Out of service: its keys are revoked, its silence is no problem any more',
          params: idParams,
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        const by = actorOf(request, clock());
        await sql.begin((tx) => retireAgent(tx, by, request.params.id));
        return { message: 'Agent retired' };
      },
    );

    app.post(
      '/api/agents/:id/restore',
      {
        schema: {
          tags: ['Agents'],
          summary: 'In service again; it needs a new key',
          params: idParams,
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        const by = actorOf(request, clock());
        await sql.begin((tx) => restoreAgent(tx, by, request.params.id));
        return { message: 'Agent restored' };
      },
    );
  };
}
