import type { FastifyBaseLogger } from 'fastify';
import type { Sql } from 'postgres';
import { discoveredMiner, minerSample } from '#contract/miner.ts';
import { quarantineCode, type QuarantineCode } from '#contract/refusals.ts';
import type { Deps } from '../../deps.ts';
import { RAW_RETENTION_DAYS } from '../../influx/databases.ts';
import { writeBatch } from '../../influx/write-batch.ts';
import { markBegun, markWritten } from '../rollups/marks.ts';
import { asUnavailable } from './as-unavailable.ts';
import { checkBatch, OLDEST_MS } from './check-batch.ts';
import { lineOfText, linesOfSample } from './lines-of-sample.ts';
import type { QuarantineFilter } from './held-samples.ts';
import type { QuarantineList } from './quarantine.ts';
import { siteOfScope } from './series-key.ts';
import { inTransaction, storeMiners } from './store-miners.ts';

/** Items of one call. */
export const MAX_ITEMS = 1_000;
const WRITING_MS = 16_000;

interface Row {
  id: string;
  agentId: number;
  scope: string;
  list: QuarantineList;
  code: string;
  sample: unknown;
  at: Date;
}

type Refusal = { id: string; code: QuarantineCode; detail: string };
type ReinjectDeps = Pick<Deps, 'sql' | 'influx' | 'config' | 'clock'>;

/**
 * Takes items out of quarantine once more, oldest first, through the checks and the stores that new ones go through,
 * under the scope they came with. What is stored now leaves quarantine; what is refused again stays, with the reason
 * it has now. First written, then deleted: ended anywhere, or done twice, it stores the same points again. Throws
 * Failure `metrics_unavailable`; the groups before are done, the others untouched.
 */
export async function reinject(
  deps: ReinjectDeps,
  which: QuarantineFilter & { ids: string[] | null; after: string | null; limit: number },
  log: FastifyBaseLogger,
) {
  const { ids, agentId, code, after, limit } = which;
  const rows = await deps.sql<Row[]>`
    SELECT id::text, agent_id AS "agentId", scope, list, code, sample, at FROM ingest_quarantine
    WHERE (${ids}::bigint[] IS NULL OR id = ANY(${ids}::bigint[]))
      AND (${agentId}::int IS NULL OR agent_id = ${agentId}) AND (${code}::text IS NULL OR code = ${code})
      AND (${after}::bigint IS NULL OR id > ${after})
    ORDER BY id LIMIT ${limit}`;
  const refused: Refusal[] = [];
  for (const group of Map.groupBy(rows, (row) => `${row.agentId} ${row.scope}`).values()) {
    const refusals = await storeGroup(deps, group, log);
    await settle(deps.sql, group, refusals);
    refused.push(...refusals.values());
  }
  const stored = rows.length - refused.length;
  if (rows.length > 0) log.info({ stored, refused: refused.length }, 'taken out of quarantine');
  return {
    stored,
    refused: refused.length,
    still_refused: refused,
    next_after: rows.length === limit ? (rows.at(-1)?.id ?? null) : null,
  };
}

