import type { ISql, Sql, TransactionSql } from 'postgres';
import { Failure } from '../../failures.ts';
import { makeToken, parseToken, secretMatches } from '../../secret-token.ts';

/** Enough for a rotation: the old key serves until the new one is in place. */
const LIVE_KEYS = 2;

/** An agent as its key proves it. */
export interface KnownAgent {
  id: number;
  name: string;
  siteId: number | null;
  description: string | null;
  createdAt: Date;
}

/** Adds a key to an agent and returns it; it is shown this once. Throws `not_found` and `too_many_keys`. */
export async function addAgentKey(
  sql: Sql | TransactionSql,
  agentId: number,
  createdBy: number | null,
): Promise<{ id: number; keyId: string; token: string; createdAt: Date }> {
  const { token, id: keyId, secretSha256 } = makeToken('hy');
  // The agent's row is locked, so that two requests at once cannot both add the last key allowed.
  const [state] = await sql<{ live: number }[]>`
    WITH agent AS (SELECT id FROM agents WHERE id = ${agentId} FOR UPDATE)
    SELECT (SELECT count(*)::int FROM agent_keys k WHERE k.agent_id = agent.id AND revoked_at IS NULL) AS live
    FROM agent`;
  if (!state) throw new Failure('not_found', `No agent ${agentId}`);
  if (state.live >= LIVE_KEYS) {
    throw new Failure(
      'too_many_keys',
      `Agent ${agentId} has ${state.live} live keys; revoke one it no longer uses first`,
    );
  }
  const [key] = await sql<{ id: number; createdAt: Date }[]>`
    INSERT INTO agent_keys (agent_id, key_id, secret_sha256, created_by)
    VALUES (${agentId}, ${keyId}, ${secretSha256}, ${createdBy})
    RETURNING id, created_at AS "createdAt"`;
  if (!key) throw new Error('INSERT into agent_keys returned no row');
  return { ...key, keyId, token };
}

/** Revokes a key at once; its next request is refused. Returns its public part. Throws `not_found`. */
export async function revokeAgentKey(sql: ISql, agentId: number, id: number): Promise<string> {
  const [row] = await sql<{ keyId: string }[]>`
    UPDATE agent_keys SET revoked_at = coalesce(revoked_at, now())
    WHERE id = ${id} AND agent_id = ${agentId} RETURNING key_id AS "keyId"`;
  if (!row) throw new Failure('not_found', `Agent ${agentId} has no key ${id}`);
  return row.keyId;
}

interface AgentKey {
  id: number;
  /** Its public part. */
  key_id: string;
  created_at: Date;
  created_by: string | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

/** The keys of an agent, the newest first, revoked ones too. */
export async function listAgentKeys(sql: ISql, agentId: number): Promise<AgentKey[]> {
  return sql<AgentKey[]>`
    SELECT k.id, k.key_id, k.created_at, u.username AS created_by, k.revoked_at, k.last_used_at
    FROM agent_keys k LEFT JOIN users u ON u.id = k.created_by
    WHERE k.agent_id = ${agentId} ORDER BY k.id DESC`;
}

/** The agent has been heard of. */
export async function noteSeen(sql: Sql, agentId: number, now: Date): Promise<void> {
  await sql`UPDATE agents SET last_seen_at = greatest(last_seen_at, ${now}) WHERE id = ${agentId}`;
}

/**
 * The active agent a presented key belongs to; null for any text that is no live key. Asked on every request,
 * so that a revoked key is refused by the next one. Throws the database's error: no answer is not a "no".
 */
export async function agentOfKey(sql: Sql, text: string): Promise<KnownAgent | null> {
  const presented = parseToken('hy', text);
  if (!presented) return null;
  const [row] = await sql<(KnownAgent & { secret: Uint8Array; live: boolean; idle: boolean })[]>`
    SELECT a.id, a.name, a.site_id AS "siteId", a.description, a.created_at AS "createdAt",
           k.secret_sha256 AS secret,
           k.revoked_at IS NULL AND a.is_active AS live,
           coalesce(k.last_used_at < now() - interval '1 minute', true) AS idle
    FROM agent_keys k JOIN agents a ON a.id = k.agent_id
    WHERE k.key_id = ${presented.id}`;
  const matches = secretMatches(presented.secretSha256, row?.secret);
  if (!row || !matches || !row.live) return null;
  if (row.idle) {
    await sql`UPDATE agent_keys SET last_used_at = now() WHERE key_id = ${presented.id}`;
  }
  const { id, name, siteId, description, createdAt } = row;
  return { id, name, siteId, description, createdAt };
}
