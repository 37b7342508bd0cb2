import { Readable } from 'node:stream';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { quarantineCode } from '#contract/refusals.ts';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idText, refusals, time } from '../../http/answers.ts';
import { actorOf, record } from '../audit/record.ts';
import { listGaps } from './gaps.ts';
import { downloadQuarantine, listPending, listQuarantine } from './held-samples.ts';
import { listRefusals, type Refusals } from './refusals.ts';
import { MAX_ITEMS, reinject } from './reinject.ts';

const heldBy = { agent_id: z.number().int(), agent_name: z.string() };
const count = z.number().int();
/** A bigint of Postgres: beyond what a JSON number holds. */
const rowId = z.string().regex(/^\d{1,18}$/, 'expected an id from this list');

const agentQuery = { agent_id: idText.optional() };
const quarantineQuery = z.object({ ...agentQuery, code: quarantineCode.optional() });
const quarantineAnswer = z.object({
  /** Items held, all that the filter takes. */
  total: count,
  /** Items that found no room: 100,000 rows or 200 MB for each agent. Nothing is left of them but this number. */
  not_kept: z.number(),
  agents: z.array(z.object({ ...heldBy, held: count, bytes: z.number(), not_kept: z.number() })),
  counts: z.array(z.object({ ...heldBy, scope: z.string(), code: z.string(), count })),
  newest: z.array(
    z.object({
      id: z.string(),
      ...heldBy,
      scope: z.string(),
      /** Where it came from; "lines": `sample.line` is line protocol InfluxDB refused. */
      list: z.enum(['miner_stats', 'discovered_miners', 'lines']),
      index: count,
      code: z.string(),
      detail: z.string(),
      sample: z.unknown(),
      at: time,
    }),
  ),
  /** Ask with it as `before` for the next page; null: this was the last. */
  next_before: z.string().nullable(),
});

const reinjectBody = z.object({
  ids: z.array(rowId).min(1).max(MAX_ITEMS).optional(),
  agent_id: id.optional(),
  code: quarantineCode.optional(),
  after: rowId.optional(),
  limit: z.number().int().min(1).max(MAX_ITEMS).default(MAX_ITEMS),
});
const reinjectAnswer = z.object({
  stored: count,
  refused: count,
  still_refused: z.array(z.object({ id: z.string(), code: z.string(), detail: z.string() })),
  /** There may be more: ask again with it as `after`. */
  next_after: z.string().nullable(),
});

const pendingAnswer = z.object({
  /** Syncs of agents that do not send again, kept until InfluxDB takes them. */
  rows: count,
  samples: count,
  bytes: z.number(),
  max_rows: count,
  max_bytes: z.number(),
  oldest: time.nullable(),
  agents: z.array(z.object({ ...heldBy, rows: count, samples: count, oldest: time })),
});

const lost = { count, batches: z.number(), samples: z.number() };
const gapsAnswer = z.object({
  total: z.object(lost),
  agents: z.array(z.object({ ...heldBy, ...lost })),
  newest: z.array(
    z.object({
      ...heldBy,
      gap_id: z.string(),
      from: time,
      to: time,
      batches: count,
      samples: count,
      reason: z.string(),
      at: time,
    }),
  ),
});

const refusalsAnswer = z.array(
  z.object({
    /** null: the key was missing or not known, or could not be looked up. */
    agent_id: z.number().int().nullable(),
    agent_name: z.string().nullable(),
    code: z.string(),
    count: z.number(),
    last_at: time,
    last_detail: z.string(),
  }),
);

/** What did not arrive: held up, set aside, lost, refused. Numbers for all staff, changes for administrators. */
export function ledgerRoutes(deps: Deps, refused: Refusals): FastifyPluginAsyncZod {
  const { sql } = deps;
  return async (app) => {
    app.get(
      '/api/ingest/quarantine',
      {
        schema: {
          tags: ['Ingest'],
          summary: 'Items that could not be stored, and why; the newest first',
          querystring: quarantineQuery.extend({
            before: rowId.optional(),
            limit: z.coerce.number().int().min(1).max(500).default(100),
          }),
          response: { 200: quarantineAnswer, ...refusals },
        },
      },
      ({ query }) =>
        listQuarantine(sql, filterOf(query), { before: query.before ?? null, limit: query.limit }),
    );

    app.get(
      '/api/ingest/quarantine/download',
      {
        schema: {
          tags: ['Ingest'],
          summary: 'The same as a file: one JSON object a line, the oldest first',
          querystring: quarantineQuery,
        },
      },
      (request, reply) =>
        reply
          .type('application/x-ndjson')
          .header('content-disposition', 'attachment; filename="quarantine.ndjson"')
          .send(Readable.from(downloadQuarantine(sql, filterOf(request.query)))),
    );

    app.post(
      '/api/ingest/quarantine/reinject',
      {
        schema: {
          tags: ['Ingest'],
          summary: 'Try items of the quarantine again; what is stored leaves it',
          description:
            'Named by their ids, or all of an agent, a code, or both, oldest first, 1,000 at most. Each goes through ' +
            'the checks again, under the site it came from. Doing it twice stores nothing twice.',
          body: reinjectBody,
          response: { 200: reinjectAnswer, ...refusals },
        },
      },
      async (request) => {
        const { ids, after, limit, ...filter } = request.body;
        if (!ids && !filter.agent_id && !filter.code) {
          throw new Failure('invalid_body', 'ids: is missing; send ids, agent_id or code');
        }
        const which = { ...filterOf(filter), ids: ids ?? null, after: after ?? null, limit };
        // Before anything is stored: it goes in many transactions, and none of them may be without its entry.
        await record(sql, actorOf(request, deps.clock()), {
          action: 'quarantine.reinject',
          after: { ...filter, ...(ids ? { ids } : {}), ...(after ? { after } : {}), limit },
        });
        return reinject(deps, which, request.log);
      },
    );

    app.get(
      '/api/ingest/pending',
      {
        schema: {
          tags: ['Ingest'],
          summary: 'Samples kept for old agents until InfluxDB is back',
          response: { 200: pendingAnswer, ...refusals },
        },
      },
      () => listPending(sql),
    );

    app.get(
      '/api/ingest/gaps',
      {
        schema: {
          tags: ['Ingest'],
          summary: 'Samples agents had to drop, and said so; the newest first',
          querystring: z.object({
            ...agentQuery,
            limit: z.coerce.number().int().min(1).max(1_000).default(100),
          }),
          response: { 200: gapsAnswer, ...refusals },
        },
      },
      ({ query }) => listGaps(sql, query.agent_id ?? null, query.limit),
    );

    app.get(
      '/api/ingest/refusals',
      {
        schema: {
          tags: ['Ingest'],
          summary: 'Syncs the server did not take, by agent and code; the newest first',
          querystring: z.object(agentQuery),
          response: { 200: refusalsAnswer, ...refusals },
        },
      },
      async ({ query }) => {
        await refused.flush();
        return listRefusals(sql, query.agent_id ?? null);
      },
    );
  };
}

function filterOf({
  agent_id,
  code,
}: {
  agent_id?: number | undefined;
  code?: string | undefined;
}) {
  return { agentId: agent_id ?? null, code: code ?? null };
}
