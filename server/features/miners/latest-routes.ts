import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { id, idText, refusals, time, toIso } from '../../http/answers.ts';
import { eyesOf } from '../people/visibility.ts';
import { MINER_STATES } from './state.ts';
import { listLatest, type LatestView } from './view.ts';

const measure = z.number().nullable();
const label = z.string().nullable();

const latestAnswer = z
  .object({
    id,
    name: z.string(),
    ip_address: z.string(),
    port: z.number().int(),
    manufacturer: label,
    model: label,
    firmware: label,
    firmware_version: label,
    /** 12 hex digits. */
    mac: label,
    serial: label,
    site_id: id.nullable(),
    site_name: label,
    container_name: label,
    agent_id: id.nullable(),
    state: z.enum(MINER_STATES),
    /** Why the state is what it is; null when it is hashing. */
    reason: label,
    /** Of the newest sample; the measures are that sample's, however old. */
    at: time.nullable(),
    answered_at: time.nullable(),
    hash_rate: measure,
    expected_hash_rate: measure,
    temperature: measure,
    temp_chip: measure,
    fan_speed: measure,
    power_consumption: measure,
    uptime_s: measure,
  })
  .meta({ id: 'LatestOfMiner' });

/** What every miner is doing now. */
export function latestRoutes({ sql, clock }: Deps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/miners/latest',
      {
        schema: {
          tags: ['inventory'],
          summary: 'Miners with state and newest sample: TH/s, °C, rpm, W',
          querystring: z.object({ site_id: idText.optional(), agent_id: idText.optional() }),
          response: { 200: z.array(latestAnswer), ...refusals },
        },
      },
      async (request) => {
        const rows = await listLatest(sql, eyesOf(request), request.query, clock());
        return rows.map(answerOf);
      },
    );
  };
}

function answerOf(row: LatestView) {
  const { at, answered_at, ...miner } = row;
  return { ...miner, at: toIso(at), answered_at: toIso(answered_at) };
}
