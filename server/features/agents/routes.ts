import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { scanReport } from '#contract/sync.ts';
import { unknownFile } from '#contract/unknown.ts';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idParams, refusals, time, toIso } from '../../http/answers.ts';
import { eyesOf } from '../people/visibility.ts';
import { findAgent, findScan, findUnknown, listAgents, type AgentView } from './view.ts';

const count = z.number();

export const agentAnswer = z
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
    /** How its samples come in, and what of them did not arrive. What the agent did not say is null. */
    ingest: z.object({
      backlog: z
        .object({ batches: z.number(), bytes: z.number(), oldest: z.string().nullable() })
        .nullable(),
      queue: z
        .object({
          state: z.enum(['disk', 'memory']),
          in_memory: z.number(),
          dead: z.number(),
          damaged: z.number(),
          last_error: z.string().nullable(),
        })
        .nullable(),
      /** Its clock minus the server's. */
      clock_error_ms: z.number().nullable(),
      cycle: z
        .object({
          at: z.string(),
          duration_ms: z.number(),
          miners: z.number(),
          reachable: z.number(),
          interval_s: z.number().optional(),
        })
        .nullable(),
      /** Lost, and named by the agent. */
      gaps: z.object({ count, batches: count, samples: count, last_at: time.nullable() }),
      /** `held`: there now; `set_aside`: all that ever came; `not_kept`: those of them that found no room. */
      quarantine: z.object({ held: count, bytes: count, set_aside: count, not_kept: count }),
      /** Syncs the server did not take, the newest first. */
      refusals: z.array(
        z.object({ code: z.string(), count, last_at: time, last_detail: z.string() }),
      ),
      /** Syncs kept here until InfluxDB takes them (agents that do not send again). */
      pending: z.object({ syncs: count, samples: count, bytes: count, oldest: time.nullable() }),
      /** Addresses of the last scan. */
      scan: z
        .object({ identified: count, unknown: count, silent: count, refused: count })
        .nullable(),
    }),
  })
  .meta({ id: 'Agent' });

/** Agents as people see them; what agents themselves ask is in enrolment. */
export function agentRoutes({ sql, clock }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/agents',
      {
        schema: {
          tags: ['Agents'],
          summary: 'Agents, when each was last heard of, and what it says of itself',
          response: { 200: z.array(agentAnswer), ...refusals },
        },
      },
      async (request) => (await listAgents(sql, clock(), null, eyesOf(request))).map(answerOf),
    );

    app.get(
      '/api/agents/:id',
      {
        schema: {
          tags: ['Agents'],
          summary: 'One agent, as the list has it',
          params: idParams,
          response: { 200: agentAnswer, ...refusals },
        },
      },
      async (request) =>
        answerOf(await findAgent(sql, clock(), request.params.id, eyesOf(request))),
    );

    app.get(
      '/api/agents/:id/scan',
      {
        schema: {
          tags: ['Agents'],
          summary: 'Coverage of the last scan: what was found, not understood, silent',
          params: idParams,
          response: { 200: scanReport.omit({ unknown_file: true }), ...refusals },
        },
      },
      async (request) => {
        await findAgent(sql, clock(), request.params.id, eyesOf(request));
        const scan = await findScan(sql, request.params.id);
        if (!scan) {
          throw new Failure('not_found', `Agent ${request.params.id} has not reported a scan`);
        }
        return scan;
      },
    );

    app.get(
      '/api/agents/:id/scan/unknown',
      {
        schema: {
          tags: ['Agents'],
          summary:
            'What devices said that the last scans did not understand, as a file to send to the maintainers',
          description:
            'Addresses, names, serials, users and passwords were replaced by the agent, the same by the same.',
          params: idParams,
          response: { 200: unknownFile, ...refusals },
        },
      },
      async (request, reply) => {
        const { id: agentId } = request.params;
        await findAgent(sql, clock(), agentId, eyesOf(request));
        const file = await findUnknown(sql, agentId);
        if (!file) {
          throw new Failure(
            'not_found',
            `Agent ${agentId} has not met a device that it did not understand`,
          );
        }
        const name = `unknown-devices-agent-${agentId}.json`;
        void reply.header('content-disposition', `attachment; filename="${name}"`);
        return file;
      },
    );
  };
}

export function answerOf(agent: AgentView) {
  return {
    ...agent,
    created_at: agent.created_at.toISOString(),
    last_seen: toIso(agent.last_seen),
  };
}
