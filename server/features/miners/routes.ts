import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { DEFAULT_MINER_PORT } from '#contract/miner.ts';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idParams, idText, message, name, refusals, time, toIso } from '../../http/answers.ts';
import { eyesOf, type Eyes } from '../people/visibility.ts';
import { makeMinersByHand } from './by-hand.ts';
import { deleteMiner } from './store.ts';
import { listManufacturers, listMiners, listModels, listTags, type MinerView } from './view.ts';

/** Offered in forms even before the first miner of theirs is there. */
const MANUFACTURERS = ['AntMiner', 'Avalon', 'Elhapex', 'Whatsminer'];

const minerAnswer = z
  .object({
    id,
    name: z.string(),
    ip_address: z.string(),
    port: z.number().int(),
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    container_id: id.nullable(),
    pool_id: id.nullable(),
    tags: z.array(z.string()),
    is_active: z.boolean(),
    is_auto_discovered: z.boolean(),
    created_at: time,
    last_seen: time.nullable(),
    container_name: z.string().nullable(),
    pool_name: z.string().nullable(),
  })
  .meta({ id: 'Miner' });

const label = z.string().trim().max(255).nullable();
const fields = z.object({
  name,
  ip_address: z.union([z.ipv4('expected an IPv4 or IPv6 address'), z.ipv6()]),
  port: z.number().int().min(1).max(65_535),
  manufacturer: label,
  model: label,
  container_id: id.nullable(),
  pool_id: id.nullable(),
  tags: z
    .array(z.string().trim().min(1).max(100))
    .max(100)
    .nullable()
    .transform((tags) => [...new Set(tags)]),
  is_active: z.boolean(),
});
const minerBody = fields.partial().required({ ip_address: true });
const minerChanges = fields.partial();

const minerFilter = z.object({
  container_id: idText.optional(),
  pool_id: idText.optional(),
  site_id: idText.optional(),
  tag: z.string().min(1).max(100).optional(),
  is_active: z.stringbool().optional(),
});

/** The inventory of miners. Agents fill it; people name, tag, place and, where they must, enter by hand. */
export function minerRoutes(deps: Deps): FastifyPluginAsyncZod {
  const { sql, guard } = deps;
  const byHand = makeMinersByHand(deps);
  const one = async (eyes: Eyes, minerId: number) => {
    const [miner] = await listMiners(sql, eyes, { id: minerId });
    if (!miner) throw noMiner(minerId);
    return answerOf(miner);
  };

  return async (app) => {
    app.get(
      '/api/miners',
      {
        onRequest: guard.allow(),
        schema: {
          tags: ['inventory'],
          summary: 'Miners; a client sees those in its containers',
          querystring: minerFilter,
          response: { 200: z.array(minerAnswer), ...refusals },
        },
      },
      async (request) => (await listMiners(sql, eyesOf(request), request.query)).map(answerOf),
    );

    app.post(
      '/api/miners',
      {
        onRequest: guard.allow('admin'),
        schema: {
          tags: ['inventory'],
          summary: 'Enter a miner by hand; one with a container belongs to its site',
          body: minerBody,
          response: { 200: minerAnswer, ...refusals },
        },
      },
      async (request) => {
        const { body } = request;
        const manufacturer = body.manufacturer ?? null;
        const minerId = await byHand.add({
          name: body.name ?? `${manufacturer ?? 'Unknown'}-${body.ip_address}`,
          ip_address: body.ip_address,
          port: body.port ?? DEFAULT_MINER_PORT,
          manufacturer,
          model: body.model ?? null,
          container_id: body.container_id ?? null,
          pool_id: body.pool_id ?? null,
          tags: body.tags ?? [],
          is_active: body.is_active ?? true,
        });
        return one(null, minerId);
      },
    );

    app.get(
      '/api/miners/tags',
      {
        onRequest: guard.allow(),
        schema: {
          tags: ['inventory'],
          summary: 'Tags in use',
          response: { 200: z.array(z.string()), ...refusals },
        },
      },
      (request) => listTags(sql, eyesOf(request)),
    );

    app.get(
      '/api/miners/manufacturers',
      {
        onRequest: guard.allow(),
        schema: {
          tags: ['inventory'],
          summary: 'Manufacturers known here',
          response: { 200: z.array(z.string()), ...refusals },
        },
      },
      async (request) => {
        const found = await listManufacturers(sql, eyesOf(request));
        return [...new Set([...MANUFACTURERS, ...found])].sort();
      },
    );

    app.get(
      '/api/miners/models/:manufacturer',
      {
        onRequest: guard.allow(),
        schema: {
          tags: ['inventory'],
          summary: 'Models of a manufacturer that are in the inventory',
          params: z.object({ manufacturer: z.string().min(1).max(255) }),
          response: { 200: z.array(z.string()), ...refusals },
        },
      },
      (request) => listModels(sql, eyesOf(request), request.params.manufacturer),
    );

    app.get(
      '/api/miners/:id',
      {
        onRequest: guard.allow(),
        schema: {
          tags: ['inventory'],
          summary: 'One miner',
          params: idParams,
          response: { 200: minerAnswer, ...refusals },
        },
      },
      (request) => one(eyesOf(request), request.params.id),
    );

    app.put(
      '/api/miners/:id',
      {
        onRequest: guard.allow('operator'),
        schema: {
          tags: ['inventory'],
          summary: 'Change what is given; operators only name and tags',
          params: idParams,
          body: minerChanges,
          response: { 200: minerAnswer, ...refusals },
        },
      },
      async (request) => {
        const changes = Object.fromEntries(
          Object.entries(request.body).filter(([, value]) => value !== undefined),
        );
        const other = Object.keys(changes).find((key) => key !== 'name' && key !== 'tags');
        if (request.caller?.role !== 'admin' && other !== undefined) {
          throw new Failure('forbidden', `${other}: only an administrator changes this`);
        }
        await byHand.change(request.params.id, changes);
        return one(null, request.params.id);
      },
    );

    app.delete(
      '/api/miners/:id',
      {
        onRequest: guard.allow('admin'),
        schema: {
          tags: ['inventory'],
          summary: 'Forget a miner; an agent that still finds it brings it back',
          params: idParams,
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        if (!(await deleteMiner(sql, request.params.id))) throw noMiner(request.params.id);
        return { message: 'Miner deleted' };
      },
    );
  };
}

export function noMiner(minerId: number): Failure {
  return new Failure('not_found', `There is no miner ${minerId}`);
}

function answerOf(miner: MinerView) {
  return {
    ...miner,
    created_at: miner.created_at.toISOString(),
    last_seen: toIso(miner.last_seen),
  };
}
