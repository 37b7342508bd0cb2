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
import { eyesOf } from '../people/visibility.ts';
import {
  contentsOfSite,
  deleteSite,
  insertSite,
  listSites,
  lockSite,
  updateSite,
  type Site,
} from './store.ts';

const siteAnswer = z
  .object({
    id,
    name: z.string(),
    description: z.string().nullable(),
    location: z.string().nullable(),
    created_at: time,
    container_count: z.number().int(),
    /** IANA name: "Asia/Irkutsk". */
    time_zone: z.string().nullable(),
    tariff_per_kwh: z.number().nullable(),
    /** ISO 4217: "RUB". */
    currency: z.string().nullable(),
    capacity_w: z.number().nullable(),
    /** For how many miners there is room. */
    places: z.number().int().nullable(),
  })
  .meta({ id: 'Site' });

const siteBody = z.object({
  name,
  description: note,
  location: note,
  time_zone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'expected an IANA time zone: Asia/Irkutsk')
    .nullish(),
  tariff_per_kwh: z.number().min(0).max(1e6).nullish(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'expected three letters of ISO 4217: RUB')
    .nullish(),
  capacity_w: watts.nullish(),
  places: count.nullish(),
});
const siteChanges = siteBody.extend({ description: noteChange, location: noteChange }).partial();

/** Sites: where containers stand and agents run. */
export function siteRoutes({ sql, clock }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/sites',
      {
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
        config: { forbidden: 'Only administrators can create sites' },
        schema: {
          tags: ['inventory'],
          summary: 'Add a site; names are unique',
          body: siteBody,
          response: { 200: siteAnswer, ...refusals },
        },
      },
      async (request) => {
        const { body } = request;
        const fields = {
          ...body,
          time_zone: body.time_zone ?? null,
          tariff_per_kwh: body.tariff_per_kwh ?? null,
          currency: body.currency ?? null,
          capacity_w: body.capacity_w ?? null,
          places: body.places ?? null,
        };
        const site = await sql.begin(async (tx) => {
          const made = await insertSite(tx, fields);
          if (!made) throw nameTaken();
          const by = actorOf(request, clock());
          await record(tx, by, {
            action: 'site.create',
            id: made.id,
            name: made.name,
            after: fields,
          });
          return made;
        });
        return answerOf(site);
      },
    );

    app.patch(
      '/api/sites/:id',
      {
        schema: {
          tags: ['inventory'],
          summary: 'Change what is given',
          params: idParams,
          body: siteChanges,
          response: { 200: siteAnswer, ...refusals },
        },
      },
      async (request) => {
        const { id: siteId } = request.params;
        await sql.begin(async (tx) => {
          const before = await lockSite(tx, siteId);
          if (!before) throw noSite();
          const after = { ...before, ...given(request) };
          if (!(await updateSite(tx, siteId, after))) throw nameTaken();
          const changed = difference(before, after);
          if (!changed) return;
          const by = actorOf(request, clock());
          const what = { action: 'site.change', id: siteId, name: before.name } as const;
          await record(tx, by, { ...what, ...changed });
        });
        const [site] = await listSites(sql, null, siteId);
        if (!site) throw noSite();
        return answerOf(site);
      },
    );

    app.get(
      '/api/sites/:id',
      {
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
          const name = await deleteSite(tx, siteId);
          if (name === undefined) throw noSite();
          await record(tx, actorOf(request, clock()), { action: 'site.delete', id: siteId, name });
        });
        return { message: 'Site deleted' };
      },
    );
  };
}

function nameTaken(): Failure {
  return new Failure('name_taken', 'Site with this name already exists');
}

export function noSite(): Failure {
  return new Failure('not_found', 'Site not found');
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function answerOf(site: Site) {
  return { ...site, created_at: site.created_at.toISOString() };
}
