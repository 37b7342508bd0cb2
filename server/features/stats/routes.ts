import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { id, idParams, refusals, time } from '../../http/answers.ts';
import { findContainer } from '../containers/find-container.ts';
import { findMiner } from '../miners/find-miner.ts';
import { keysOfMiner } from '../miners/store.ts';
import { eyesOf } from '../people/visibility.ts';
import { noPool } from '../pools/routes.ts';
import { listPools } from '../pools/store.ts';
import { noSite } from '../sites/routes.ts';
import { listSites } from '../sites/store.ts';
import { readHistory } from './history.ts';
import { readingsInContainer, totalsByContainer, totalsOf } from './totals.ts';

const HOUR_MS = 3_600_000;
/** As long as InfluxDB keeps the raw samples at most. */
const MAX_HOURS = 365 * 24;
/** A month of a miner polled every minute. */
const MAX_POINTS = 50_000;

const measure = z.number().nullable();
const totals = {
  total_miners: z.number().int(),
  /** Answered in their newest sample, and that sample is fresh. */
  active_miners: z.number().int(),
  /** TH/s, W and °C of the active miners; null when none reported it. */
  total_hash_rate: measure,
  avg_temperature: measure,
  avg_power_consumption: measure,
};
const siteTotals = z.object({ site_id: id, site_name: z.string(), ...totals });
const poolTotals = z.object({ pool_id: id, pool_name: z.string(), ...totals });
const containerTotals = z
  .object({ container_id: id, container_name: z.string(), ...totals })
  .meta({ id: 'ContainerTotals' });
const containerAnswer = containerTotals.extend({
  /** The same again: clients of the replaced API look here. */
  container_stats: containerTotals,
  /** The newest reading of each miner in the last `hours`. */
  miner_stats: z.array(
    z.object({
      id: z.number().int(),
      miner_id: id,
      miner_name: z.string(),
      timestamp: time,
      hash_rate: measure,
      accepted_shares: measure,
      rejected_shares: measure,
      temperature: measure,
      fan_speed: measure,
      power_consumption: measure,
    }),
  ),
});

const historyAnswer = z
  .object({
    /** Seconds since 1970 of the timestamp: unique and rising within a miner. */
    id: z.number().int(),
    miner_id: id,
    timestamp: time,
    hash_rate: measure,
    accepted_shares: measure,
    rejected_shares: measure,
    pool_switches: measure,
    temperature: measure,
    fan_speed: measure,
    power_consumption: measure,
  })
  .meta({ id: 'Reading' });

const hours = z.coerce.number().positive().max(MAX_HOURS).default(24);
const historyQuery = z.object({
  hours,
  limit: z.coerce.number().int().min(1).max(MAX_POINTS).default(100),
});

/** Readings of a miner, and totals of what the caller may see. */
export function statsRoutes({ sql, influx, config, clock }: Deps): FastifyPluginAsyncZod {
  const hoursAgo = (count: number) => new Date(clock().getTime() - count * HOUR_MS);

  return async (app) => {
    app.get(
      '/api/stats/miners/:id',
      {
        schema: {
          tags: ['stats'],
          summary: 'Readings of a miner, newest first: TH/s, °C, rpm, W',
          params: idParams,
          querystring: historyQuery,
          response: { 200: z.array(historyAnswer), ...refusals },
        },
      },
      async (request) => {
        const { id: minerId } = request.params;
        await findMiner(sql, eyesOf(request), minerId);
        const points = await readHistory(influx, config.influx.database, {
          keys: await keysOfMiner(sql, minerId),
          since: hoursAgo(request.query.hours),
          limit: request.query.limit,
        });
        return points.map((point) => readingOf({ miner_id: minerId, ...point }));
      },
    );

    app.get(
      '/api/stats/overview',
      {
        schema: {
          tags: ['stats'],
          summary: 'Totals of each container the caller may see',
          response: { 200: z.array(containerTotals), ...refusals },
        },
      },
      (request) => totalsByContainer(sql, eyesOf(request), clock()),
    );

    app.get(
      '/api/stats/sites/:id',
      {
        schema: {
          tags: ['stats'],
          summary: 'Totals of a site',
          params: idParams,
          response: { 200: siteTotals, ...refusals },
        },
      },
      async (request) => {
        const eyes = eyesOf(request);
        const [site] = await listSites(sql, eyes, request.params.id);
        if (!site) throw noSite();
        const sums = await totalsOf(sql, eyes, { site_id: site.id }, clock());
        return { site_id: site.id, site_name: site.name, ...sums };
      },
    );

    app.get(
      '/api/stats/pools/:id',
      {
        schema: {
          tags: ['stats'],
          summary: 'Totals of a pool',
          params: idParams,
          response: { 200: poolTotals, ...refusals },
        },
      },
      async (request) => {
        const eyes = eyesOf(request);
        const [pool] = await listPools(sql, eyes, request.params.id);
        if (!pool) throw noPool();
        const sums = await totalsOf(sql, eyes, { pool_id: pool.id }, clock());
        return { pool_id: pool.id, pool_name: pool.name, ...sums };
      },
    );

    app.get(
      '/api/stats/containers/:id',
      {
        schema: {
          tags: ['stats'],
          summary: 'Totals of a container, and the newest reading of each of its miners',
          params: idParams,
          querystring: z.object({ hours }),
          response: { 200: containerAnswer, ...refusals },
        },
      },
      async (request) => {
        const eyes = eyesOf(request);
        const { id: containerId, name } = await findContainer(sql, eyes, request.params.id);
        const sums = await totalsOf(sql, eyes, { container_id: containerId }, clock());
        const stats = { container_id: containerId, container_name: name, ...sums };
        const readings = await readingsInContainer(sql, containerId, hoursAgo(request.query.hours));
        return { ...stats, container_stats: stats, miner_stats: readings.map(readingOf) };
      },
    );
  };
}

/** Seconds since 1970 stand for the id that readings had when they were rows of a table. */
function readingOf<Reading extends { timestamp: Date }>(reading: Reading) {
  const { timestamp } = reading;
  return {
    ...reading,
    id: Math.floor(timestamp.getTime() / 1000),
    timestamp: timestamp.toISOString(),
  };
}
