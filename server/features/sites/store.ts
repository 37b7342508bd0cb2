import type { ISql } from 'postgres';
import { visible, type Eyes } from '../people/visibility.ts';

export interface Site {
  id: number;
  name: string;
  description: string | null;
  location: string | null;
  /** IANA name. */
  time_zone: string | null;
  tariff_per_kwh: number | null;
  /** ISO 4217. */
  currency: string | null;
  capacity_w: number | null;
  /** For how many miners there is room. */
  places: number | null;
  created_at: Date;
  container_count: number;
}

/** What people say of a site. */
export type SiteFields = Omit<Site, 'id' | 'created_at' | 'container_count'>;

/** Sites in order of name; a limited user sees those in which it has anything, and counts only its own. */
export async function listSites(sql: ISql, eyes: Eyes, id?: number): Promise<Site[]> {
  return sql<Site[]>`
    select sites.id, sites.name, sites.description, sites.location, sites.created_at, sites.time_zone,
           sites.tariff_per_kwh, sites.currency, sites.capacity_w, sites.places,
           count(containers.id)::int as container_count
    from sites left join containers
      on containers.site_id = sites.id and ${visible(sql, eyes, 'containers')}
    where ${visible(sql, eyes, 'sites')} and ${id === undefined ? sql`true` : sql`sites.id = ${id}`}
    group by sites.id
    order by sites.name, sites.id`;
}

/** Undefined when the name is taken. */
export async function insertSite(sql: ISql, site: SiteFields): Promise<Site | undefined> {
  const [row] = await sql<Site[]>`
    insert into sites ${sql({ ...site })}
    on conflict (name) do nothing
    returning *, 0 as container_count`;
  return row;
}

/** What people say of the site, its row locked; undefined: there is none. */
export async function lockSite(tx: ISql, id: number): Promise<SiteFields | undefined> {
  const [row] = await tx<SiteFields[]>`
    select name, description, location, time_zone, tariff_per_kwh, currency, capacity_w, places
    from sites where id = ${id} for update`;
  return row;
}

/** False: another site has that name. */
export async function updateSite(tx: ISql, id: number, site: SiteFields): Promise<boolean> {
  const taken = await tx`select from sites where name = ${site.name} and id <> ${id}`;
  if (taken.length > 0) return false;
  await tx`update sites set ${tx({ ...site })} where id = ${id}`;
  return true;
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

/** Its name; undefined when there is no such site. */
export async function deleteSite(sql: ISql, id: number): Promise<string | undefined> {
  const [row] = await sql<{ name: string }[]>`delete from sites where id = ${id} returning name`;
  return row?.name;
}
