import type { preHandlerAsyncHookHandler } from 'fastify';

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

/** Decides who may call a route; made once in app.ts. */
export interface Guard {
  /**
   * A preHandler that lets the named roles pass (`admin` always passes; no names = any logged-in user).
   * Throws Failure `not_logged_in` (401) or `forbidden` (403).
   */
  allow(...roles: Role[]): preHandlerAsyncHookHandler;
}
