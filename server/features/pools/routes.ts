import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idParams, message, name, note, refusals, time } from '../../http/answers.ts';
import { actorOf, record } from '../audit/record.ts';
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
export function poolRoutes({ sql, clock }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/pools',
      {
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
        config: { forbidden: 'Only administrators can create pools' },
        schema: {
          tags: ['inventory'],
          summary: 'Add a pool; names are unique',
          body: poolBody,
          response: { 200: poolAnswer, ...refusals },
        },
      },
      async (request) => {
        const pool = await sql.begin(async (tx) => {
          const made = await insertPool(tx, request.body);
          if (!made) throw new Failure('name_taken', 'Pool with this name already exists');
          const by = actorOf(request, clock());
          await record(tx, by, { action: 'pool.create', id: made.id, name: made.name });
          return made;
        });
        return answerOf(pool);
      },
    );

    app.get(
      '/api/pools/:id',
      {
        schema: {
          tags: ['inventory'],
          summary: 'One pool',
          params: idParams,
          response: { 200: poolAnswer, ...refusals },
        },
      },
      async (request) => {
        const [pool] = await listPools(sql, eyesOf(request), request.params.id);
        if (!pool) throw noPool();
        return answerOf(pool);
      },
    );

    app.delete(
      '/api/pools/:id',
      {
        config: { forbidden: 'Only administrators can delete pools' },
        schema: {
          tags: ['inventory'],
          summary: 'Remove a pool; its miners stay, in none',
          params: idParams,
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        const { id: poolId } = request.params;
        await sql.begin(async (tx) => {
          const poolName = await deletePool(tx, poolId);
          if (poolName === undefined) throw noPool();
          const by = actorOf(request, clock());
          await record(tx, by, { action: 'pool.delete', id: poolId, name: poolName });
        });
        return { message: 'Pool deleted' };
      },
    );
  };
}

export function noPool(): Failure {
  return new Failure('not_found', 'Pool not found');
}

function answerOf(pool: Pool) {
  return { ...pool, created_at: pool.created_at.toISOString() };
}
