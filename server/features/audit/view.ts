import type { ISql } from 'postgres';
import type { Actor } from './record.ts';

interface AuditRow {
  id: string;
  at: Date;
  user_id: number | null;
  username: string | null;
  via: Actor['via'];
  action: string;
  object_type: string | null;
  object_id: string | null;
  object_name: string | null;
  before: unknown;
  after: unknown;
  ip: string | null;
}

/** Entries, the newest first; `before`: only those older than that id. */
export async function listEntries(
  sql: ISql,
  filter: {
    action?: string | undefined;
    user_id?: number | undefined;
    object_type?: string | undefined;
    object_id?: string | undefined;
    before?: string | undefined;
    limit: number;
  },
): Promise<AuditRow[]> {
  const { action, user_id, object_type, object_id, before, limit } = filter;
  const all = sql`true`;
  return sql<AuditRow[]>`
    select id, at, user_id, username, via, action, object_type, object_id, object_name, before, after, ip
    from audit_log
    where ${before === undefined ? all : sql`id < ${before}`}
      and ${action === undefined ? all : sql`action = ${action}`}
      and ${user_id === undefined ? all : sql`user_id = ${user_id}`}
      and ${object_type === undefined ? all : sql`object_type = ${object_type}`}
      and ${object_id === undefined ? all : sql`object_id = ${object_id}`}
    order by id desc limit ${limit}`;
}
