import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { id, idText, note, refusals, time, toIso } from '../../http/answers.ts';
import { actorOf, record } from '../audit/record.ts';
import { eyesOf } from '../people/visibility.ts';
import { CAUSE_NAMES, CAUSES } from './causes.ts';
import { acknowledge, countProblems, lastCheck, listProblems, type Problem } from './view.ts';

const named = z.object({ id, name: z.string() }).nullable();
const severity = z.enum(['critical', 'warning']);
const count = z.number().int();
/** A bigint of Postgres: beyond what a JSON number holds. */
const problemId = z.string().regex(/^\d{1,18}$/, 'expected an id from the list of problems');
const ids = z.array(problemId).min(1).max(1_000);

export const problemAnswer = z
  .object({
    id: z.string(),
    cause: z.enum(CAUSE_NAMES),
    severity,
    since: time,
    /** What it is of; neither: of the server. */
    miner: named,
    agent: named,
    site: named,
    /** Numbers of the cause: `temp_chip`, `fans`, `held` … */
    detail: z.record(z.string(), z.unknown()),
    acknowledged: z
      .object({ at: time, by: z.string().nullable(), note: z.string().nullable() })
      .nullable(),
  })
  .meta({ id: 'Problem' });

export const countsAnswer = z.array(
  z.object({ cause: z.enum(CAUSE_NAMES), severity, open: count, unacknowledged: count }),
);

/** What is wrong now, and who knows of it. */
export function problemRoutes({ sql, clock }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/problems',
      {
        schema: {
          tags: ['fleet'],
          summary: 'What is wrong now; those nobody has acknowledged first, then the newest',
          querystring: z.object({
            cause: z.enum(CAUSE_NAMES).optional(),
            site_id: idText.optional(),
            agent_id: idText.optional(),
            miner_id: idText.optional(),
            acknowledged: z.enum(['yes', 'no']).optional(),
            offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
            limit: z.coerce.number().int().min(1).max(500).default(100),
          }),
          response: {
            200: z.object({
              /** When it was last looked; null: never. */
              checked_at: time.nullable(),
              total: count,
              by_cause: countsAnswer,
              problems: z.array(problemAnswer),
            }),
            ...refusals,
          },
        },
      },
      async (request) => {
        const { offset, limit, ...filter } = request.query;
        const eyes = eyesOf(request);
        const [checkedAt, counts, problems] = await Promise.all([
          lastCheck(sql),
          countProblems(sql, eyes, filter),
          listProblems(sql, eyes, filter, { offset, limit }),
        ]);
        return {
          checked_at: toIso(checkedAt),
          total: counts.reduce((sum, { open }) => sum + open, 0),
          by_cause: counts,
          problems: problems.map(problemOf),
        };
      },
    );

    app.post(
      '/api/problems/acknowledge',
      {
        schema: {
          tags: ['fleet'],
          summary: 'Say that somebody knows; holds until the problem is over',
          body: z.object({ ids, note }),
          response: { 200: z.object({ changed: count }), ...refusals },
        },
      },
      async (request) => {
        const { ids: which, note: words } = request.body;
        const by = actorOf(request, clock());
        const changed = await sql.begin(async (tx) => {
          const rows = await acknowledge(tx, which, { ...by, note: words });
          for (const row of rows) {
            const after = { note: words };
            await record(tx, by, {
              action: 'problem.acknowledge',
              id: row.id,
              name: row.cause,
              after,
            });
          }
          return rows.length;
        });
        return { changed };
      },
    );

    app.post(
      '/api/problems/unacknowledge',
      {
        schema: {
          tags: ['fleet'],
          summary: 'Take it back',
          body: z.object({ ids }),
          response: { 200: z.object({ changed: count }), ...refusals },
        },
      },
      async (request) => {
        const by = actorOf(request, clock());
        const changed = await sql.begin(async (tx) => {
          const rows = await acknowledge(tx, request.body.ids, null);
          for (const row of rows) {
            await record(tx, by, { action: 'problem.unacknowledge', id: row.id, name: row.cause });
          }
          return rows.length;
        });
        return { changed };
      },
    );
  };
}

export function problemOf(problem: Problem): z.output<typeof problemAnswer> {
  const { acked_at, acked_by, ack_note, since, detail, ...rest } = problem;
  return {
    ...rest,
    severity: CAUSES[problem.cause],
    since: since.toISOString(),
    detail: detail as Record<string, unknown>,
    acknowledged: acked_at && { at: acked_at.toISOString(), by: acked_by, note: ack_note },
  };
}
