import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import {
  given,
  id,
  idParams,
  message,
  name,
  noteChange,
  refusals,
  time,
  toIso,
} from '../../http/answers.ts';
import { actorOf, record, type AuditAction } from '../audit/record.ts';
import { changeByHand } from '../miners/by-hand.ts';
import { noMiner } from '../miners/find-miner.ts';
import { mergeMiners } from '../miners/merge.ts';
import { keysOfMiner, lockMiner, setActive } from '../miners/store.ts';
import { eyesOf, type Eyes } from '../people/visibility.ts';
import { problemAnswer, problemOf } from '../problems/routes.ts';
import { listProblems } from '../problems/view.ts';
import { answerOf, label, measure, rowFields } from './answers.ts';
import { changeMany, MAX_TAGS, refuseOtherSite } from './change-many.ts';
import { filterBody } from './filter.ts';
import { listAddresses, listTwins, readDetail } from './one.ts';
import { findIds, readRows } from './rows.ts';
import { readSparklines, sparklinesAnswer } from './sparklines.ts';

/** Miners one request may name. */
const MAX_NAMED = 10_000;

const open = z.record(z.string(), z.unknown());
const oneAnswer = z
  .object({
    ...rowFields,
    scope: z.string(),
    /** As the miner says it. */
    model_raw: label,
    family: label,
    control_board: label,
    note: label,
    is_auto_discovered: z.boolean(),
    created_at: time,
    /** TH/s; `expected_hash_rate` is the first of them that is known. */
    expected_by_hand: measure,
    expected_reported: measure,
    /** Series its samples are or were written to: the InfluxDB tags "site" and "miner". */
    keys: z.array(z.object({ scope: z.string(), key: z.string(), since: time })),
    /** Where it has been, the newest first; `until` null: it is there now. */
    addresses: z.array(
      z.object({
        ip_address: z.string(),
        port: z.number().int(),
        since: time,
        until: time.nullable(),
      }),
    ),
    /** Miners that may be the same machine: candidates for a merge. */
    twins: z.array(
      z.object({
        id,
        name: z.string(),
        ip_address: z.string(),
        same: z.enum(['address', 'serial']),
      }),
    ),
    /** As agents send them (contract/miner.ts), last reported. */
    boards: z.array(open),
    /** rpm by slot. */
    fans: z.array(measure),
    pools: z.array(open),
    errors: z.array(open),
    /** What else was last reported: `temp_board`, `power_limit_w`, `hw_errors` … */
    detail: open,
    problems: z.array(problemAnswer),
    /** The last 24 h; null: InfluxDB does not answer. */
    sparklines: sparklinesAnswer.nullable(),
  })
  .meta({ id: 'FleetMinerDetail' });

const tag = z.string().trim().min(1).max(100);
const tags = z
  .array(tag)
  .max(MAX_TAGS)
  .transform((list) => [...new Set(list)]);
const expected = z.number().positive().max(1e9).nullable();
const changes = z
  .strictObject({
    name,
    tags,
    container_id: id.nullable(),
    note: noteChange,
    /** TH/s; null: what the miner says itself. Administrators only. */
    expected_hash_rate: expected,
  })
  .partial();
const manyBody = z.strictObject({
  ids: z.array(id).min(1).max(MAX_NAMED).optional(),
  filter: filterBody.optional(),
  /** How many the filter found when it was looked at: refused (409) when it has become another number. */
  total: z.number().int().optional(),
  set: z
    .strictObject({
      add_tags: tags,
      remove_tags: tags,
      container_id: id.nullable(),
      expected_hash_rate: expected,
    })
    .partial(),
});

