import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { name, refusals } from '../../http/answers.ts';
import { record } from '../audit/record.ts';
import { loginAnswer, makeLogIn } from './log-in.ts';
import { passwordText, refuseBadPassword } from './new-password.ts';
import { hashPassword } from './password.ts';
import { createFirstAdmin, setupState } from './setup-token.ts';

const setupBody = z.object({
  token: z.string().max(255),
  username: name,
  password: passwordText,
});

/** A token cannot be guessed; each right one costs a password hash. */
const SETUPS_PER_ADDRESS = { max: 60, timeWindow: '15 minutes' };

/** The first administrator of a new installation, by the token the server printed at its start. Then these routes are gone. */
export function setupRoutes(deps: Deps): FastifyPluginAsyncZod {
  const { sql, clock } = deps;
  const logIn = makeLogIn(deps);

  return async (app) => {
    app.get(
      '/api/setup',
      {
        config: { public: 'there is no user yet; 404 once there is' },
        schema: {
          tags: ['people'],
          summary: 'Whether the first administrator can be made; 404 once there is a user',
          // false: every token has expired.
          response: { 200: z.object({ open: z.boolean() }), ...refusals },
        },
      },
      async () => {
        const state = await setupState(sql, clock());
        if (state === 'done') throw setUp();
        return { open: state === 'open' };
      },
    );

    app.post(
      '/api/setup',
      {
        config: {
          public: 'the token printed at the start is the credential',
          rateLimit: SETUPS_PER_ADDRESS,
        },
        bodyLimit: 4 * 1024,
        schema: {
          tags: ['people'],
          summary: 'Make the first administrator, and log in; 404 once there is a user',
          body: setupBody,
          response: { 200: loginAnswer, ...refusals },
        },
      },
      async (request, reply) => {
        const { token, username, password } = request.body;
        const state = await setupState(sql, clock(), token.trim());
        if (state === 'done') throw setUp();
        if (state === 'closed') {
          throw new Failure(
            'forbidden',
            'token: is wrong or has expired; restart the server, and it prints a new one',
          );
        }
        refuseBadPassword(username, password);
        const passwordHash = await hashPassword(password);
        const id = await createFirstAdmin(sql, { username, passwordHash }, async (tx, userId) => {
          const by = { userId, username, via: 'setup', ip: request.ip, at: clock() } as const;
          const after = { role: 'admin' };
          await record(tx, by, { action: 'user.create', id: userId, name: username, after });
        });
        if (id === undefined) throw setUp();
        request.log.info({ user: id, ip: request.ip }, 'first administrator made');
        return logIn(request, reply, { id, username, via: 'setup' });
      },
    );
  };
}

function setUp(): Failure {
  return new Failure('not_found', 'This server has been set up; log in');
}
