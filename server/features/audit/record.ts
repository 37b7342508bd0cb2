import type { FastifyRequest } from 'fastify';
import type { ISql } from 'postgres';

/** Everything the audit log speaks of, as "object.deed". */
export type AuditAction =
  | 'session.login'
  | 'session.login_failed'
  | 'session.logout'
  | 'session.confirm_failed'
  | 'session.end'
  | 'user.create'
  | 'user.change'
  | 'user.password'
  | 'user.grant'
  | 'user.ungrant'
  | 'token.create'
  | 'token.revoke'
  | 'site.create'
  | 'site.change'
  | 'site.delete'
  | 'container.create'
  | 'container.change'
  | 'container.delete'
  | 'pool.create'
  | 'pool.delete'
  | 'agent.register'
  | 'agent.change'
  | 'agent.move'
  | 'agent.retire'
  | 'agent.restore'
  | 'agent.key_add'
  | 'agent.key_revoke'
  | 'miner.create'
  | 'miner.change'
  | 'miner.merge'
  | 'miner.retire'
  | 'miner.restore'
  | 'miner.delete'
  | 'problem.acknowledge'
  | 'problem.unacknowledge'
  | 'quarantine.reinject';

/** Who does something, how, from where, when. */
export interface Actor {
  /** null: nobody who is known. */
  userId: number | null;
  username: string | null;
  via: 'login' | 'session' | 'token' | 'setup' | 'command line';
  ip: string | null;
  at: Date;
}

export interface AuditEntry {
  action: AuditAction;
  /** What it was done to; the part of the action before the dot says what kind of thing. */
  id?: number | string;
  name?: string;
  /** What was changed, and nothing else; never a secret. */
  before?: object;
  after?: object;
}

/** Whoever speaks in a request behind the guard. */
export function actorOf(request: FastifyRequest, at: Date): Actor {
  const { caller, ip } = request;
  if (caller === null) throw new Error('The route is not behind the guard');
  const via = caller.session === null ? 'token' : 'session';
  return { userId: caller.userId, username: caller.username, via, ip, at };
}

/** Whoever may run commands on the server. */
export function commandLine(): Actor {
  return { userId: null, username: null, via: 'command line', ip: null, at: new Date() };
}

/** Writes an entry; within the transaction of what it tells of, so that neither is there without the other. */
export async function record(tx: ISql, by: Actor, entry: AuditEntry): Promise<void> {
  const { action, id = null, name = null, before = null, after = null } = entry;
  await tx`
    insert into audit_log (at, user_id, username, via, action, object_type, object_id, object_name, before, after, ip)
    values (${by.at}, ${by.userId}, ${by.username && storable(by.username)}, ${by.via}, ${action},
            ${action.split('.')[0] ?? action}, ${id === null ? null : String(id)}, ${name && storable(name)},
            ${json(before)}::text::jsonb, ${json(after)}::text::jsonb, ${by.ip})`;
}

/** The same deed done to many things, each with an entry of its own. */
export async function recordMany(
  tx: ISql,
  by: Actor,
  action: AuditAction,
  entries: readonly Omit<AuditEntry, 'action'>[],
): Promise<void> {
  await tx`
    insert into audit_log (at, user_id, username, via, action, object_type, object_id, object_name, before, after, ip)
    select ${by.at}::timestamptz, ${by.userId}::int, ${by.username}::text, ${by.via}, ${action},
           ${action.split('.')[0] ?? action}, id, name, before, after, ${by.ip}::text
    from json_to_recordset(${json(entries)}::text::json)
      as x (id text, name text, before jsonb, after jsonb)`;
}

/** Of two states of a thing the fields that differ; null: none does. */
export function difference<Thing extends object>(
  was: Thing,
  is: Thing,
): { before: Partial<Thing>; after: Partial<Thing> } | null {
  const before: Partial<Thing> = {};
  const after: Partial<Thing> = {};
  for (const key of Object.keys(is) as (keyof Thing)[]) {
    if (JSON.stringify(was[key]) === JSON.stringify(is[key])) continue;
    before[key] = was[key];
    after[key] = is[key];
  }
  return Object.keys(after).length > 0 ? { before, after } : null;
}

/** With nothing in it that Postgres refuses in a jsonb. */
function json(value: object | null): string | null {
  if (value === null) return null;
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? withoutUnstorable(part) : part,
  );
}

/** Names people try to log in with may hold anything. */
function storable(text: string): string {
  return withoutUnstorable(text).slice(0, 255);
}

/** Postgres takes neither NUL nor half characters. */
function withoutUnstorable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}
