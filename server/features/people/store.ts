import type { ISql } from 'postgres';
import type { Caller, Role } from './guard.ts';

export interface User {
  id: number;
  username: string;
  email: string | null;
  role: Role;
  is_active: boolean;
  created_at: Date;
}

/** The user of that name, any case, with the password hash; inactive users too. */
export async function findLogin(
  sql: ISql,
  username: string,
): Promise<{ id: number; isActive: boolean; passwordHash: string } | undefined> {
  const [row] = await sql<{ id: number; isActive: boolean; passwordHash: string }[]>`
    select id, is_active as "isActive", password_hash as "passwordHash"
    from users where lower(username) = lower(${username})`;
  return row;
}

export async function findUser(sql: ISql, id: number): Promise<User | undefined> {
  const [row] = await sql<User[]>`
    select id, username, email, role, is_active, created_at from users where id = ${id}`;
  return row;
}

export async function listUsers(sql: ISql): Promise<User[]> {
  return sql<
    User[]
  >`select id, username, email, role, is_active, created_at from users order by id`;
}

/** Undefined when the name is taken, in any case of its letters. */
export async function insertUser(
  sql: ISql,
  user: { username: string; role: Role; passwordHash: string },
): Promise<number | undefined> {
  const [row] = await sql<{ id: number }[]>`
    insert into users (username, role, password_hash)
    values (${user.username}, ${user.role}, ${user.passwordHash})
    on conflict (lower(username)) do nothing
    returning id`;
  return row?.id;
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
    insert into sessions (user_id, token_sha256, created_at, confirmed_at, last_used_at, expires_at, ip, user_agent)
    values (${session.userId}, ${session.tokenSha256}, ${session.now}, ${session.now}, ${session.now},
            ${session.expiresAt}, ${session.ip}, ${session.userAgent})`;
}

/** Who a live session belongs to. `usedSince`: a session idle since before that is dead. */
export async function findSession(
  sql: ISql,
  tokenSha256: Buffer,
  at: { now: Date; usedSince: Date },
): Promise<(Caller & { sessionId: number; lastUsedAt: Date }) | undefined> {
  const [row] = await sql<(Caller & { sessionId: number; lastUsedAt: Date })[]>`
    select sessions.id as "sessionId", sessions.last_used_at as "lastUsedAt",
           users.id as "userId", users.username, users.role
    from sessions join users on users.id = sessions.user_id
    where token_sha256 = ${tokenSha256} and users.is_active
      and expires_at > ${at.now} and last_used_at > ${at.usedSince}`;
  return row;
}

export async function touchSession(sql: ISql, sessionId: number, now: Date): Promise<void> {
  await sql`update sessions set last_used_at = greatest(last_used_at, ${now}) where id = ${sessionId}`;
}

export async function deleteSession(sql: ISql, tokenSha256: Buffer): Promise<void> {
  await sql`delete from sessions where token_sha256 = ${tokenSha256}`;
}

export async function deleteDeadSessions(
  sql: ISql,
  at: { now: Date; usedSince: Date },
): Promise<void> {
  await sql`delete from sessions where expires_at <= ${at.now} or last_used_at <= ${at.usedSince}`;
}

export async function insertApiToken(
  sql: ISql,
  token: {
    userId: number;
    name: string;
    tokenId: string;
    secretSha256: Buffer;
    expiresAt: Date | null;
  },
): Promise<void> {
  await sql`
    insert into api_tokens (user_id, name, token_id, secret_sha256, expires_at)
    values (${token.userId}, ${token.name}, ${token.tokenId}, ${token.secretSha256}, ${token.expiresAt})`;
}

/** A live token of an active user, found by its public id; the caller compares the secret. */
export async function findApiToken(
  sql: ISql,
  tokenId: string,
  now: Date,
): Promise<(Caller & { secretSha256: Buffer; lastUsedAt: Date | null }) | undefined> {
  const [row] = await sql<(Caller & { secretSha256: Buffer; lastUsedAt: Date | null })[]>`
    select secret_sha256 as "secretSha256", last_used_at as "lastUsedAt",
           users.id as "userId", users.username, users.role
    from api_tokens join users on users.id = api_tokens.user_id
    where token_id = ${tokenId} and users.is_active and revoked_at is null
      and (expires_at is null or expires_at > ${now})`;
  return row;
}

export async function touchApiToken(sql: ISql, tokenId: string, now: Date): Promise<void> {
  await sql`
    update api_tokens set last_used_at = greatest(coalesce(last_used_at, ${now}), ${now})
    where token_id = ${tokenId}`;
}

/** Grants, and says what came of it. Granting twice is granting once. */
export async function grantContainer(
  sql: ISql,
  userId: number,
  containerId: number,
): Promise<'granted' | 'granted before' | 'no user' | 'no container'> {
  const [row] = await sql<{ user: boolean; container: boolean; added: boolean }[]>`
    with pair as (
      select users.id as user_id, containers.id as container_id from users, containers
      where users.id = ${userId} and containers.id = ${containerId}
    ), added as (
      insert into container_grants (user_id, container_id) select * from pair on conflict do nothing
      returning user_id
    )
    select exists (select from users where id = ${userId}) as "user",
           exists (select from containers where id = ${containerId}) as container,
           exists (select from added) as added`;
  if (!row?.user) return 'no user';
  if (!row.container) return 'no container';
  return row.added ? 'granted' : 'granted before';
}

/** False when there was nothing to take back. */
export async function revokeContainer(
  sql: ISql,
  userId: number,
  containerId: number,
): Promise<boolean> {
  const result = await sql`
    delete from container_grants where user_id = ${userId} and container_id = ${containerId}`;
  return result.count > 0;
}
