import type { FastifyBaseLogger } from 'fastify';
import type { Sql, TransactionSql } from 'postgres';
import type { SyncBody } from '#contract/sync.ts';
import type { UnknownFile } from '#contract/unknown.ts';
import { markBegun, type Mark } from '../rollups/marks.ts';
import { FUTURE_MS, type CheckedBatch } from './check-batch.ts';
import { cleanInPlace } from './clean-text.ts';
import { storeGaps } from './gaps.ts';
import { quarantine } from './quarantine.ts';
import { readTime } from './read-time.ts';
import { inTransaction, storeMiners, type MinerSource } from './store-miners.ts';

const DAY_S = 86_400;

export interface BatchSource extends MinerSource {
  ip: string;
}

export interface StoredInventory {
  minersAdded: number;
  minersUpdated: number;
  gapsTaken: string[];
  /** What the rollups have to look at once the samples are written. */
  marks: Mark[];
}

/**
 * Puts all of a batch that belongs in Postgres there, in one transaction: inventory, latest states, the agent's
 * report, the scan, gaps, and what was set aside. Samples of miners the scope has no room for are moved from
 * `checked.samples` to `checked.setAside`. Doing it again, or after a newer batch, harms nothing.
 */
export function storeBatch(
  sql: Sql,
  source: BatchSource,
  body: SyncBody,
  checked: CheckedBatch,
  log: FastifyBaseLogger,
): Promise<StoredInventory> {
  return inTransaction(sql, (tx) => storeIn(tx, source, body, checked, log));
}

async function storeIn(
  tx: TransactionSql,
  source: BatchSource,
  body: SyncBody,
  checked: CheckedBatch,
  log: FastifyBaseLogger,
): Promise<StoredInventory> {
  const { agent, scope } = source;
  const plan = await storeMiners(tx, source, checked, scanTime(body, checked, source.receivedAt));
  await quarantine(
    tx,
    { agentId: agent.id, scope, batch: body.batch },
    checked.setAside.map(({ index, ...row }) => ({ idx: index, ...row })),
    log,
  );
  const gapsTaken = await storeGaps(tx, agent.id, body);
  if (body.scan) await storeScan(tx, agent.id, body.scan, source.receivedAt);
  const times = checked.samples.map(({ timeS }) => timeS);
  const marks = await markBegun(tx, scope, times, source.receivedAt);
  // Last: its row lock is what two batches of one agent would wait for.
  await touchAgent(tx, source, body);

  const created = new Set(plan?.created);
  const isNew = ({ key }: { key: string }) => {
    const row = plan?.rows.get(key);
    return row !== undefined && created.has(row);
  };
  return {
    minersAdded: created.size,
    minersUpdated: checked.discoveries.filter(
      (found) => plan?.rows.has(found.key) === true && !isNew(found),
    ).length,
    gapsTaken,
    marks,
  };
}

/** When the discovered miners were found: at the scan's end, else with the newest sample beside them, else now. */
function scanTime(body: SyncBody, checked: CheckedBatch, now: Date): Date {
  const scanned = body.scan ? readTime(body.scan.finished_at) : null;
  const sampled = Math.max(0, ...checked.samples.map(({ timeS }) => timeS * 1000));
  return new Date(Math.min(now.getTime(), scanned ?? (sampled || now.getTime())));
}

/** Raw replies keep their line breaks and their length; NUL and half characters Postgres does not take. */
function storable(file: UnknownFile): UnknownFile {
  return JSON.parse(
    JSON.stringify(file, (_key, value: unknown) =>
      typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value,
    ),
  ) as UnknownFile;
}

async function storeScan(
  tx: TransactionSql,
  agentId: number,
  scan: NonNullable<SyncBody['scan']>,
  now: Date,
): Promise<void> {
  const finished = readTime(scan.finished_at);
  if (finished === null || finished > now.getTime() + FUTURE_MS) return;
  const { unknown_file: file, ...rest } = scan;
  cleanInPlace(rest);
  const report = file ? { ...rest, unknown_file: storable(file) } : rest;
  // The file comes when it has changed; until there is nothing unknown any more the one before holds.
  await tx`
    INSERT INTO scan_reports AS r (agent_id, finished_at, report)
    VALUES (${agentId}, ${new Date(finished)}, ${JSON.stringify(report)}::text::jsonb)
    ON CONFLICT (agent_id) DO UPDATE SET finished_at = excluded.finished_at,
      report = CASE
        WHEN excluded.report ? 'unknown_file' OR NOT r.report ? 'unknown_file'
          OR excluded.report -> 'unknown' = '0' THEN excluded.report
        ELSE excluded.report || jsonb_build_object('unknown_file', r.report -> 'unknown_file') END
    WHERE r.finished_at <= excluded.finished_at`;
}

/**
 * The agent was heard now; what it says of itself counts unless a newer batch has said more. Batches between the
 * ends of two cycles do not speak of cycles: the last one, with the interval that makes silence normal, stays.
 */
async function touchAgent(
  tx: TransactionSql,
  { agent, ip, receivedAt }: BatchSource,
  body: SyncBody,
): Promise<void> {
  const report = body.agent ? reportOf(body.agent, receivedAt) : null;
  await tx`
    UPDATE agents SET last_seen_at = greatest(last_seen_at, ${receivedAt}), last_ip = ${ip},
      report = CASE
        WHEN ${report?.text ?? null}::text IS NULL THEN report
        WHEN report #>> '{cycle,at}' > ${report?.cycleAt ?? null}::text THEN report
        WHEN ${report?.cycleAt ?? null}::text IS NULL AND report -> 'cycle' IS NOT NULL
          THEN ${report?.text ?? null}::text::jsonb || jsonb_build_object('cycle', report -> 'cycle')
        ELSE ${report?.text ?? null}::text::jsonb END
    WHERE id = ${agent.id}`;
}

/** `cycle.at` in one spelling, so that two of them compare as text; a cycle that cannot have been is left out. */
function reportOf(agent: NonNullable<SyncBody['agent']>, now: Date) {
  const { gaps: _gaps, cycle, ...rest } = agent;
  const said = cycle ? readTime(cycle.at) : null;
  // Of a clock that was wrong once: it would outweigh every later report.
  const at =
    said !== null && said <= now.getTime() + FUTURE_MS ? new Date(said).toISOString() : null;
  const { interval_s: intervalS = null, ...counts } = cycle ?? {};
  // SQL multiplies it, and one agent's 1e308 must not break the list of all.
  const interval =
    intervalS !== null && intervalS >= 1 && intervalS <= DAY_S ? { interval_s: intervalS } : {};
  const report = { ...rest, ...(at === null ? {} : { cycle: { ...counts, ...interval, at } }) };
  cleanInPlace(report);
  return { cycleAt: at, text: JSON.stringify(report) };
}
