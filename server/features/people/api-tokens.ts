import type { ISql } from 'postgres';
import { makeToken, parseToken, secretMatches } from '../../secret-token.ts';
import type { Caller, Role } from './permissions.ts';
import { findApiToken, insertApiToken, touchApiToken } from './token-store.ts';

const TOUCH_MS = 60_000;

/** How much a role may do, for comparing: a token never does more than its user. */
const RANK: Readonly<Record<Role, number>> = {
  admin: 3,
  operator: 2,
  viewer: 1,
  accountant: 1,
  client: 0,
};

/** What a token may be bound to: roles below the user's own. */
export function mayBind(user: Role, bound: Role): boolean {
  return RANK[bound] < RANK[user];
}

/** Makes a token that speaks for the user; the text returned is shown once and stored nowhere. */
export async function createApiToken(
  sql: ISql,
  token: {
    userId: number;
    name: string;
    expiresAt: Date | null;
    scope?: 'read' | 'write';
    role?: 'operator' | 'viewer' | null;
  },
): Promise<{ id: number; tokenId: string; token: string }> {
  const made = makeToken('hyu');
  const id = await insertApiToken(sql, {
    scope: 'write',
    role: null,
    ...token,
    tokenId: made.id,
    secretSha256: made.secretSha256,
  });
  return { id, tokenId: made.id, token: made.token };
}

/** Who an API token speaks for; null when it is unknown, wrong, expired or revoked, or the user is inactive. */
export async function callerOfApiToken(sql: ISql, text: string, now: Date): Promise<Caller | null> {
  const key = parseToken('hyu', text);
  if (!key) return null;
  const found = await findApiToken(sql, key.id, now);
  if (!found || !secretMatches(key.secretSha256, found.secretSha256)) return null;
  const { lastUsedAt, userId, username, limited, scope, bound } = found;
  if (!lastUsedAt || now.getTime() - lastUsedAt.getTime() >= TOUCH_MS)
    await touchApiToken(sql, key.id, now);
  // Of a user who was made less than the token's bound since, the user's own role counts.
  const role = bound !== null && mayBind(found.role, bound) ? bound : found.role;
  return { userId, username, role, limited, scope, session: null };
}
