import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idText, message, refusals, time } from '../../http/answers.ts';
import { actorOf, record } from '../audit/record.ts';
import { makePasswordCheck } from './check-password.ts';
import { bearerOf } from './guard.ts';
import { cookieOptions, loginAnswer, makeLogIn } from './log-in.ts';
import { passwordText } from './new-password.ts';
import { ownRoutes } from './own-routes.ts';
import { ownTokenRoutes } from './own-token-routes.ts';
import { ROLES } from './permissions.ts';
import { personRoutes } from './person-routes.ts';
import { makeSessions, SESSION_COOKIE } from './sessions.ts';
import { findUser, grantContainer, listUsers, revokeContainer, type User } from './store.ts';

const userAnswer = z.object({
  id,
  username: z.string(),
  email: z.string().nullable(),
  role: z.enum(ROLES),
  is_active: z.boolean(),
  created_at: time,
});

const loginBody = z.object({ username: z.string().max(255), password: passwordText });
const grantParams = z.object({ id: idText, containerId: idText });

/** Attempts from one address in 15 minutes, right or wrong: above what scripts that log in each minute need. */
const LOGINS_PER_ADDRESS = { max: 60, timeWindow: '15 minutes' };

/** Login, sessions, users, and what limited ones may see. */
export function peopleRoutes(deps: Deps): FastifyPluginAsyncZod {
  const { sql, clock, config } = deps;
  const checkPassword = makePasswordCheck(deps);
  const logIn = makeLogIn(deps);

  return async (app) => {
    await app.register(ownRoutes(deps, checkPassword));
    await app.register(ownTokenRoutes(deps));
    await app.register(personRoutes(deps));

    app.post(
      '/api/auth/login',
      {
        config: { public: 'logging in', rateLimit: LOGINS_PER_ADDRESS },
        bodyLimit: 4 * 1024,
        schema: {
          tags: ['people'],
          summary: 'Log in; the session is the token, and the cookie of the same value',
          body: loginBody,
          response: { 200: loginAnswer, ...refusals },
        },
      },
      async (request, reply) => {
        const { username, password } = request.body;
        const { right, userId } = await checkPassword(username, password);
        if (!right || userId === null) {
          // A name nobody has is not kept: some type their password into that field.
          const who = userId === null ? null : username;
          const by = { userId, username: who, via: 'login', ip: request.ip, at: clock() } as const;
          await record(sql, by, {
            action: 'session.login_failed',
            ...(userId === null ? {} : { id: userId, name: username }),
          });
          throw new Failure('not_logged_in', 'Incorrect username or password');
        }
        return logIn(request, reply, { id: userId, username, via: 'login' });
      },
    );

    app.post(
      '/api/auth/logout',
      {
        config: { public: 'ends the session it is given, live or dead' },
        schema: { tags: ['people'], summary: 'End this session', response: { 200: message } },
      },
      async (request, reply: FastifyReply) => {
        const token = bearerOf(request) ?? request.cookies[SESSION_COOKIE];
        if (token !== undefined) {
          await sql.begin(async (tx) => {
            const user = await makeSessions({ sql: tx, clock }).close(token);
            if (!user) return;
            const by = { ...user, via: 'session', ip: request.ip, at: clock() } as const;
            await record(tx, by, {
              action: 'session.logout',
              id: user.userId,
              name: user.username,
            });
          });
        }
        reply.clearCookie(SESSION_COOKIE, cookieOptions(config));
        return { message: 'Logged out successfully' };
      },
    );

    app.get(
      '/api/auth/me',
      {
        schema: {
          tags: ['people'],
          summary: 'Who this request speaks for',
          response: { 200: userAnswer, ...refusals },
        },
      },
      async (request) => {
        const user = request.caller && (await findUser(sql, request.caller.userId));
        if (!user) throw new Failure('not_logged_in', 'This user no longer exists');
        return answerOf(user);
      },
    );

    app.get(
      '/api/users',
      {
        config: { forbidden: 'Not enough permissions' },
        schema: {
          tags: ['people'],
          summary: 'All users',
          response: { 200: z.array(userAnswer), ...refusals },
        },
      },
      async () => (await listUsers(sql)).map(answerOf),
    );

    app.post(
      '/api/users/:id/containers/:containerId',
      {
        config: { forbidden: 'Not enough permissions' },
        schema: {
          tags: ['people'],
          summary: 'Let a limited user see a container',
          params: grantParams,
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        const { id: userId, containerId } = request.params;
        const by = actorOf(request, clock());
        await sql.begin(async (tx) => {
          const outcome = await grantContainer(tx, userId, containerId);
          if (outcome === 'no user') throw new Failure('not_found', 'User not found');
          if (outcome === 'no container') throw new Failure('not_found', 'Container not found');
          if (outcome === 'granted before') {
            throw new Failure('already_granted', 'Access already granted');
          }
          const after = { container_id: containerId };
          await record(tx, by, { action: 'user.grant', id: userId, after });
        });
        return { message: 'Access granted' };
      },
    );

    app.delete(
      '/api/users/:id/containers/:containerId',
      {
        config: { forbidden: 'Not enough permissions' },
        schema: {
          tags: ['people'],
          summary: 'Take a container away from a limited user',
          params: grantParams,
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        const { id: userId, containerId } = request.params;
        const by = actorOf(request, clock());
        await sql.begin(async (tx) => {
          if (!(await revokeContainer(tx, userId, containerId))) {
            throw new Failure('not_found', 'Access not found');
          }
          const before = { container_id: containerId };
          await record(tx, by, { action: 'user.ungrant', id: userId, before });
        });
        return { message: 'Access revoked' };
      },
    );
  };
}

function answerOf(user: User) {
  return { ...user, created_at: user.created_at.toISOString() };
}
