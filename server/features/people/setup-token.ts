import { createHash, randomBytes } from 'node:crypto';
import type { Sql, TransactionSql } from 'postgres';

const HOUR_MS = 3_600_000;

/** Whether the first administrator can be made: `closed` needs another token, `done` is for ever. */
export type SetupState = 'open' | 'closed' | 'done';

/**
 * While there is no user: a new token (64 hex digits, good for an hour, shown once) that makes the first
 * administrator. Null once there is a user. Each server on the same database offers its own; all of them work.
 */
export async function offerSetup(sql: Sql, now: Date): Promise<string | null> {
  const token = randomBytes(32).toString('hex');
  await sql`delete from setup_tokens where expires_at <= ${now} or exists (select from users)`;
  const made = await sql`
    insert into setup_tokens (token_sha256, expires_at)
    select ${sha256(token)}::bytea, ${new Date(now.getTime() + HOUR_MS)}::timestamptz
    where not exists (select from users)`;
  return made.count === 1 ? token : null;
}

/** `token` undefined: only asked whether there is a user, and whether any token is live. */
export async function setupState(sql: Sql, now: Date, token?: string): Promise<SetupState> {
  const [row] = await sql<{ done: boolean; open: boolean }[]>`
    select exists (select from users) as done,
           exists (select from setup_tokens where expires_at > ${now}
             ${token === undefined ? sql`` : sql`and token_sha256 = ${sha256(token)}`}) as open`;
  if (row?.done !== false) return 'done';
  return row.open ? 'open' : 'closed';
}

/**
 * Makes the first administrator and ends every token. Undefined when there is a user already: of any number of
 * calls at once, on any number of servers, one gets an id. `made` runs in the transaction that makes it.
 */
export async function createFirstAdmin(
  sql: Sql,
  user: { username: string; passwordHash: string },
  made: (tx: TransactionSql, id: number) => Promise<void>,
): Promise<number | undefined> {
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended('first administrator', 0))`;
    const [row] = await tx<{ id: number }[]>`
      insert into users (username, role, password_hash)
      select ${user.username}, 'admin', ${user.passwordHash}
      where not exists (select from users)
      returning id`;
    if (!row) return undefined;
    await tx`delete from setup_tokens`;
    await made(tx, row.id);
    return row.id;
  });
}

function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
