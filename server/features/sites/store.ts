import type { ISql } from 'postgres';
import { visible, type Eyes } from '../people/visibility.ts';

export interface Site {
  id: number;
  name: string;
  description: string | null;
  location: string | null;
  created_at: Date;
  container_count: number;
}

/** Sites in order of name; a client sees those in which it has a container, and counts only its own. */
export async function listSites(sql: ISql, eyes: Eyes, id?: number): Promise<Site[]> {
  return sql<Site[]>`
    select sites.id, sites.name, sites.description, sites.location, sites.created_at,
           count(containers.id)::int as container_count
    from sites left join containers
      on containers.site_id = sites.id and ${visible(sql, eyes, 'containers.id')}
    where ${id === undefined ? sql`true` : sql`sites.id = ${id}`}
    group by sites.id
    having ${eyes === null ? sql`true` : sql`count(containers.id) > 0`}
    order by sites.name, sites.id`;
}

/** Undefined when the name is taken. */
export async function insertSite(
  sql: ISql,
  site: { name: string; description: string | null; location: string | null },
): Promise<Site | undefined> {
  const [row] = await sql<Site[]>`
    insert into sites (name, description, location)
    values (${site.name}, ${site.description}, ${site.location})
    on conflict (name) do nothing
    returning id, name, description, location, created_at, 0 as container_count`;
  return row;
}

/** What still belongs to the site. */
export async function contentsOfSite(
  sql: ISql,
  id: number,
): Promise<{ containers: number; agents: number; miners: number }> {
  const [row] = await sql<{ containers: number; agents: number; miners: number }[]>`
    select (select count(*)::int from containers where site_id = ${id}) as containers,
           (select count(*)::int from agents where site_id = ${id}) as agents,
           (select count(*)::int from miners where site_id = ${id}) as miners`;
  return row ?? { containers: 0, agents: 0, miners: 0 };
}

/** False when there is no such site. */
export async function deleteSite(sql: ISql, id: number): Promise<boolean> {
  return (await sql`delete from sites where id = ${id}`).count > 0;
}
