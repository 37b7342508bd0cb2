import type { ISql } from 'postgres';
import type { Role } from './permissions.ts';

/** A user as administrators see it. */
export interface Person {
  id: number;
  username: string;
  email: string | null;
  role: Role;
  is_active: boolean;
  /** Sees only what is granted; always so for a client. */
  limited: boolean;
  sites: { id: number; name: string }[];
  containers: { id: number; name: string }[];
  created_at: Date;
  last_login_at: Date | null;
  /** Live ones. */
  sessions: number;
  tokens: number;
}

/** What of a user can be changed, besides the password. */
export interface PersonFields {
  email: string | null;
  role: Role;
  is_active: boolean;
  limited: boolean;
  site_ids: number[];
  container_ids: number[];
}

/** Users in order of name, or the one of that id. */
export async function listPersons(
  sql: ISql,
  at: { now: Date; usedSince: Date },
  id: number | null = null,
): Promise<Person[]> {
  return sql<Person[]>`
    select id, username, email, role, is_active, is_limited or role = 'client' as limited,
      coalesce((select json_agg(json_build_object('id', sites.id, 'name', sites.name) order by sites.name)
        from site_grants join sites on sites.id = site_id where user_id = users.id), '[]') as sites,
      coalesce((select json_agg(json_build_object('id', c.id, 'name', c.name) order by c.name)
        from container_grants join containers c on c.id = container_id where user_id = users.id), '[]')
        as containers,
      created_at, last_login_at,
      (select count(*)::int from sessions where user_id = users.id
        and expires_at > ${at.now} and last_used_at > ${at.usedSince}) as sessions,
      (select count(*)::int from api_tokens where user_id = users.id and revoked_at is null
        and (expires_at is null or expires_at > ${at.now})) as tokens
    from users where ${id}::int is null or id = ${id}
    order by lower(username), id`;
}

/** What of the user can be changed, its row locked. Undefined: there is none. */
export async function lockPerson(
  tx: ISql,
  id: number,
): Promise<(PersonFields & { username: string }) | undefined> {
  const [row] = await tx<(PersonFields & { username: string })[]>`
    select username, email, role, is_active, is_limited or role = 'client' as limited,
      array(select site_id from site_grants where user_id = users.id order by site_id) as site_ids,
      array(select container_id from container_grants where user_id = users.id order by container_id)
        as container_ids
    from users where id = ${id} for update`;
  return row;
}

/** Administrators who can log in, besides that one; all of them locked, so that two cannot end each other. */
export async function otherAdmins(tx: ISql, id: number): Promise<number> {
  const rows = await tx<{ id: number }[]>`
    select id from users where role = 'admin' and is_active order by id for update`;
  return rows.filter((row) => row.id !== id).length;
}

/** Writes all of it. Throws a foreign key violation when a site or container is not there. */
export async function savePerson(tx: ISql, id: number, fields: PersonFields): Promise<void> {
  const limited = fields.limited && fields.role === 'viewer';
  await tx`
    update users set email = ${fields.email}, role = ${fields.role}, is_active = ${fields.is_active},
      is_limited = ${limited} where id = ${id}`;
  await tx`delete from site_grants where user_id = ${id} and site_id <> all(${fields.site_ids}::int[])`;
  await tx`
    insert into site_grants (user_id, site_id)
    select ${id}::int, unnest(${fields.site_ids}::int[]) on conflict do nothing`;
  await tx`
    delete from container_grants where user_id = ${id} and container_id <> all(${fields.container_ids}::int[])`;
  await tx`
    insert into container_grants (user_id, container_id)
    select ${id}::int, unnest(${fields.container_ids}::int[]) on conflict do nothing`;
}
