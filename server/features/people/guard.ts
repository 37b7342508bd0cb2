import type { FastifyInstance, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { Sql } from 'postgres';
import { Failure } from '../../failures.ts';
import { credentialOf, declares } from '../../http/credentials.ts';
import { callerOfApiToken } from './api-tokens.ts';
import { judge, PERMISSIONS, wordsOf, type Caller, type Permission } from './permissions.ts';
import { isFromBrowser, READS, requireSameOrigin } from './same-origin.ts';
import { makeSessions, SESSION_COOKIE } from './sessions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route of the table of permissions; null on routes that need nobody. */
    caller: Caller | null;
  }
}

/**
 * The hook that lets through who may pass, by `permission`. It answers before a body is read.
 * Throws Failure `not_logged_in` (401), `forbidden` and `password_needed` (403) or `database_unavailable` (503).
 */
export type Guard = (permission: Permission) => onRequestAsyncHookHandler;

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
    if (bearer !== undefined) return sessions.callerOf(bearer, { byCookie: false });
    const cookie = request.cookies[SESSION_COOKIE];
    if (cookie === undefined) return null;
    const caller = await sessions.callerOf(cookie, { byCookie: true });
    if (caller) requireSameOrigin(request, publicUrl);
    return caller;
  }

  return (permission) => async (request) => {
    const caller = await callerOf(request);
    if (!caller) throw new Failure('not_logged_in', 'Could not validate credentials');
    const verdict = judge(permission, caller, {
      reads: READS.has(request.method),
      browser: isFromBrowser(request),
      now: clock(),
    });
    if (!verdict.pass) throw refusalOf(verdict.why, permission, caller, request);
    request.caller = caller;
  };
}

/** Puts the guard before every route of the table; a route that is not there declares nothing and does not start. */
export function guardRoutes(app: FastifyInstance, guard: Guard): void {
  app.addHook('onRoute', (route) => {
    const method = [route.method].flat()[0] === 'HEAD' ? 'GET' : [route.method].flat()[0];
    const permission = PERMISSIONS[`${method} ${route.url}`];
    if (!permission || credentialOf(route) !== undefined) return;
    const hook = declares(wordsOf(permission), guard(permission));
    route.onRequest = [hook, ...[route.onRequest ?? []].flat()];
  });
}

function refusalOf(
  why: 'role' | 'limited' | 'read_only' | 'session_only' | 'confirm',
  permission: Permission,
  caller: Caller,
  request: FastifyRequest,
): Failure {
  if (why === 'role') {
    const { forbidden } = request.routeOptions.config;
    const words = `This needs the role ${wordsOf(permission)}; ${caller.username} is ${caller.role}`;
    return new Failure('forbidden', forbidden ?? words);
  }
  const refusals = {
    limited: `This speaks of every site; ${caller.username} is limited to some`,
    read_only: 'This token only reads; use one with the scope write',
    session_only: 'An API token cannot do this; log in',
    confirm:
      'The password was given too long ago for this; send it to POST /api/auth/confirm and try again',
  };
  return new Failure(why === 'confirm' ? 'password_needed' : 'forbidden', refusals[why]);
}

/** The token of "Authorization: Bearer …"; undefined when the header is absent or of another kind. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}
