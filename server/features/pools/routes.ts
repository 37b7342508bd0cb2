import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idParams, message, name, note, refusals, time } from '../../http/answers.ts';
import { eyesOf } from '../people/visibility.ts';
import { deletePool, insertPool, listPools, type Pool } from './store.ts';

const poolAnswer = z
  .object({
    id,
    name: z.string(),
    description: z.string().nullable(),
    created_at: time,
    miner_count: z.number().int(),
  })
  .meta({ id: 'Pool' });

const poolBody = z.object({ name, description: note });

/** Pools: named groups of miners. */
export function poolRoutes({ sql, guard }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/pools',
      {
        onRequest: guard.allow(),
        schema: {
          tags: ['inventory'],
          summary: 'Pools; a client sees those of its miners',
          response: { 200: z.array(poolAnswer), ...refusals },
        },
      },
      async (request) => (await listPools(sql, eyesOf(request))).map(answerOf),
    );

    app.post(
      '/api/pools',
      {
        onRequest: guard.allow('admin'),
        schema: {
          tags: ['inventory'],
          summary: 'Add a pool; names are unique',
          body: poolBody,
          response: { 200: poolAnswer, ...refusals },
        },
      },
      async (request) => {
        const pool = await insertPool(sql, request.body);
        if (!pool) {
          throw new Failure('name_taken', `There is a pool named ${request.body.name} already`);
        }
        return answerOf(pool);
      },
    );

    app.get(
      '/api/pools/:id',
      {
        onRequest: guard.allow(),
        schema: {
          tags: ['inventory'],
          summary: 'One pool',
          params: idParams,
          response: { 200: poolAnswer, ...refusals },
        },
      },
      async (request) => {
        const [pool] = await listPools(sql, eyesOf(request), request.params.id);
        if (!pool) throw noPool(request.params.id);
        return answerOf(pool);
      },
    );

    app.delete(
      '/api/pools/:id',
      {
        onRequest: guard.allow('admin'),
        schema: {
          tags: ['inventory'],
          summary: 'Remove a pool that no miner is in',
          params: idParams,
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        const { id: poolId } = request.params;
        const outcome = await deletePool(sql, poolId);
        if (outcome === 'absent') throw noPool(poolId);
        if (outcome === 'full') {
          throw new Failure(
            'not_empty',
            `Pool ${poolId} still has miners; move or remove them first`,
          );
        }
        return { message: 'Pool deleted' };
      },
    );
  };
}

function noPool(poolId: number): Failure {
  return new Failure('not_found', `There is no pool ${poolId}`);
}

function answerOf(pool: Pool) {
  return { ...pool, created_at: pool.created_at.toISOString() };
}
