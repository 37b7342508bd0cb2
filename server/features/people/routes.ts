import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idText, message, refusals, time } from '../../http/answers.ts';
import { bearerOf } from './guard.ts';
import { cookieOptions, loginAnswer, makeLogIn } from './log-in.ts';
import { makeLoginThrottle } from './login-throttle.ts';
import { PASSWORD_LENGTH, verifyPassword } from './password.ts';
import { makeSessions, SESSION_COOKIE } from './sessions.ts';
import {
  findLogin,
  findUser,
  grantContainer,
  listUsers,
  revokeContainer,
  type User,
} from './store.ts';

const userAnswer = z.object({
  id,
  username: z.string(),
  email: z.string().nullable(),
  role: z.enum(['admin', 'operator', 'viewer', 'accountant', 'client']),
  is_active: z.boolean(),
  created_at: time,
});

const loginBody = z.object({
  username: z.string().max(255),
  password: z.string().max(PASSWORD_LENGTH.max * 4),
});
const grantParams = z.object({ id: idText, containerId: idText });

/** Attempts from one address in 15 minutes, right or wrong: above what scripts that log in each minute need. */
const LOGINS_PER_ADDRESS = { max: 60, timeWindow: '15 minutes' };

/** Login, sessions, users, and which containers a client may see. */
export function peopleRoutes(deps: Deps): FastifyPluginAsyncZod {
  const { sql, clock, config, guard } = deps;
  const sessions = makeSessions({ sql, clock });
  const throttle = makeLoginThrottle({ clock });
  const logIn = makeLogIn(deps);

  return async (app) => {
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
        throttle.attempt(username);
        const user = await findLogin(sql, username).catch((error: unknown) => {
          throttle.undone(username);
          throw error;
        });
        const known = user?.isActive ? user : undefined;
        const right = await verifyPassword(password, known?.passwordHash ?? null);
        if (!known || !right) throw new Failure('not_logged_in', 'Incorrect username or password');
        throttle.succeeded(username);
        return logIn(request, reply, known.id);
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
        if (token !== undefined) await sessions.close(token);
        reply.clearCookie(SESSION_COOKIE, cookieOptions(config));
        return { message: 'Logged out successfully' };
      },
    );

    app.get(
      '/api/auth/me',
      {
        onRequest: guard.allow(),
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
        onRequest: guard.allow('admin'),
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
        onRequest: guard.allow('admin'),
        config: { forbidden: 'Not enough permissions' },
        schema: {
          tags: ['people'],
          summary: 'Let a client see a container',
          params: grantParams,
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        const { id: userId, containerId } = request.params;
        const outcome = await grantContainer(sql, userId, containerId);
        if (outcome === 'no user') throw new Failure('not_found', 'User not found');
        if (outcome === 'no container') throw new Failure('not_found', 'Container not found');
        if (outcome === 'granted before') {
          throw new Failure('already_granted', 'Access already granted');
        }
        return { message: 'Access granted' };
      },
    );

    app.delete(
      '/api/users/:id/containers/:containerId',
      {
        onRequest: guard.allow('admin'),
        config: { forbidden: 'Not enough permissions' },
        schema: {
          tags: ['people'],
          summary: 'Take a container away from a client',
          params: grantParams,
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        const { id: userId, containerId } = request.params;
        if (!(await revokeContainer(sql, userId, containerId))) {
          throw new Failure('not_found', 'Access not found');
        }
        return { message: 'Access revoked' };
      },
    );
  };
}

function answerOf(user: User) {
  return { ...user, created_at: user.created_at.toISOString() };
}
