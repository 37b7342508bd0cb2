import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idParams, message, refusals, time } from '../../http/answers.ts';
import { actorOf, record } from '../audit/record.ts';
import type { PasswordCheck } from './check-password.ts';
import { passwordText, refuseBadPassword } from './new-password.ts';
import { hashPassword } from './password.ts';
import { CONFIRMED_MS, judge, PERMISSIONS, ROLES, type Caller } from './permissions.ts';
import { confirmSession, deleteSessions, type Session } from './session-store.ts';
import { makeSessions } from './sessions.ts';
import { setPassword } from './store.ts';

const sessionAnswer = z.object({
  user: z.object({
    id,
    username: z.string(),
    role: z.enum(ROLES),
    /** Sees only the sites and containers granted to it. */
    limited: z.boolean(),
  }),
  /** null: the caller is an API token. */
  session: z
    .object({
      id,
      created_at: time,
      expires_at: time,
      /** Until then the password counts as just given. */
      confirmed_until: time,
    })
    .nullable(),
  /** Where the long history is drawn; null: nobody has said. */
  grafana_url: z.string().nullable(),
  /** The routes this caller may use, for hiding what it may not: "POST /api/sites". */
  can: z.array(z.string()),
});

export const sessionsAnswer = z.array(
  z.object({
    id,
    created_at: time,
    last_used_at: time,
    expires_at: time,
    ip: z.string().nullable(),
    user_agent: z.string().nullable(),
    /** The one that asks. */
    current: z.boolean(),
  }),
);

/** What people do with their own account: password and sessions; tokens are in own-token-routes.ts. */
export function ownRoutes(deps: Deps, checkPassword: PasswordCheck): FastifyPluginAsyncZod {
  const { sql, clock } = deps;
  const sessions = makeSessions(deps);

  /** Throws Failure `forbidden`; a wrong password is written down. */
  const demandPassword = async (request: FastifyRequest, password: string) => {
    const by = actorOf(request, clock());
    const { right } = await checkPassword(by.username ?? '', password);
    if (right) return;
    await record(sql, by, { action: 'session.confirm_failed', ...whose(callerOf(request)) });
    throw new Failure('forbidden', 'password: is wrong');
  };

  return async (app) => {
    app.get(
      '/api/auth/session',
      {
        schema: {
          tags: ['people'],
          summary: 'Who asks, until when, and what it may do here',
          response: { 200: sessionAnswer, ...refusals },
        },
      },
      async (request) => {
        const caller = callerOf(request);
        const { userId, username, role, limited, session } = caller;
        const own =
          session && (await sessions.list(userId)).find((other) => other.id === session.id);
        return {
          user: { id: userId, username, role, limited },
          session: own
            ? {
                id: own.id,
                created_at: own.created_at.toISOString(),
                expires_at: own.expires_at.toISOString(),
                confirmed_until: confirmedUntil(own.confirmed_at),
              }
            : null,
          grafana_url: deps.config.grafanaUrl ?? null,
          can: routesOf(caller, clock()),
        };
      },
    );

    app.post(
      '/api/auth/confirm',
      {
        bodyLimit: 4 * 1024,
        schema: {
          tags: ['people'],
          summary: 'The password again, for what demands it (code password_needed)',
          body: z.object({ password: passwordText }),
          response: { 200: z.object({ confirmed_until: time }), ...refusals },
        },
      },
      async (request) => {
        await demandPassword(request, request.body.password);
        const now = clock();
        await confirmSession(sql, sessionIdOf(request), now);
        return { confirmed_until: confirmedUntil(now) };
      },
    );

    app.post(
      '/api/auth/password',
      {
        bodyLimit: 4 * 1024,
        schema: {
          tags: ['people'],
          summary: 'Change the own password; all other sessions end',
          body: z.object({ password: passwordText, new_password: passwordText }),
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        const { password, new_password: next } = request.body;
        const caller = callerOf(request);
        refuseBadPassword(caller.username, next, 'new_password');
        await demandPassword(request, password);
        const passwordHash = await hashPassword(next);
        await sql.begin(async (tx) => {
          await setPassword(tx, caller.userId, passwordHash);
          const ended = await deleteSessions(tx, caller.userId, { except: sessionIdOf(request) });
          const by = actorOf(request, clock());
          await record(tx, by, {
            action: 'user.password',
            ...whose(caller),
            after: { sessions_ended: ended },
          });
        });
        return { message: 'Password changed' };
      },
    );

    app.get(
      '/api/auth/sessions',
      {
        schema: {
          tags: ['people'],
          summary: 'The own sessions, the one used last first',
          response: { 200: sessionsAnswer, ...refusals },
        },
      },
      async (request) => {
        const { userId, session } = callerOf(request);
        return (await sessions.list(userId)).map((one) => sessionOf(one, session?.id));
      },
    );

    app.delete(
      '/api/auth/sessions/:id',
      {
        schema: {
          tags: ['people'],
          summary: 'End one of the own sessions',
          params: idParams,
          response: { 204: z.null(), ...refusals },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request);
        await sql.begin(async (tx) => {
          const { id: only } = request.params;
          if ((await deleteSessions(tx, caller.userId, { only })) === 0) {
            throw new Failure('not_found', `You have no session ${only}`);
          }
          const by = actorOf(request, clock());
          await record(tx, by, {
            action: 'session.end',
            ...whose(caller),
            before: { session: only },
          });
        });
        return reply.code(204).send(null);
      },
    );
  };
}

export function sessionOf(session: Session, currentId?: number) {
  const { id: sessionId, ip, user_agent } = session;
  return {
    id: sessionId,
    created_at: session.created_at.toISOString(),
    last_used_at: session.last_used_at.toISOString(),
    expires_at: session.expires_at.toISOString(),
    ip,
    user_agent,
    current: sessionId === currentId,
  };
}

/** The routes a caller may use, those that want the password again among them. */
function routesOf(caller: Caller, now: Date): string[] {
  return Object.entries(PERMISSIONS)
    .filter(([route, permission]) => {
      const verdict = judge(permission, caller, {
        reads: route.startsWith('GET '),
        browser: false,
        now,
      });
      return verdict.pass || verdict.why === 'confirm';
    })
    .map(([route]) => route);
}

export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error('The route is not behind the guard');
  return request.caller;
}

function sessionIdOf(request: FastifyRequest): number {
  const { session } = callerOf(request);
  if (session === null) throw new Error('The route is not for sessions only');
  return session.id;
}

function whose({ userId, username }: Caller) {
  return { id: userId, name: username };
}

function confirmedUntil(at: Date): string {
  return new Date(at.getTime() + CONFIRMED_MS).toISOString();
}
