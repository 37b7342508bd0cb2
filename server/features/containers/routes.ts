import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import {
  count,
  given,
  id,
  idParams,
  message,
  name,
  note,
  noteChange,
  refusals,
  time,
  watts,
} from '../../http/answers.ts';
import { actorOf, difference, record } from '../audit/record.ts';
import { eyesOf, type Eyes } from '../people/visibility.ts';
import { noSite } from '../sites/routes.ts';
import { findContainer, noContainer } from './find-container.ts';
import {
  deleteContainer,
  insertContainer,
  listContainers,
  lockContainer,
  updateContainer,
  type Container,
} from './store.ts';

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
    capacity_w: z.number().nullable(),
    /** For how many miners there is room. */
    places: z.number().int().nullable(),
  })
  .meta({ id: 'Container' });

const containerBody = z.object({
  name,
  description: note,
  location: note,
  site_id: id.nullish().transform((siteId) => siteId ?? null),
  capacity_w: watts.nullish(),
  places: count.nullish(),
});
const containerChanges = containerBody
  .extend({ description: noteChange, location: noteChange, site_id: id.nullable() })
  .partial();

/** Containers: what miners stand in, and what a client is granted. */
export function containerRoutes({ sql, clock }: Deps): FastifyPluginAsyncZod {
  const one = async (eyes: Eyes, containerId: number) =>
    answerOf(await findContainer(sql, eyes, containerId));

  return async (app) => {
    app.get(
      '/api/containers',
      {
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
        config: { forbidden: 'Only administrators can create containers' },
        schema: {
          tags: ['inventory'],
          summary: 'Add a container',
          body: containerBody,
          response: { 200: containerAnswer, ...refusals },
        },
      },
      async (request) => {
        const { body } = request;
        const fields = {
          ...body,
          capacity_w: body.capacity_w ?? null,
          places: body.places ?? null,
        };
        const containerId = await sql.begin(async (tx) => {
          const made = await insertContainer(tx, fields);
          if (made === undefined) throw noSite();
          const by = actorOf(request, clock());
          const what = { action: 'container.create', id: made, name: body.name } as const;
          await record(tx, by, { ...what, after: fields });
          return made;
        });
        return one(null, containerId);
      },
    );

    app.patch(
      '/api/containers/:id',
      {
        schema: {
          tags: ['inventory'],
          summary: 'Change what is given; only administrators move it to another site',
          params: idParams,
          body: containerChanges,
          response: { 200: containerAnswer, ...refusals },
        },
      },
      async (request) => {
        const { id: containerId } = request.params;
        await sql.begin(async (tx) => {
          const before = await lockContainer(tx, containerId);
          if (!before) throw noContainer();
          const after = { ...before, ...given(request) };
          if (after.site_id !== before.site_id && request.caller?.role !== 'admin') {
            throw new Failure('forbidden', 'site_id: only an administrator changes this');
          }
          const outcome = await updateContainer(tx, containerId, after);
          if (outcome === 'no site') throw noSite();
          if (outcome === 'elsewhere') {
            throw new Failure(
              'not_empty',
              'site_id: miners of another site stand in this container; move them out first',
            );
          }
          const changed = difference(before, after);
          if (!changed) return;
          const by = actorOf(request, clock());
          const what = { action: 'container.change', id: containerId, name: before.name } as const;
          await record(tx, by, { ...what, ...changed });
        });
        return one(null, containerId);
      },
    );

    app.get(
      '/api/containers/:id',
      {
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
        await sql.begin(async (tx) => {
          const before = await lockContainer(tx, containerId);
          const outcome = await deleteContainer(tx, containerId);
          if (!before || outcome === 'absent') throw noContainer();
          if (outcome === 'full') {
            throw new Failure(
              'not_empty',
              'Cannot delete container with miners. Remove miners first.',
            );
          }
          const by = actorOf(request, clock());
          const what = { action: 'container.delete', id: containerId, name: before.name } as const;
          await record(tx, by, { ...what, before });
        });
        return { message: 'Container deleted' };
      },
    );
  };
}

function answerOf(container: Container) {
  return { ...container, created_at: container.created_at.toISOString() };
}