/** Stores what can be stored of the items of one agent and scope; returns why the others cannot, by id. */
async function storeGroup(
  { sql, influx, config, clock }: ReinjectDeps,
  all: readonly Row[],
  log: FastifyBaseLogger,
): Promise<Map<string, Refusal>> {
  const [first] = all;
  const refusals = new Map<string, Refusal>();
  if (!first) return refusals;
  const now = clock();
  const refuse = (row: Row | undefined, code: QuarantineCode, detail: string) => {
    if (row) refusals.set(row.id, { id: row.id, code, detail });
  };
  const siteId = siteOfScope(first.scope);
  if (siteId !== null && (await sql`SELECT 1 FROM sites WHERE id = ${siteId}`).length === 0) {
    const detail = `site: ${first.scope} is no longer there; nothing can be stored for it`;
    for (const row of all) refuse(row, quarantineCode.catch('bad_value').parse(row.code), detail);
    return refusals;
  }

  const rows = all.filter(({ code }) => code !== 'duplicate');
  for (const row of all) {
    if (row.code !== 'duplicate') continue;
    const detail =
      'timestamp: the other sample of this miner and second is stored; this one would overwrite it';
    refuse(row, 'duplicate', detail);
  }
  const samples = readItems(rows, 'miner_stats', minerSample, refuse);
  const found = readItems(rows, 'discovered_miners', discoveredMiner, refuse);
  const checked = checkBatch(
    {
      miner_stats: samples.map(({ item }) => item),
      discovered_miners: found.map(({ item }) => item),
    },
    now,
    now,
  );
  const source = { agent: { id: first.agentId, siteId }, scope: first.scope, receivedAt: now };
  // When they were found is not known any more: the oldest of them claims to be news of nothing.
  const foundAt = new Date(Math.min(now.getTime(), ...found.map(({ row }) => row.at.getTime())));
  const fromLines = rows.flatMap((row) => {
    const text = row.list === 'lines' ? textOf(row.sample) : null;
    return text === null ? [] : [lineOfText(text, row)];
  });
  const marks = await inTransaction(sql, async (tx) => {
    await storeMiners(tx, source, checked, foundAt);
    const times = [...checked.samples, ...fromLines].map(({ timeS }) => timeS);
    return markBegun(tx, first.scope, times.filter(Number.isFinite), now);
  });
  for (const { list, index, code, detail } of checked.setAside) {
    refuse((list === 'miner_stats' ? samples : found)[index]?.row, code, detail);
  }

  const fromSamples = checked.samples.flatMap((sample) => {
    const row = samples[sample.index]?.row;
    return linesOfSample(first.scope, sample).map(({ text, timeS }) => ({
      text,
      timeS,
      source: row,
    }));
  });
  const oldestS = (now.getTime() - OLDEST_MS) / 1000;
  for (const { source: row, timeS } of fromLines) {
    if (!(timeS >= oldestS)) {
      refuse(row, 'too_old', `line: is older than the ${RAW_RETENTION_DAYS} days samples are kept`);
    }
  }
  const lines = [...fromSamples, ...fromLines].filter(
    ({ source: row }) => row && !refusals.has(row.id),
  );
  const signal = AbortSignal.timeout(WRITING_MS);
  const refusedLines = await writeBatch(influx, config.influx.database, lines, signal).catch(
    (error: unknown) => {
      throw asUnavailable(error, log);
    },
  );
  await markWritten(sql, marks, null, now);
  for (const { lines: bad, reason } of refusedLines) {
    for (const { source: row } of bad) refuse(row, 'influx_rejected', reason);
  }
  return refusals;
}

/** The items of one list, as the contract reads them now; those it does not read are refused. */
function readItems<Item>(
  rows: readonly Row[],
  list: QuarantineList,
  schema: { safeParse(value: unknown): { success: boolean; data?: Item; error?: Error } },
  refuse: (row: Row, code: QuarantineCode, detail: string) => void,
): { row: Row; item: Item }[] {
  return rows
    .filter((row) => row.list === list)
    .flatMap((row) => {
      const { data, error } = schema.safeParse(row.sample);
      if (data !== undefined) return [{ row, item: data }];
      refuse(row, 'bad_value', `${list}: ${error?.message.slice(0, 300) ?? 'cannot be read'}`);
      return [];
    });
}

function textOf(sample: unknown): string | null {
  const line: unknown =
    typeof sample === 'object' && sample !== null ? Reflect.get(sample, 'line') : null;
  return typeof line === 'string' ? line : null;
}

/** Deletes what is stored, and writes the new reasons. The agent's totals are locked first, as everywhere. */
async function settle(sql: Sql, rows: readonly Row[], refusals: ReadonlyMap<string, Refusal>) {
  const stored = rows.filter(({ id }) => !refusals.has(id)).map(({ id }) => id);
  const agentId = rows[0]?.agentId ?? 0;
  await sql.begin(async (tx) => {
    await tx`SELECT 1 FROM ingest_quarantine_totals WHERE agent_id = ${agentId} FOR UPDATE`;
    await tx`
      WITH gone AS (DELETE FROM ingest_quarantine WHERE id = ANY(${stored}::bigint[]) RETURNING bytes)
      UPDATE ingest_quarantine_totals
      SET held = held - (SELECT count(*) FROM gone), bytes = bytes - (SELECT coalesce(sum(bytes), 0) FROM gone)
      WHERE agent_id = ${agentId}`;
    const again = [...refusals.values()];
    await tx`
      UPDATE ingest_quarantine q SET code = x.code, detail = x.detail
      FROM json_to_recordset(${JSON.stringify(again)}::text::json) AS x (id bigint, code text, detail text)
      WHERE q.id = x.id`;
  });
}
