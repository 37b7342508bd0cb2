import { Readable } from 'node:stream';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { refusals } from '../../http/answers.ts';
import { eyesOf } from '../people/visibility.ts';
import { answerOf, fleetRow } from './answers.ts';
import { exportMiners, FORMATS } from './export.ts';
import { readFacets } from './facets.ts';
import { filterQuery } from './filter.ts';
import { findIds, FLEET_SORTS, readRows } from './rows.ts';

const order = {
  sort: z.enum(FLEET_SORTS).default('name'),
  order: z.enum(['asc', 'desc']).default('asc'),
};
const facet = z.array(
  z.object({
    /** For the filter; 0 or "": of none. */
    value: z.union([z.string(), z.number().int()]),
    name: z.string().nullable(),
    count: z.number().int(),
  }),
);

/** The list of miners, as large as it may be. */
export function fleetListRoutes({ sql, clock }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/fleet/miners',
      {
        schema: {
          tags: ['fleet'],
          summary:
            'Miners with state and newest sample, filtered, sorted, by pages: TH/s, W, °C, rpm',
          querystring: filterQuery.extend({
            ...order,
            offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
            limit: z.coerce.number().int().min(1).max(500).default(100),
          }),
          response: {
            200: z.object({
              /** On all pages. */
              total: z.number().int(),
              offset: z.number().int(),
              limit: z.number().int(),
              miners: z.array(fleetRow),
            }),
            ...refusals,
          },
        },
      },
      async (request) => {
        const { sort, order: direction, offset, limit, ...filter } = request.query;
        const eyes = eyesOf(request);
        const now = clock();
        const page = { sort, order: direction, offset, limit };
        const { total, ids } = await findIds(sql, eyes, filter, page, now);
        const rows = await readRows(sql, eyes, ids, now);
        return { total, offset, limit, miners: rows.map(answerOf) };
      },
    );

    app.get(
      '/api/fleet/miners/facets',
      {
        schema: {
          tags: ['fleet'],
          summary: 'How many of the miners meant are at which site, of which model, and so on',
          querystring: filterQuery,
          response: {
            200: z.object({
              states: facet,
              sites: facet,
              containers: facet,
              agents: facet,
              models: facet,
              firmwares: facet,
              tags: facet,
            }),
            ...refusals,
          },
        },
      },
      (request) => readFacets(sql, eyesOf(request), request.query, clock()),
    );

    app.get(
      '/api/fleet/miners/export',
      {
        schema: {
          tags: ['fleet'],
          summary: 'The whole list as a file',
          description:
            'csv: RFC 4180 in UTF-8 with a byte order mark. csv_semicolon: the same with ";" and decimal commas, as ' +
            'spreadsheets expect where numbers are written so. Texts that look like formulas begin with an apostrophe.',
          querystring: filterQuery.extend({ ...order, format: z.enum(FORMATS).default('csv') }),
        },
      },
      (request, reply) => {
        const { sort, order: direction, format, ...filter } = request.query;
        const json = format === 'json';
        const pieces = exportMiners(
          sql,
          eyesOf(request),
          filter,
          { sort, order: direction },
          format,
          clock(),
        );
        return reply
          .type(json ? 'application/json' : 'text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="miners.${json ? 'json' : 'csv'}"`)
          .send(Readable.from(pieces));
      },
    );
  };
}
