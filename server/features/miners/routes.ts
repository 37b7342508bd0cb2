import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { DEFAULT_MINER_PORT } from '#contract/miner.ts';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idParams, idText, message, name, refusals, time, toIso } from '../../http/answers.ts';
import { actorOf, record } from '../audit/record.ts';
import { eyesOf, type Eyes } from '../people/visibility.ts';
import { findContainer } from '../containers/find-container.ts';
import { makeMinersByHand } from './by-hand.ts';
import { findMiner, noMiner } from './find-miner.ts';
import { KNOWN_MODELS } from './known-models.ts';
import { deleteMiner, lockMiner } from './store.ts';
import { listManufacturers, listMiners, listModels, listTags, type MinerView } from './view.ts';

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
  const { sql, clock } = deps;
  const byHand = makeMinersByHand(deps);
  const one = async (eyes: Eyes, minerId: number) => answerOf(await findMiner(sql, eyes, minerId));

  return async (app) => {
    app.get(
      '/api/miners',
      {
        schema: {
          tags: ['inventory'],
          summary: 'Miners; a client sees those in its containers',
          querystring: minerFilter,
          response: { 200: z.array(minerAnswer), ...refusals },
        },
      },
      async (request) => {
        const eyes = eyesOf(request);
        const { container_id: containerId } = request.query;
        if (eyes !== null && containerId !== undefined) await findContainer(sql, eyes, containerId);
        return (await listMiners(sql, eyes, request.query)).map(answerOf);
      },
    );

    app.post(
      '/api/miners',
      {
        config: { forbidden: 'Only administrators can create miners' },
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
        const minerId = await byHand.add(actorOf(request, clock()), {
          name: body.name ?? `${manufacturer ?? 'Unknown'}-${body.ip_address}`,
          ip_address: body.ip_address,
          port: body.port ?? DEFAULT_MINER_PORT,
          manufacturer,
          model: body.model ?? null,
          container_id: body.container_id ?? null,
          pool_id: body.pool_id ?? null,
          tags: body.tags ?? [],
          is_active: body.is_active ?? true,
          note: null,
          expected_ths: null,
        });
        return one(null, minerId);
      },
    );

    app.get(
      '/api/miners/tags',
      {
        schema: {
          tags: ['inventory'],
          summary: 'Tags in use',
          response: { 200: z.object({ tags: z.array(z.string()) }), ...refusals },
        },
      },
      async (request) => ({ tags: await listTags(sql, eyesOf(request)) }),
    );

    app.get(
      '/api/miners/manufacturers',
      {
        schema: {
          tags: ['inventory'],
          summary: 'Manufacturers known here',
          response: { 200: z.object({ manufacturers: z.array(z.string()) }), ...refusals },
        },
      },
      async (request) => {
        const found = await listManufacturers(sql, eyesOf(request));
        return { manufacturers: [...new Set([...KNOWN_MODELS.keys(), ...found])].sort() };
      },
    );

    app.get(
      '/api/miners/models/:manufacturer',
      {
        schema: {
          tags: ['inventory'],
          summary: 'Models of a manufacturer: those known here and those in the inventory',
          params: z.object({ manufacturer: z.string().min(1).max(255) }),
          response: {
            200: z.object({ manufacturer: z.string(), models: z.array(z.string()) }),
            ...refusals,
          },
        },
      },
      async (request) => {
        const { manufacturer } = request.params;
        const found = await listModels(sql, eyesOf(request), manufacturer);
        const known = KNOWN_MODELS.get(manufacturer);
        if (!known && found.length === 0) {
          throw new Failure('not_found', `Manufacturer '${manufacturer}' not found`);
        }
        return { manufacturer, models: [...new Set([...(known ?? []), ...found])] };
      },
    );

    app.get(
      '/api/miners/:id',
      {
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
          throw new Failure(
            'forbidden',
            other === 'ip_address' || other === 'port'
              ? 'Only administrators can modify IP address and port'
              : `${other}: only an administrator changes this`,
          );
        }
        await byHand.change(actorOf(request, clock()), request.params.id, changes);
        return one(null, request.params.id);
      },
    );

    app.delete(
      '/api/miners/:id',
      {
        config: { forbidden: 'Only administrators can delete miners' },
        schema: {
          tags: ['inventory'],
          summary: 'Forget a miner; an agent that still finds it brings it back',
          params: idParams,
          response: { 200: message, ...refusals },
        },
      },
      async (request) => {
        await sql.begin(async (tx) => {
          const { id: minerId } = request.params;
          const before = await lockMiner(tx, minerId);
          if (!before) throw noMiner();
          await deleteMiner(tx, minerId);
          const by = actorOf(request, clock());
          await record(tx, by, { action: 'miner.delete', id: minerId, name: before.name, before });
        });
        return { message: 'Miner deleted' };
      },
    );
  };
}

function answerOf(miner: MinerView) {
  return {
    ...miner,
    created_at: miner.created_at.toISOString(),
    last_seen: toIso(miner.last_seen),
  };
}
