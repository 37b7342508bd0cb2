import type { ISql } from 'postgres';
import type { Role } from './permissions.ts';

export interface ApiToken {
  id: number;
  name: string;
  /** Its public part, as it stands in the token after "hyu_". */
  token_id: string;
  scope: 'read' | 'write';
  role: 'operator' | 'viewer' | null;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

export async function insertApiToken(
  sql: ISql,
  token: {
    userId: number;
    name: string;
    tokenId: string;
    secretSha256: Buffer;
    expiresAt: Date | null;
    scope: 'read' | 'write';
    role: 'operator' | 'viewer' | null;
  },
): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    insert into api_tokens (user_id, name, token_id, secret_sha256, expires_at, scope, role)
    values (${token.userId}, ${token.name}, ${token.tokenId}, ${token.secretSha256}, ${token.expiresAt},
            ${token.scope}, ${token.role})
    returning id`;
  if (!row) throw new Error('INSERT into api_tokens returned no row');
  return row.id;
}

interface FoundToken {
  userId: number;
  username: string;
  role: Role;
  limited: boolean;
  scope: 'read' | 'write';
  /** The token's own role; null: the user's. */
  bound: 'operator' | 'viewer' | null;
  secretSha256: Buffer;
  lastUsedAt: Date | null;
}

/** A live token of an active user, found by its public id; the caller compares the secret. */
export async function findApiToken(
  sql: ISql,
  tokenId: string,
  now: Date,
): Promise<FoundToken | undefined> {
  const [row] = await sql<FoundToken[]>`
    select secret_sha256 as "secretSha256", last_used_at as "lastUsedAt", scope, api_tokens.role as bound,
           users.id as "userId", users.username, users.role,
           users.is_limited or users.role = 'client' as limited
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

/** A user's tokens, the newest first, revoked ones too. */
export async function listApiTokens(sql: ISql, userId: number): Promise<ApiToken[]> {
  return sql<ApiToken[]>`
    select id, name, token_id, scope, role, created_at, expires_at, revoked_at, last_used_at
    from api_tokens where user_id = ${userId} order by id desc`;
}

/** At once. Undefined when the user has no such token; one that is revoked stays so. */
export async function revokeApiToken(
  sql: ISql,
  userId: number,
  id: number,
  now: Date,
): Promise<{ name: string } | undefined> {
  const [row] = await sql<{ name: string }[]>`
    update api_tokens set revoked_at = coalesce(revoked_at, ${now})
    where id = ${id} and user_id = ${userId} returning name`;
  return row;
}
