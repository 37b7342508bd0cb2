import type { Fragment, ISql } from 'postgres';
import * as z from 'zod';
import { id, idText } from '../../http/answers.ts';
import { MINER_STATES } from '../miners/state.ts';
import { siteOfMiner } from '../miners/view.ts';
import { visible, type Eyes } from '../people/visibility.ts';
import { stateNow } from './tables.ts';

/** Values of one filter: more than any page can show, fewer than a query can carry. */
const MAX_VALUES = 200;

/** In a query a filter may come once or many times. */
function many<Value extends z.ZodType>(value: Value) {
  return z.preprocess(
    (given) => (given === undefined || Array.isArray(given) ? given : [given]),
    z.array(value).max(MAX_VALUES).optional(),
  );
}

const text = z.string().min(1).max(255);
const others = {
  state: many(z.enum(MINER_STATES)),
  model: many(text),
  /** Product and version: "VNish 1.2.6". */
  firmware: many(text),
  tag: many(text),
  q: z.string().trim().max(100).optional(),
  retired: z.enum(['no', 'only', 'any']).optional(),
};

/** As in a query; ids are text there. 0: of none. */
export const filterQuery = z.object({
  site_id: many(idText),
  container_id: many(idText),
  agent_id: many(idText),
  ...others,
});
/** As in a body. */
const placeId = z.union([z.literal(0), id]);
export const filterBody = z.strictObject({
  site_id: many(placeId),
  container_id: many(placeId),
  agent_id: many(placeId),
  ...others,
});
export type FleetFilter = z.output<typeof filterQuery>;

/** SQL condition, where the tables of `fleetTables` are joined: the miner is meant, and `eyes` may see it. */
export function meant(sql: ISql, eyes: Eyes, filter: FleetFilter): Fragment {
  const all = sql`true`;
  const oneOf = (column: Fragment, values: readonly number[] | undefined) =>
    values === undefined ? all : sql`coalesce(${column}, 0) = any(${values as number[]}::int[])`;
  const { state, model, firmware, tag, q, retired = 'no' } = filter;
  return sql`${visible(sql, eyes, 'miners')}
    and ${oneOf(siteOfMiner(sql), filter.site_id)}
    and ${oneOf(sql`miners.container_id`, filter.container_id)}
    and ${oneOf(sql`miners.agent_id`, filter.agent_id)}
    and ${model === undefined ? all : sql`miners.model = any(${model}::text[])`}
    and ${firmware === undefined ? all : sql`${firmwareOf(sql)} = any(${firmware}::text[])`}
    and ${tag === undefined ? all : sql`miners.tags && ${tag}::text[]`}
    and ${retired === 'any' ? all : sql`miners.is_active = ${retired === 'no'}`}
    and ${state === undefined ? all : sql`${stateNow(sql)} = any(${state}::text[])`}
    and ${q === undefined || q === '' ? all : found(sql, q)}`;
}

/** SQL text: product and version of the firmware, "" when neither is known. */
export function firmwareOf(sql: ISql): Fragment {
  return sql`concat_ws(' ', miners.firmware, miners.firmware_version)`;
}

function like(wanted: string): string {
  return `%${wanted.replaceAll(/[\\%_]/g, '\\$&')}%`;
}

/** Name, address, serial, host name and worker hold the text in any case; a MAC in any notation. */
function found(sql: ISql, q: string): Fragment {
  const wanted = like(q.toLowerCase());
  const mac = q.toLowerCase().replaceAll(/[:.\s-]/g, '');
  const byMac = /^[0-9a-f]{4,12}$/.test(mac) ? sql`or miners.mac like ${like(mac)}` : sql``;
  return sql`(miners.search like ${wanted} or lower(latest.worker) like ${wanted} ${byMac})`;
}
