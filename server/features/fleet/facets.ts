import type { Fragment, ISql } from 'postgres';
import { siteOfMiner } from '../miners/view.ts';
import type { Eyes } from '../people/visibility.ts';
import { firmwareOf, meant, type FleetFilter } from './filter.ts';
import { fleetTables, stateNow, withAgentsNow } from './tables.ts';

/** A value of a filter, what it is called, and how many of the miners meant have it. */
export interface Facet {
  value: string | number;
  name: string | null;
  count: number;
}

export interface Facets {
  states: Facet[];
  sites: Facet[];
  containers: Facet[];
  agents: Facet[];
  models: Facet[];
  firmwares: Facet[];
  tags: Facet[];
}

/** What the filters could narrow the miners down to. Ids 0 and texts "": they have none. */
export async function readFacets(
  sql: ISql,
  eyes: Eyes,
  filter: FleetFilter,
  now: Date,
): Promise<Facets> {
  // Made JSON after counting, and names compared by bytes: both are dear for each of ten thousand rows.
  const facet = (name: keyof Facets, value: Fragment, label: Fragment) => sql`
    select ${name} as facet, to_jsonb(value) as value, name, count
    from (select ${value} as value, min(${label} collate "C") as name, count(*)::int as count
      from matching group by 1) as counted`;
  const rows = await sql<(Facet & { facet: keyof Facets })[]>`
    ${withAgentsNow(sql, now, eyes)}, matching as materialized (
      select coalesce(${siteOfMiner(sql)}, 0) as site_id, sites.name as site, coalesce(miners.container_id, 0) as container_id,
        containers.name as container, coalesce(agents_now.seen_id, 0) as agent_id, agents_now.name as agent,
        coalesce(miners.model, '') as model, concat_ws(' ', miners.manufacturer, miners.model) as model_name,
        ${firmwareOf(sql)} as firmware, ${stateNow(sql)} as state, miners.tags
      from ${fleetTables(sql)} where ${meant(sql, eyes, filter)}
    )
    ${facet('states', sql`state`, sql`state`)}
    union all ${facet('sites', sql`site_id`, sql`site`)}
    union all ${facet('containers', sql`container_id`, sql`container`)}
    union all ${facet('agents', sql`agent_id`, sql`agent`)}
    union all ${facet('models', sql`model`, sql`model_name`)}
    union all ${facet('firmwares', sql`firmware`, sql`firmware`)}
    union all select 'tags', to_jsonb(tag), tag, count(*)::int from matching, unnest(tags) as tag group by tag
    order by 4 desc, 3`;
  const facets: Facets = {
    states: [],
    sites: [],
    containers: [],
    agents: [],
    models: [],
    firmwares: [],
    tags: [],
  };
  for (const { facet: name, ...one } of rows) facets[name].push(one);
  return facets;
}