/** One miner with everything that is known of it, and what people do to one or many. */
export function fleetMinerRoutes(deps: Deps): FastifyPluginAsyncZod {
  const { sql, clock } = deps;

  const readOne = async (eyes: Eyes, minerId: number, log: Deps['log']) => {
    const now = clock();
    const [[row], detail, keys] = await Promise.all([
      readRows(sql, eyes, [minerId], now),
      readDetail(sql, minerId),
      keysOfMiner(sql, minerId),
    ]);
    if (!row || !detail) throw noMiner();
    const [addresses, twins, problems, sparklines] = await Promise.all([
      listAddresses(sql, minerId),
      eyes === null ? listTwins(sql, minerId) : [],
      listProblems(sql, eyes, { miner_id: minerId }, { offset: 0, limit: 100 }),
      readSparklines(deps, keys, now, log),
    ]);
    const { boards, fans, pools, miner_errors: errors, ...rest } = detail.detail ?? {};
    return {
      ...answerOf(row),
      ...detail,
      created_at: detail.created_at.toISOString(),
      keys: keys.map(({ since, ...key }) => Object.assign(key, { since: since.toISOString() })),
      addresses: addresses.map(({ since, until, ...address }) =>
        Object.assign(address, { since: since.toISOString(), until: toIso(until) }),
      ),
      twins,
      boards: listOf<Record<string, unknown>>(boards),
      fans: listOf<number | null>(fans),
      pools: listOf<Record<string, unknown>>(pools),
      errors: listOf<Record<string, unknown>>(errors),
      detail: rest,
      problems: problems.map(problemOf),
      sparklines,
    };
  };

  return async (app) => {
    app.get(
      '/api/fleet/miners/:id',
      {
        schema: {
          tags: ['fleet'],
          summary: 'Everything that is known of a miner',
          params: idParams,
          response: { 200: oneAnswer, ...refusals },
        },
      },
      (request) => readOne(eyesOf(request), request.params.id, request.log),
    );

    app.patch(
      '/api/fleet/miners/:id',
      {
        schema: {
          tags: ['fleet'],
          summary: 'Change what is given',
          params: idParams,
          body: changes,
          response: { 200: oneAnswer, ...refusals },
        },
      },
      async (request) => {
        const { id: minerId } = request.params;
        const { expected_hash_rate: expectedThs, ...fields } = given(request);
        if (expectedThs !== undefined) demandAdmin(request.caller?.role);
        await sql.begin(async (tx) => {
          const miner = await lockMiner(tx, minerId);
          if (!miner) throw noMiner();
          if (typeof fields.container_id === 'number') {
            await refuseOtherSite(tx, fields.container_id, [miner]);
          }
          await changeByHand(tx, actorOf(request, clock()), minerId, {
            ...fields,
            ...(expectedThs === undefined ? {} : { expected_ths: expectedThs }),
          });
        });
        return readOne(null, minerId, request.log);
      },
    );

    app.post(
      '/api/fleet/miners/change',
      {
        schema: {
          tags: ['fleet'],
          summary: 'Change many miners at once: those named, or all that a filter finds',
          body: manyBody,
          response: {
            200: z.object({
              /** Those that were different before. */
              changed: z.number().int(),
            }),
            ...refusals,
          },
        },
      },
      async (request) => {
        const { ids, filter, total, set } = request.body;
        if ((ids === undefined) === (filter === undefined)) {
          throw new Failure('invalid_body', 'ids: send either ids or filter');
        }
        const { expected_hash_rate: expectedThs, container_id: containerId } = set;
        if (expectedThs !== undefined) demandAdmin(request.caller?.role);
        const now = clock();
        const changed = await sql.begin(async (tx) => {
          const page = { sort: 'name', order: 'asc', offset: 0, limit: null } as const;
          const meant = ids ?? (await findIds(tx, null, filter ?? {}, page, now)).ids;
          if (total !== undefined && meant.length !== total) {
            throw new Failure(
              'changed_meanwhile',
              `total: the filter finds ${meant.length} miners now, not ${total}; look again`,
            );
          }
          return changeMany(tx, actorOf(request, now), meant, {
            add_tags: set.add_tags ?? [],
            remove_tags: set.remove_tags ?? [],
            ...(containerId === undefined ? {} : { container_id: containerId }),
            ...(expectedThs === undefined ? {} : { expected_ths: expectedThs }),
          });
        });
        return { changed };
      },
    );

    app.post(
      '/api/fleet/miners/:id/merge',
      {
        schema: {
          tags: ['fleet'],
          summary:
            'Two entries are one machine, as after a new control board: `from` becomes part of this one',
          params: idParams,
          body: z.strictObject({ from: id }),
          response: { 200: oneAnswer, ...refusals },
        },
      },
      async (request) => {
        const { id: minerId } = request.params;
        const by = actorOf(request, clock());
        await sql.begin((tx) => mergeMiners(tx, by, minerId, request.body.from));
        return readOne(null, minerId, request.log);
      },
    );

    for (const [path, active, action] of [
      ['retire', false, 'miner.retire'],
      ['restore', true, 'miner.restore'],
    ] as const satisfies [string, boolean, AuditAction][]) {
      app.post(
        `/api/fleet/miners/:id/${path}`,
        {
          schema: {
            tags: ['fleet'],
            summary: active
              ? 'Count it in again'
              : 'Out of service: it leaves lists, sums and problems, and keeps its history',
            params: idParams,
            response: { 200: message, ...refusals },
          },
        },
        async (request) => {
          const { id: minerId } = request.params;
          await sql.begin(async (tx) => {
            const minerName = await setActive(tx, minerId, active);
            if (minerName === undefined) throw noMiner();
            const by = actorOf(request, clock());
            await record(tx, by, { action, id: minerId, name: minerName });
          });
          return { message: active ? 'Miner restored' : 'Miner retired' };
        },
      );
    }
  };
}

/** Throws Failure `forbidden`. */
function demandAdmin(role: string | undefined): void {
  if (role === 'admin') return;
  throw new Failure('forbidden', 'expected_hash_rate: only an administrator changes this');
}

function listOf<Item>(value: unknown): Item[] {
  return Array.isArray(value) ? (value as Item[]) : [];
}
