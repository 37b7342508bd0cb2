import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { scanReport } from '#contract/sync.ts';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idParams, refusals, time, toIso } from '../../http/answers.ts';
import { findScan, listAgents, type AgentView } from './view.ts';

const agentAnswer = z
  .object({
    id,
    name: z.string(),
    description: z.string().nullable(),
    site_id: id.nullable(),
    site_name: z.string().nullable(),
    is_active: z.boolean(),
    created_at: time,
    last_seen: time.nullable(),
    /** Not heard of for too long (three polls, 3 min at least), or never. */
    silent: z.boolean(),
    miner_count: z.number().int(),
    report: z.unknown(),
  })
  .meta({ id: 'Agent' });

/** Agents as people see them; what agents themselves ask is in enrolment. */
export function agentRoutes({ sql, guard, clock }: Deps): FastifyPluginAsyncZod {
  const staff = guard.allow('operator', 'viewer', 'accountant');

  return async (app) => {
    app.get(
      '/api/agents',
      {
        onRequest: staff,
        schema: {
          tags: ['Agents'],
          summary: 'Agents, when each was last heard of, and what it says of itself',
          response: { 200: z.array(agentAnswer), ...refusals },
        },
      },
      async () => (await listAgents(sql, clock())).map(answerOf),
    );

    app.get(
      '/api/agents/:id/scan',
      {
        onRequest: staff,
        schema: {
          tags: ['Agents'],
          summary: 'Coverage of the last scan: what was found, not understood, silent',
          params: idParams,
          response: { 200: scanReport, ...refusals },
        },
      },
      async (request) => {
        const scan = await findScan(sql, request.params.id);
        if (!scan) {
          throw new Failure('not_found', `Agent ${request.params.id} has not reported a scan`);
        }
        return scan;
      },
    );
  };
}

function answerOf(agent: AgentView) {
  return {
    ...agent,
    created_at: agent.created_at.toISOString(),
    last_seen: toIso(agent.last_seen),
  };
}
