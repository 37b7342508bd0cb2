import { createHash, randomBytes } from 'node:crypto';
import type { ISql } from 'postgres';
import type { Caller } from './permissions.ts';
import {
  deleteDeadSessions,
  deleteSessionByToken,
  findSession,
  insertSession,
  listSessions,
  touchSession,
  type Session,
} from './session-store.ts';

/** The name clients of the replaced API know. */
export const SESSION_COOKIE = 'access_token';
const HOUR_MS = 3_600_000;
/** A session unused this long is over … */
const IDLE_MS = 8 * HOUR_MS;
/** … and however much it is used, it does not live longer than this. */
export const SESSION_MS = 24 * HOUR_MS;
/** How exactly the last use is known: writing it on every request would be a write per read. */
const TOUCH_MS = 60_000;

/**
 * Opaque sessions: the token is 32 random bytes (base64url), Postgres has its SHA-256 only, and deleting
 * the row ends it at once. Times are those of `clock`.
 */
export function makeSessions({ sql, clock }: { sql: ISql; clock: () => Date }) {
  const window = () => {
    const now = clock();
    return { now, usedSince: new Date(now.getTime() - IDLE_MS) };
  };
  return {
    /** Sessions that are not over and were used since then are live. */
    window,

    /** Returns the token, which exists nowhere else from then on. Dead sessions of everybody are cleared away. */
    async open(userId: number, from: { ip: string; userAgent: string | null }): Promise<string> {
      const token = randomBytes(32).toString('base64url');
      const at = window();
      await deleteDeadSessions(sql, at);
      await insertSession(sql, {
        userId,
        tokenSha256: sha256(token),
        now: at.now,
        expiresAt: new Date(at.now.getTime() + SESSION_MS),
        ip: from.ip,
        userAgent: from.userAgent?.slice(0, 255) ?? null,
      });
      return token;
    },

    async callerOf(token: string, { byCookie }: { byCookie: boolean }): Promise<Caller | null> {
      const at = window();
      const found = await findSession(sql, sha256(token), at);
      if (!found) return null;
      const { sessionId, lastUsedAt, confirmedAt, ...user } = found;
      if (at.now.getTime() - lastUsedAt.getTime() >= TOUCH_MS)
        await touchSession(sql, sessionId, at.now);
      return { ...user, scope: 'write', session: { id: sessionId, confirmedAt, byCookie } };
    },

    /** The user's live sessions, the one used last first. */
    list(userId: number): Promise<Session[]> {
      return listSessions(sql, userId, window());
    },

    /** Returns whose session it was; undefined: it was none. */
    close(token: string): Promise<{ userId: number; username: string } | undefined> {
      return deleteSessionByToken(sql, sha256(token));
    },
  };
}

function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
