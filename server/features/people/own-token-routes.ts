import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idParams, name, refusals, time, toIso } from '../../http/answers.ts';
import { actorOf, record } from '../audit/record.ts';
import { createApiToken, mayBind } from './api-tokens.ts';
import { callerOf } from './own-routes.ts';
import { listApiTokens, revokeApiToken, type ApiToken } from './token-store.ts';

const DAY_MS = 86_400_000;

const tokenFields = {
  id,
  name: z.string(),
  /** Its public part: what follows "hyu_". */
  token_id: z.string(),
  scope: z.enum(['read', 'write']),
  /** At most this role; null: its user's. */
  role: z.enum(['operator', 'viewer']).nullable(),
  created_at: time,
  expires_at: time.nullable(),
  revoked_at: time.nullable(),
  last_used_at: time.nullable(),
};
export const tokensAnswer = z.array(z.object(tokenFields));

const newToken = z.object({
  name,
  scope: z.enum(['read', 'write']),
  role: z.enum(['operator', 'viewer']).nullish(),
  /** Until it expires; without it never. */
  days: z.number().int().min(1).max(3650).nullish(),
});

/** The own API tokens. */
export function ownTokenRoutes({ sql, clock }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/auth/tokens',
      {
        schema: {
          tags: ['people'],
          summary: 'The own API tokens, the newest first',
          response: { 200: tokensAnswer, ...refusals },
        },
      },
      async (request) => (await listApiTokens(sql, callerOf(request).userId)).map(tokenOf),
    );

    app.post(
      '/api/auth/tokens',
      {
        schema: {
          tags: ['people'],
          summary: 'Make an API token for scripts; shown this once',
          body: newToken,
          response: { 200: z.object({ ...tokenFields, token: z.string() }), ...refusals },
        },
      },
      async (request) => {
        const { name: tokenName, scope, role = null, days = null } = request.body;
        const caller = callerOf(request);
        if (role !== null && !mayBind(caller.role, role)) {
          throw new Failure(
            'invalid_body',
            `role: you are ${caller.role} yourself; leave it out, the token has your role then`,
          );
        }
        const now = clock();
        const expiresAt = days === null ? null : new Date(now.getTime() + days * DAY_MS);
        const made = await sql.begin(async (tx) => {
          const { userId } = caller;
          const token = await createApiToken(tx, {
            userId,
            name: tokenName,
            scope,
            role,
            expiresAt,
          });
          await record(tx, actorOf(request, now), {
            action: 'token.create',
            id: token.id,
            name: tokenName,
            after: { user_id: userId, scope, role, expires_at: toIso(expiresAt) },
          });
          return token;
        });
        return {
          id: made.id,
          name: tokenName,
          token_id: made.tokenId,
          token: made.token,
          scope,
          role,
          created_at: now.toISOString(),
          expires_at: toIso(expiresAt),
          revoked_at: null,
          last_used_at: null,
        };
      },
    );

    app.delete(
      '/api/auth/tokens/:id',
      {
        schema: {
          tags: ['people'],
          summary: 'Revoke one of the own API tokens at once',
          params: idParams,
          response: { 204: z.null(), ...refusals },
        },
      },
      async (request, reply) => {
        const { userId } = callerOf(request);
        const now = clock();
        await sql.begin(async (tx) => {
          const { id: tokenId } = request.params;
          const token = await revokeApiToken(tx, userId, tokenId, now);
          if (!token) throw new Failure('not_found', `You have no token ${tokenId}`);
          await record(tx, actorOf(request, now), {
            action: 'token.revoke',
            id: tokenId,
            name: token.name,
          });
        });
        return reply.code(204).send(null);
      },
    );
  };
}

export function tokenOf(token: ApiToken) {
  return {
    ...token,
    created_at: token.created_at.toISOString(),
    expires_at: toIso(token.expires_at),
    revoked_at: toIso(token.revoked_at),
    last_used_at: toIso(token.last_used_at),
  };
}
