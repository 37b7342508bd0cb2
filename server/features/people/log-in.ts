import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { record, type Actor } from '../audit/record.ts';
import { makeSessions, SESSION_COOKIE, SESSION_MS } from './sessions.ts';
import { noteLogin } from './store.ts';

export const loginAnswer = z.object({
  access_token: z.string(),
  token_type: z.literal('bearer'),
});

export function cookieOptions({ publicUrl }: Pick<Deps['config'], 'publicUrl'>) {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: publicUrl?.startsWith('https:') ?? false,
  } as const;
}

/** Opens a session for a user who has proven to be one: the cookie is set, and the answer holds the same token. */
export function makeLogIn({ sql, clock, config }: Pick<Deps, 'sql' | 'clock' | 'config'>) {
  const cookie = cookieOptions(config);
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    user: { id: number; username: string; via: Actor['via'] },
  ): Promise<z.output<typeof loginAnswer>> => {
    const { id: userId, username, via } = user;
    const token = await sql.begin(async (tx) => {
      await noteLogin(tx, userId, clock());
      const by = { userId, username, via, ip: request.ip, at: clock() };
      await record(tx, by, { action: 'session.login', id: userId, name: username });
      return makeSessions({ sql: tx, clock }).open(userId, {
        ip: request.ip,
        userAgent: request.headers['user-agent'] ?? null,
      });
    });
    reply.setCookie(SESSION_COOKIE, token, { ...cookie, maxAge: SESSION_MS / 1000 });
    return { access_token: token, token_type: 'bearer' };
  };
}
