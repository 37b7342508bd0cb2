import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { scanReport } from '#contract/sync.ts';
import type { Deps } from '../../deps.ts';
import { id, idParams, refusals, time, toIso } from '../../http/answers.ts';
import { agentLines, drainAnswer, readAgentLines, readDrain } from '../agents/history.ts';
import { agentAnswer, answerOf } from '../agents/routes.ts';
import { findAgent, findScan } from '../agents/view.ts';
import { listAgentKeys } from '../enrolment/agent-keys.ts';
import { listGaps } from '../ingest/gaps.ts';
import { eyesOf } from '../people/visibility.ts';
import { problemAnswer, problemOf } from '../problems/routes.ts';
import { listProblems } from '../problems/view.ts';

const GAPS = 50;

const pageAnswer = z.object({
  agent: agentAnswer,
  /** The newest first; the text of a key is nowhere. */
  keys: z.array(
    z.object({
      id,
      /** Public part: what follows "hy_". */
      key_id: z.string(),
      created_at: time,
      created_by: z.string().nullable(),
      revoked_at: time.nullable(),
      last_used_at: time.nullable(),
    }),
  ),
  /** null: the agent does not speak of a backlog. */
  drain: drainAnswer.nullable(),
  /** The newest losses it has named. */
  gaps: z.array(
    z.object({
      gap_id: z.string(),
      from: time,
      to: time,
      batches: z.number().int(),
      samples: z.number().int(),
      reason: z.string(),
      at: time,
    }),
  ),
  /** Coverage of the last scan, with the devices it did not understand; what they said is at /api/agents/{id}/scan/unknown. */
  scan: scanReport.omit({ unknown_file: true }).nullable(),
  problems: z.array(problemAnswer),
  /** The last 24 h; null: InfluxDB does not answer. */
  sparklines: agentLines.nullable(),
});

/** One agent with everything around it. */
export function fleetAgentRoutes(deps: Deps): FastifyPluginAsyncZod {
  const { sql, clock } = deps;
  return async (app) => {
    app.get(
      '/api/fleet/agents/:id',
      {
        schema: {
          tags: ['fleet'],
          summary: 'One agent: keys, backlog, losses, scan, problems',
          params: idParams,
          response: { 200: pageAnswer, ...refusals },
        },
      },
      async (request) => {
        const { log, params } = request;
        const eyes = eyesOf(request);
        const now = clock();
        const agent = await findAgent(sql, now, params.id, eyes);
        const { backlog } = agent.ingest;
        const [keys, scan, gaps, problems, drain, sparklines] = await Promise.all([
          listAgentKeys(sql, agent.id),
          findScan(sql, agent.id),
          listGaps(sql, agent.id, GAPS),
          listProblems(sql, eyes, { agent_id: agent.id }, { offset: 0, limit: 100 }),
          backlog && readDrain(deps, agent.id, backlog, now, log),
          readAgentLines(deps, agent.id, now, log),
        ]);
        return {
          agent: answerOf(agent),
          keys: keys.map(({ created_at, revoked_at, last_used_at, ...key }) =>
            Object.assign(key, {
              created_at: created_at.toISOString(),
              revoked_at: toIso(revoked_at),
              last_used_at: toIso(last_used_at),
            }),
          ),
          drain,
          gaps: gaps.newest,
          scan: scan ?? null,
          problems: problems.map(problemOf),
          sparklines,
        };
      },
    );
  };
}
