import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idParams, message, name, note, refusals, time } from '../../http/answers.ts';
import { eyesOf } from '../people/visibility.ts';
import { contentsOfSite, deleteSite, insertSite, listSites, type Site } from './store.ts';

const siteAnswer = z
  .object({
    id,
    name: z.string(),
    description: z.string().nullable(),
    location: z.string().nullable(),
    created_at: time,
    container_count: z.number().int(),
  })
  .meta({ id: 'Site' });

const siteBody = z.object({ name, description: note, location: note });

/** Sites: where containers stand and agents run. */
export function siteRoutes({ sql, guard }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/sites',
      {
        onRequest: guard.allow(),
        schema: {
          tags: ['inventory'],
          summary: 'Sites; a client sees those of its containers',
          response: { 200: z.array(siteAnswer), ...refusals },
        },
      },
      async (request) => (await listSites(sql, eyesOf(request))).map(answerOf),
    );

    app.post(
      '/api/sites',
      {
        onRequest: guard.allow('admin'),
        config: { forbidden: 'Only administrators can create sites' },
        schema: {
          tags: ['inventory'],
          summary: 'Add a site; names are unique',
          body: siteBody,
          response: { 200: siteAnswer, ...refusals },
        },
      },
      async (request) => {
        const site = await insertSite(sql, request.body);
        if (!site) {
          throw new Failure('name_taken', 'Site with this name already exists');
        }
        return answerOf(site);
      },
    );

    app.get(
      '/api/sites/:id',
      {
        onRequest: guard.allow(),
        schema: {
          tags: ['inventory'],
          summary: 'One site',
          params: idParams,
          response: { 200: siteAnswer, ...refusals },
        },
      },
      async (request) => {
        const [site] = await listSites(sql, eyesOf(request), request.params.id);
        if (!site) throw noSite();
        return answerOf(site);
      },
    );

    app.delete(
      '/api/sites/:id',
      {
        onRequest: guard.allow('admin'),
        config: { forbidden: 'Only administrators can delete sites' },
        schema: {
          tags: ['inventory'],
          summary: 'Remove a site that nothing belongs to',
          params: idParams,
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        const { id: siteId } = request.params;
        await sql.begin(async (tx) => {
          const { containers, agents, miners } = await contentsOfSite(tx, siteId);
          if (containers + agents + miners > 0) {
            throw new Failure(
              'not_empty',
              containers > 0
                ? 'Cannot delete site with containers. Remove containers first.'
                : `Site ${siteId} still has ${agents} agents and ${miners} miners; remove or move them first`,
            );
          }
          if (!(await deleteSite(tx, siteId))) throw noSite();
        });
        return { message: 'Site deleted' };
      },
    );
  };
}

export function noSite(): Failure {
  return new Failure('not_found', 'Site not found');
}

function answerOf(site: Site) {
  return { ...site, created_at: site.created_at.toISOString() };
}
