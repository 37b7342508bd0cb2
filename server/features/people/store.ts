import type { ISql } from 'postgres';
import type { Role } from './permissions.ts';

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

/** The user has logged in. */
export async function noteLogin(sql: ISql, id: number, now: Date): Promise<void> {
  await sql`update users set last_login_at = ${now} where id = ${id}`;
}

export async function setPassword(sql: ISql, id: number, passwordHash: string): Promise<void> {
  await sql`update users set password_hash = ${passwordHash} where id = ${id}`;
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
