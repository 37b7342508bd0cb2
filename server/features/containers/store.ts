import type { ISql } from 'postgres';
import { visible, type Eyes } from '../people/visibility.ts';

export interface Container {
  id: number;
  name: string;
  description: string | null;
  location: string | null;
  site_id: number | null;
  created_at: Date;
  miner_count: number;
  site_name: string | null;
}

/** Containers in order of name; a client sees those granted to it. */
export async function listContainers(sql: ISql, eyes: Eyes, id?: number): Promise<Container[]> {
  return sql<Container[]>`
    select containers.id, containers.name, containers.description, containers.location,
           containers.site_id, containers.created_at, sites.name as site_name,
           (select count(*)::int from miners where container_id = containers.id) as miner_count
    from containers left join sites on sites.id = containers.site_id
    where ${id === undefined ? sql`true` : sql`containers.id = ${id}`}
      and ${visible(sql, eyes, 'containers.id')}
    order by containers.name, containers.id`;
}

/** Undefined when there is no such site. */
export async function insertContainer(
  sql: ISql,
  container: {
    name: string;
    description: string | null;
    location: string | null;
    site_id: number | null;
  },
): Promise<number | undefined> {
  const [row] = await sql<{ id: number }[]>`
    insert into containers (name, description, location, site_id)
    select ${container.name}, ${container.description}, ${container.location}, ${container.site_id}::int
    where ${container.site_id}::int is null or exists (select from sites where id = ${container.site_id})
    returning id`;
  return row?.id;
}

/** "absent", or "full" while miners stand in it. */
export async function deleteContainer(
  sql: ISql,
  id: number,
): Promise<'deleted' | 'absent' | 'full'> {
  const [row] = await sql<{ found: boolean; deleted: boolean }[]>`
    with gone as (
      delete from containers
      where id = ${id} and not exists (select from miners where container_id = ${id})
      returning id
    )
    select exists (select from containers where id = ${id}) as found,
           exists (select from gone) as deleted`;
  if (row?.deleted) return 'deleted';
  return row?.found ? 'full' : 'absent';
}
