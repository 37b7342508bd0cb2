import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { Sql } from 'postgres';
import { Failure } from '../../failures.ts';
import { declares } from '../../http/credentials.ts';
import { callerOfApiToken } from './api-tokens.ts';
import { requireSameOrigin } from './same-origin.ts';
import { makeSessions, SESSION_COOKIE } from './sessions.ts';

export type Role = 'admin' | 'operator' | 'viewer' | 'accountant' | 'client';

/** Who a request speaks for. */
export interface Caller {
  userId: number;
  username: string;
  role: Role;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `guard.allow`; null on routes that need nobody. */
    caller: Caller | null;
  }
}

/** Decides who may call a route. */
export interface Guard {
  /**
   * An onRequest (or preHandler) hook that lets the named roles pass (`admin` always passes; no names =
   * any logged-in user). As onRequest it answers before a body is read, which is what routes want.
   * Throws Failure `not_logged_in` (401), `forbidden` (403) or `database_unavailable` (503).
   */
  allow(...roles: Role[]): onRequestAsyncHookHandler;
}

/** What the guard says of itself in `app.routeCredentials`. */
function describe(roles: readonly Role[]): string {
  return roles.length === 0
    ? 'any user'
    : ['admin', ...roles.filter((role) => role !== 'admin')].join(' or ');
}

export function makeGuard({
  sql,
  clock,
  publicUrl,
}: {
  sql: Sql;
  clock: () => Date;
  publicUrl: string | undefined;
}): Guard {
  const sessions = makeSessions({ sql, clock });

  async function callerOf(request: FastifyRequest): Promise<Caller | null> {
    const bearer = bearerOf(request);
    if (bearer?.startsWith('hyu_')) return callerOfApiToken(sql, bearer, clock());
    if (bearer !== undefined) return sessions.callerOf(bearer);
    const cookie = request.cookies[SESSION_COOKIE];
    if (cookie === undefined) return null;
    const caller = await sessions.callerOf(cookie);
    if (caller) requireSameOrigin(request, publicUrl);
    return caller;
  }

  return {
    allow: (...roles) =>
      declares(describe(roles), async (request: FastifyRequest) => {
        const caller = await callerOf(request);
        if (!caller) {
          throw new Failure('not_logged_in', 'Could not validate credentials');
        }
        if (roles.length > 0 && caller.role !== 'admin' && !roles.includes(caller.role)) {
          const { forbidden } = request.routeOptions.config;
          throw new Failure(
            'forbidden',
            forbidden ??
              `This needs the role ${describe(roles)}; ${caller.username} is ${caller.role}`,
          );
        }
        request.caller = caller;
      }),
  };
}

/** The token of "Authorization: Bearer …"; undefined when the header is absent or of another kind. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}
