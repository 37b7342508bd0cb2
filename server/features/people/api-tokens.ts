import type { ISql } from 'postgres';
import { makeToken, parseToken, secretMatches } from '../../secret-token.ts';
import type { Caller } from './guard.ts';
import { findApiToken, insertApiToken, touchApiToken } from './store.ts';

const TOUCH_MS = 60_000;

/** Makes a token that speaks for the user; the text returned is shown once and stored nowhere. */
export async function createApiToken(
  sql: ISql,
  token: { userId: number; name: string; expiresAt: Date | null },
): Promise<string> {
  const made = makeToken('hyu');
  await insertApiToken(sql, { ...token, tokenId: made.id, secretSha256: made.secretSha256 });
  return made.token;
}

/** Who an API token speaks for; null when it is unknown, wrong, expired or revoked, or the user is inactive. */
export async function callerOfApiToken(sql: ISql, text: string, now: Date): Promise<Caller | null> {
  const key = parseToken('hyu', text);
  if (!key) return null;
  const found = await findApiToken(sql, key.id, now);
  if (!found || !secretMatches(key.secretSha256, found.secretSha256)) return null;
  const { secretSha256: _, lastUsedAt, ...caller } = found;
  if (!lastUsedAt || now.getTime() - lastUsedAt.getTime() >= TOUCH_MS)
    await touchApiToken(sql, key.id, now);
  return caller;
}
