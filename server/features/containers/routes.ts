import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idParams, message, name, note, refusals, time } from '../../http/answers.ts';
import { eyesOf, type Eyes } from '../people/visibility.ts';
import { noSite } from '../sites/routes.ts';
import { findContainer, noContainer } from './find-container.ts';
import { deleteContainer, insertContainer, listContainers, type Container } from './store.ts';

const containerAnswer = z
  .object({
    id,
    name: z.string(),
    description: z.string().nullable(),
    location: z.string().nullable(),
    site_id: id.nullable(),
    created_at: time,
    miner_count: z.number().int(),
    site_name: z.string().nullable(),
  })
  .meta({ id: 'Container' });

const containerBody = z.object({
  name,
  description: note,
  location: note,
  site_id: id.nullish().transform((siteId) => siteId ?? null),
});

/** Containers: what miners stand in, and what a client is granted. */
export function containerRoutes({ sql, guard }: Deps): FastifyPluginAsyncZod {
  const one = async (eyes: Eyes, containerId: number) =>
    answerOf(await findContainer(sql, eyes, containerId));

  return async (app) => {
    app.get(
      '/api/containers',
      {
        onRequest: guard.allow(),
        schema: {
          tags: ['inventory'],
          summary: 'Containers; a client sees those granted to it',
          response: { 200: z.array(containerAnswer), ...refusals },
        },
      },
      async (request) => (await listContainers(sql, eyesOf(request))).map(answerOf),
    );

    app.post(
      '/api/containers',
      {
        onRequest: guard.allow('admin'),
        config: { forbidden: 'Only administrators can create containers' },
        schema: {
          tags: ['inventory'],
          summary: 'Add a container',
          body: containerBody,
          response: { 200: containerAnswer, ...refusals },
        },
      },
      async (request) => {
        const containerId = await insertContainer(sql, request.body);
        if (containerId === undefined) {
          throw noSite();
        }
        return one(null, containerId);
      },
    );

    app.get(
      '/api/containers/:id',
      {
        onRequest: guard.allow(),
        schema: {
          tags: ['inventory'],
          summary: 'One container',
          params: idParams,
          response: { 200: containerAnswer, ...refusals },
        },
      },
      (request) => one(eyesOf(request), request.params.id),
    );

    app.delete(
      '/api/containers/:id',
      {
        onRequest: guard.allow('admin'),
        config: { forbidden: 'Only administrators can delete containers' },
        schema: {
          tags: ['inventory'],
          summary: 'Remove a container that no miner stands in',
          params: idParams,
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        const { id: containerId } = request.params;
        const outcome = await deleteContainer(sql, containerId);
        if (outcome === 'absent') {
          throw noContainer();
        }
        if (outcome === 'full') {
          throw new Failure(
            'not_empty',
            'Cannot delete container with miners. Remove miners first.',
          );
        }
        return { message: 'Container deleted' };
      },
    );
  };
}

function answerOf(container: Container) {
  return { ...container, created_at: container.created_at.toISOString() };
}
