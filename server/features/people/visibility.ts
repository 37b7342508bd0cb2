import type { FastifyRequest } from 'fastify';
import type { Fragment, ISql } from 'postgres';

/** Whose eyes a read looks through: the id of a limited user, who sees what is granted only; null sees all. */
export type Eyes = number | null;

/** On a route behind the guard. */
export function eyesOf(request: FastifyRequest): Eyes {
  return request.caller?.limited === false ? null : (request.caller?.userId ?? 0);
}

/**
 * SQL condition: whether `eyes` may see the site, container, agent or miner of the table's row. A granted site is
 * seen with all that belongs to it; a granted container with its miners, wherever they come from.
 */
export function visible(
  sql: ISql,
  eyes: Eyes,
  table: 'sites' | 'containers' | 'agents' | 'miners',
): Fragment {
  if (eyes === null) return sql`true`;
  const sites = sql`(select site_id from site_grants where user_id = ${eyes})`;
  const containers = sql`(select container_id from container_grants where user_id = ${eyes})`;
  const rules = {
    sites: sql`(sites.id in ${sites}
      or sites.id in (select site_id from containers as granted where granted.id in ${containers}))`,
    containers: sql`(containers.id in ${containers} or containers.site_id in ${sites})`,
    agents: sql`agents.site_id in ${sites}`,
    miners: sql`(miners.container_id in ${containers} or miners.site_id in ${sites} or (miners.site_id is null
      and miners.container_id in (select id from containers as standing where standing.site_id in ${sites})))`,
  };
  return rules[table];
}
