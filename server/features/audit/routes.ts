import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { idText, refusals, time } from '../../http/answers.ts';
import { listEntries } from './view.ts';

/** A bigint of Postgres: beyond what a JSON number holds. */
const entryId = z.string().regex(/^\d{1,18}$/, 'expected an id from this list');

const auditAnswer = z.object({
  entries: z.array(
    z.object({
      id: z.string(),
      at: time,
      user_id: z.number().int().nullable(),
      /** As it was then; null for a failed login under a name nobody has. */
      username: z.string().nullable(),
      via: z.enum(['login', 'session', 'token', 'setup', 'command line']),
      action: z.string(),
      object_type: z.string().nullable(),
      object_id: z.string().nullable(),
      object_name: z.string().nullable(),
      /** What was changed, and nothing else. */
      before: z.unknown(),
      after: z.unknown(),
      ip: z.string().nullable(),
    }),
  ),
  /** Ask with it as `before` for the next page; null: this was the last. */
  next_before: z.string().nullable(),
});

/** Who did what. */
export function auditRoutes({ sql }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/audit',
      {
        schema: {
          tags: ['people'],
          summary:
            'Logins, and changes of users, tokens, keys, sites, agents and miners; the newest first',
          querystring: z.object({
            action: z.string().max(64).optional(),
            user_id: idText.optional(),
            object_type: z.string().max(64).optional(),
            object_id: z.string().max(64).optional(),
            before: entryId.optional(),
            limit: z.coerce.number().int().min(1).max(500).default(100),
          }),
          response: { 200: auditAnswer, ...refusals },
        },
      },
      async ({ query }) => {
        const rows = await listEntries(sql, query);
        const more = rows.length === query.limit ? (rows.at(-1)?.id ?? null) : null;
        return {
          entries: rows.map(({ at, ...row }) => Object.assign(row, { at: at.toISOString() })),
          next_before: more,
        };
      },
    );
  };
}
