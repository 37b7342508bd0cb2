import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { id, idParams, refusals, time } from '../../http/answers.ts';
import { listContainers } from '../containers/store.ts';
import { noMiner } from '../miners/routes.ts';
import { keysOfMiner } from '../miners/store.ts';
import { listMiners, totalsOf } from '../miners/view.ts';
import { eyesOf, type Eyes } from '../people/visibility.ts';
import { listPools } from '../pools/store.ts';
import { listSites } from '../sites/store.ts';
import { readHistory, type HistoryPoint } from './history.ts';

const HOUR_MS = 3_600_000;
/** As long as InfluxDB keeps the raw samples at most. */
const MAX_HOURS = 365 * 24;
const MAX_POINTS = 10_000;

const measure = z.number().nullable();
const totalsAnswer = z
  .object({
    total_miners: z.number().int(),
    /** Answered in their newest sample, and that sample is fresh. */
    active_miners: z.number().int(),
    /** TH/s, W and °C of the active miners. */
    total_hash_rate: z.number(),
    avg_temperature: measure,
    avg_power_consumption: measure,
  })
  .meta({ id: 'Totals' });

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

const historyQuery = z.object({
  hours: z.coerce.number().positive().max(MAX_HOURS).default(24),
  limit: z.coerce.number().int().min(1).max(MAX_POINTS).default(100),
});

/** Groups with totals: where the miners of one are filtered by, and how to see whether it exists. */
const GROUPS = [
  { path: 'sites', one: 'site', filter: 'site_id', list: listSites },
  { path: 'containers', one: 'container', filter: 'container_id', list: listContainers },
  { path: 'pools', one: 'pool', filter: 'pool_id', list: listPools },
] as const;

/** Readings of a miner, and totals of what the caller may see. */
export function statsRoutes({ sql, influx, guard, config, clock }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/stats/miners/:id',
      {
        onRequest: guard.allow(),
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
        const [miner] = await listMiners(sql, eyesOf(request), { id: minerId });
        if (!miner) throw noMiner(minerId);
        const { hours, limit } = request.query;
        const points = await readHistory(influx, config.influx.database, {
          keys: await keysOfMiner(sql, minerId),
          since: new Date(clock().getTime() - hours * HOUR_MS),
          limit,
        });
        return points.map((point) => readingOf(minerId, point));
      },
    );

    app.get(
      '/api/stats/overview',
      {
        onRequest: guard.allow(),
        schema: {
          tags: ['stats'],
          summary: 'Totals of everything the caller may see',
          response: { 200: totalsAnswer, ...refusals },
        },
      },
      (request) => totalsOf(sql, eyesOf(request), {}, clock()),
    );

    for (const group of GROUPS) {
      const mustExist = async (eyes: Eyes, groupId: number) => {
        const found = await group.list(sql, eyes, groupId);
        if (found.length === 0) {
          throw new Failure('not_found', `There is no ${group.one} ${groupId}`);
        }
      };
      app.get(
        `/api/stats/${group.path}/:id`,
        {
          onRequest: guard.allow(),
          schema: {
            tags: ['stats'],
            summary: `Totals of a ${group.one}`,
            params: idParams,
            response: { 200: totalsAnswer, ...refusals },
          },
        },
        async (request) => {
          const eyes = eyesOf(request);
          await mustExist(eyes, request.params.id);
          return totalsOf(sql, eyes, { [group.filter]: request.params.id }, clock());
        },
      );
    }
  };
}

function readingOf(minerId: number, point: HistoryPoint) {
  const { timestamp, ...measures } = point;
  const seconds = timestamp.getTime() / 1000;
  return { id: seconds, miner_id: minerId, timestamp: timestamp.toISOString(), ...measures };
}
