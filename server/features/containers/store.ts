import type { ISql } from 'postgres';
import { visible, type Eyes } from '../people/visibility.ts';

export interface Container {
  id: number;
  name: string;
  description: string | null;
  location: string | null;
  site_id: number | null;
  capacity_w: number | null;
  /** For how many miners there is room. */
  places: number | null;
  created_at: Date;
  miner_count: number;
  site_name: string | null;
}

/** What people say of a container. */
export type ContainerFields = Omit<Container, 'id' | 'created_at' | 'miner_count' | 'site_name'>;

/** Containers in order of name; a client sees those granted to it. */
export async function listContainers(sql: ISql, eyes: Eyes, id?: number): Promise<Container[]> {
  return sql<Container[]>`
    select containers.id, containers.name, containers.description, containers.location,
           containers.site_id, containers.capacity_w, containers.places, containers.created_at, sites.name as site_name,
           (select count(*)::int from miners where container_id = containers.id) as miner_count
    from containers left join sites on sites.id = containers.site_id
    where ${id === undefined ? sql`true` : sql`containers.id = ${id}`}
      and ${visible(sql, eyes, 'containers')}
    order by containers.name, containers.id`;
}

/** Undefined when there is no such site. */
export async function insertContainer(
  sql: ISql,
  container: ContainerFields,
): Promise<number | undefined> {
  const [row] = await sql<{ id: number }[]>`
    insert into containers (name, description, location, site_id, capacity_w, places)
    select ${container.name}, ${container.description}, ${container.location}, ${container.site_id}::int,
           ${container.capacity_w}::float8, ${container.places}::int
    where ${container.site_id}::int is null or exists (select from sites where id = ${container.site_id})
    returning id`;
  return row?.id;
}

/** What people say of the container, its row locked; undefined: there is none. */
export async function lockContainer(tx: ISql, id: number): Promise<ContainerFields | undefined> {
  const [row] = await tx<ContainerFields[]>`
    select name, description, location, site_id, capacity_w, places
    from containers where id = ${id} for update`;
  return row;
}

/** "no site": it is not there; "elsewhere": miners of another site stand in the container. */
export async function updateContainer(
  tx: ISql,
  id: number,
  container: ContainerFields,
): Promise<'changed' | 'no site' | 'elsewhere'> {
  const { site_id: siteId } = container;
  const [found] = await tx<{ site: boolean; elsewhere: boolean }[]>`
    select ${siteId}::int is null or exists (select from sites where id = ${siteId}) as site,
           ${siteId}::int is not null and exists (
             select from miners where container_id = ${id} and site_id <> ${siteId}) as elsewhere`;
  if (!found?.site) return 'no site';
  if (found.elsewhere) return 'elsewhere';
  await tx`update containers set ${tx({ ...container })} where id = ${id}`;
  return 'changed';
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
