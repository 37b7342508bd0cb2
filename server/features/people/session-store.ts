import type { ISql } from 'postgres';
import type { Role } from './permissions.ts';

export interface Session {
  id: number;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
  /** When the password was last given in it. */
  confirmed_at: Date;
  ip: string | null;
  user_agent: string | null;
}

export async function insertSession(
  sql: ISql,
  session: {
    userId: number;
    tokenSha256: Buffer;
    now: Date;
    expiresAt: Date;
    ip: string;
    userAgent: string | null;
  },
): Promise<void> {
  await sql`
    insert into sessions (user_id, token_sha256, created_at, last_used_at, confirmed_at, expires_at, ip, user_agent)
    values (${session.userId}, ${session.tokenSha256}, ${session.now}, ${session.now}, ${session.now},
            ${session.expiresAt}, ${session.ip}, ${session.userAgent})`;
}

interface FoundSession {
  sessionId: number;
  lastUsedAt: Date;
  confirmedAt: Date;
  userId: number;
  username: string;
  role: Role;
  limited: boolean;
}

/** Who a live session belongs to. `usedSince`: a session idle since before that is dead. */
export async function findSession(
  sql: ISql,
  tokenSha256: Buffer,
  at: { now: Date; usedSince: Date },
): Promise<FoundSession | undefined> {
  const [row] = await sql<FoundSession[]>`
    select sessions.id as "sessionId", sessions.last_used_at as "lastUsedAt",
           sessions.confirmed_at as "confirmedAt", users.id as "userId", users.username, users.role,
           users.is_limited or users.role = 'client' as limited
    from sessions join users on users.id = sessions.user_id
    where token_sha256 = ${tokenSha256} and users.is_active
      and expires_at > ${at.now} and last_used_at > ${at.usedSince}`;
  return row;
}

export async function touchSession(sql: ISql, sessionId: number, now: Date): Promise<void> {
  await sql`update sessions set last_used_at = greatest(last_used_at, ${now}) where id = ${sessionId}`;
}

/** Its user has given the password again. */
export async function confirmSession(sql: ISql, sessionId: number, now: Date): Promise<void> {
  await sql`update sessions set confirmed_at = ${now} where id = ${sessionId}`;
}

/** The live sessions of a user, the one used last first. */
export async function listSessions(
  sql: ISql,
  userId: number,
  at: { now: Date; usedSince: Date },
): Promise<Session[]> {
  return sql<Session[]>`
    select id, created_at, last_used_at, expires_at, confirmed_at, ip, user_agent from sessions
    where user_id = ${userId} and expires_at > ${at.now} and last_used_at > ${at.usedSince}
    order by last_used_at desc, id desc`;
}

/** Whose session it was; undefined when there was none. */
export async function deleteSessionByToken(
  sql: ISql,
  tokenSha256: Buffer,
): Promise<{ userId: number; username: string } | undefined> {
  const [row] = await sql<{ userId: number; username: string }[]>`
    delete from sessions using users where users.id = user_id and token_sha256 = ${tokenSha256}
    returning users.id as "userId", username`;
  return row;
}

/** Ends the user's sessions, all or those that `which` leaves; returns how many. */
export async function deleteSessions(
  sql: ISql,
  userId: number,
  which: { only?: number; except?: number | undefined } = {},
): Promise<number> {
  const { only = null, except = null } = which;
  const gone = await sql`
    delete from sessions where user_id = ${userId} and (${only}::int is null or id = ${only})
      and (${except}::int is null or id <> ${except})`;
  return gone.count;
}

export async function deleteDeadSessions(
  sql: ISql,
  at: { now: Date; usedSince: Date },
): Promise<void> {
  await sql`delete from sessions where expires_at <= ${at.now} or last_used_at <= ${at.usedSince}`;
}
