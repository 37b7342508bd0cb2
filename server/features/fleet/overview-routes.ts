import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { id, refusals, time, toIso } from '../../http/answers.ts';
import { listAgents, type AgentView } from '../agents/view.ts';
import { listContainers } from '../containers/store.ts';
import { eyesOf, type Eyes } from '../people/visibility.ts';
import { countsAnswer, problemAnswer, problemOf } from '../problems/routes.ts';
import { countProblems, listProblems } from '../problems/view.ts';
import { listSites } from '../sites/store.ts';
import { label } from './answers.ts';
import { readTotals, totalsAnswer, totalsIn } from './totals.ts';

const count = z.number().int();
const NEWEST = 10;

const overviewAnswer = z.object({
  at: time,
  totals: totalsAnswer,
  /** Hashrates of different algorithms do not add up. */
  algorithms: z.array(z.object({ algorithm: label, totals: totalsAnswer })),
  sites: z.array(
    z.object({
      /** null: of no site. */
      id: id.nullable(),
      name: label,
      agents: count,
      silent_agents: count,
      totals: totalsAnswer,
    }),
  ),
  agents: z.object({ total: count, silent: count }),
  silent_agents: z.array(
    z.object({
      id,
      name: z.string(),
      site_id: id.nullable(),
      site_name: label,
      /** null: never. */
      last_seen: time.nullable(),
      miner_count: count,
    }),
  ),
  problems: z.object({
    open: count,
    unacknowledged: count,
    by_cause: countsAnswer,
    newest: z.array(problemAnswer),
  }),
});

const measure = z.number().nullable();
const sitesAnswer = z.array(
  z.object({
    /** null: what belongs to no site. */
    id: id.nullable(),
    name: label,
    description: label,
    location: label,
    time_zone: label,
    tariff_per_kwh: measure,
    currency: label,
    capacity_w: measure,
    places: count.nullable(),
    created_at: time.nullable(),
    agents: count,
    silent_agents: count,
    totals: totalsAnswer,
    containers: z.array(
      z.object({
        id,
        name: z.string(),
        description: label,
        location: label,
        capacity_w: measure,
        places: count.nullable(),
        created_at: time,
        totals: totalsAnswer,
      }),
    ),
  }),
);

/** The state of everything the caller may see, and of each site. */
export function overviewRoutes({ sql, clock }: Deps): FastifyPluginAsyncZod {
  const readAll = async (eyes: Eyes, now: Date) => {
    const [groups, sites, agents] = await Promise.all([
      readTotals(sql, eyes, now),
      listSites(sql, eyes),
      listAgents(sql, now, null, eyes),
    ]);
    const active = agents.filter((agent) => agent.is_active);
    const ofSite = (siteId: number | null) => ({
      ...agentsOf(active, siteId),
      totals: totalsIn(groups.find((group) => group.site && group.site_id === (siteId ?? 0))),
    });
    const loose = ofSite(null);
    return { groups, sites, active, ofSite, loose: loose.agents + loose.totals.miners > 0 };
  };

  return async (app) => {
    app.get(
      '/api/fleet',
      {
        schema: {
          tags: ['fleet'],
          summary:
            'Everything at a glance: states, TH/s against expected, W, J/TH, sites, silence, problems',
          response: { 200: overviewAnswer, ...refusals },
        },
      },
      async (request) => {
        const eyes = eyesOf(request);
        const now = clock();
        const [{ groups, sites, active, ofSite, loose }, counts, newest] = await Promise.all([
          readAll(eyes, now),
          countProblems(sql, eyes, {}),
          listProblems(sql, eyes, {}, { offset: 0, limit: NEWEST }),
        ]);
        const silent = active.filter((agent) => agent.silent);
        return {
          at: now.toISOString(),
          totals: totalsIn(groups.find((one) => !one.site && !one.container && !one.by_algorithm)),
          algorithms: groups
            .filter((group) => group.by_algorithm)
            .map((group) => ({ algorithm: group.algorithm, totals: totalsIn(group) })),
          sites: [
            ...sites.map(({ id: siteId, name }) =>
              Object.assign(ofSite(siteId), { id: siteId, name }),
            ),
            ...(loose ? [{ id: null, name: null, ...ofSite(null) }] : []),
          ],
          agents: { total: active.length, silent: silent.length },
          silent_agents: silent.map((agent) => ({
            id: agent.id,
            name: agent.name,
            site_id: agent.site_id,
            site_name: agent.site_name,
            last_seen: toIso(agent.last_seen),
            miner_count: agent.miner_count,
          })),
          problems: {
            open: counts.reduce((sum, { open }) => sum + open, 0),
            unacknowledged: counts.reduce((sum, { unacknowledged }) => sum + unacknowledged, 0),
            by_cause: counts,
            newest: newest.map(problemOf),
          },
        };
      },
    );

    app.get(
      '/api/fleet/sites',
      {
        schema: {
          tags: ['fleet'],
          summary: 'Sites with their containers, and what is in them',
          response: { 200: sitesAnswer, ...refusals },
        },
      },
      async (request) => {
        const eyes = eyesOf(request);
        const [{ groups, sites, ofSite, loose }, containers] = await Promise.all([
          readAll(eyes, clock()),
          listContainers(sql, eyes),
        ]);
        const containersOf = (siteId: number | null) =>
          containers
            .filter((container) => container.site_id === siteId)
            .map(
              ({
                id: containerId,
                name,
                description,
                location,
                capacity_w,
                places,
                created_at,
              }) => ({
                id: containerId,
                name,
                description,
                location,
                capacity_w,
                places,
                created_at: created_at.toISOString(),
                totals: totalsIn(
                  groups.find((group) => group.container && group.container_id === containerId),
                ),
              }),
            );
        const none = containersOf(null);
        return [
          ...sites.map((site) =>
            Object.assign(ofSite(site.id), {
              id: site.id,
              name: site.name,
              description: site.description,
              location: site.location,
              time_zone: site.time_zone,
              tariff_per_kwh: site.tariff_per_kwh,
              currency: site.currency,
              capacity_w: site.capacity_w,
              places: site.places,
              created_at: site.created_at.toISOString(),
              containers: containersOf(site.id),
            }),
          ),
          ...(loose || none.length > 0 ? [{ ...NO_SITE, ...ofSite(null), containers: none }] : []),
        ];
      },
    );
  };
}

const NO_SITE = {
  id: null,
  name: null,
  description: null,
  location: null,
  time_zone: null,
  tariff_per_kwh: null,
  currency: null,
  capacity_w: null,
  places: null,
  created_at: null,
};

function agentsOf(agents: readonly AgentView[], siteId: number | null) {
  const here = agents.filter((agent) => agent.site_id === siteId);
  return { agents: here.length, silent_agents: here.filter((agent) => agent.silent).length };
}
