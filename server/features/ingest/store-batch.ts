import type { FastifyBaseLogger } from 'fastify';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import type { SyncBody } from '#contract/sync.ts';
import { FUTURE_MS, type CheckedBatch } from './check-batch.ts';
import { cleanInPlace, cleanText } from './clean-text.ts';
import { devicesOf, type Device } from './devices.ts';
import { lockScope, readKnown, writePlan } from './inventory-sql.ts';
import { upsertLatest } from './latest.ts';
import { planInventory, type InventoryPlan } from './plan-inventory.ts';
import { quarantine } from './quarantine.ts';
import { readTime } from './read-time.ts';

/** Miners a scope may hold: a broken or hostile agent must not fill InfluxDB with series. */
const MINERS_PER_SCOPE = 20_000;
/** Another batch was faster at the same rows; the same work again succeeds. */
const CONFLICTS = new Set(['23503', '23505', '40001', '40P01']);
const ATTEMPTS = 3;
const DAY_S = 86_400;

export interface BatchSource {
  agent: { id: number; siteId: number | null };
  scope: string;
  ip: string;
  receivedAt: Date;
}

export interface StoredInventory {
  minersAdded: number;
  minersUpdated: number;
  gapsTaken: string[];
}

/**
 * Puts all of a batch that belongs in Postgres there, in one transaction: inventory, latest states, the agent's
 * report, the scan, gaps, and what was set aside. Samples of miners the scope has no room for are moved from
 * `checked.samples` to `checked.setAside`. Doing it again, or after a newer batch, harms nothing.
 */
export async function storeBatch(
  sql: Sql,
  source: BatchSource,
  body: SyncBody,
  checked: CheckedBatch,
  log: FastifyBaseLogger,
): Promise<StoredInventory> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sql.begin((tx) => storeIn(tx, source, body, checked, log));
    } catch (error) {
      const conflict = error instanceof postgres.PostgresError && CONFLICTS.has(error.code);
      if (!conflict || attempt === ATTEMPTS) throw error;
    }
  }
}

async function storeIn(
  tx: TransactionSql,
  source: BatchSource,
  body: SyncBody,
  checked: CheckedBatch,
  log: FastifyBaseLogger,
): Promise<StoredInventory> {
  const { agent, scope } = source;
  await keepKnownGroups(tx, source, checked);
  const devices = devicesOf(checked, scanTime(body, checked, source.receivedAt));
  const plan = devices.size > 0 ? await storeInventory(tx, source, devices) : null;
  if (plan) {
    setAsideWithoutRoom(checked, plan);
    await upsertLatest(tx, checked.samples, plan.rows);
  }
  await quarantine(
    tx,
    { agentId: agent.id, scope, batch: body.batch },
    checked.setAside.map(({ index, code, detail, sample }) => ({
      idx: index,
      code,
      detail,
      sample,
    })),
    log,
  );
  const gapsTaken = await storeGaps(tx, agent.id, body);
  if (body.scan) await storeScan(tx, agent.id, body.scan, source.receivedAt);
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
  };
}

/**
 * The usual batch changes nothing in the inventory and takes no lock. One that does locks its scope and looks
 * again, so that two batches never make the same miner twice.
 */
async function storeInventory(
  tx: TransactionSql,
  { agent, scope }: BatchSource,
  devices: Map<string, Device>,
): Promise<InventoryPlan> {
  const look = async (room: number, whole: boolean) =>
    planInventory(devices.values(), await readKnown(tx, scope, devices, whole), {
      agentId: agent.id,
      room,
    });
  const scanned = devices.values().some(({ found }) => found !== null);
  const plan = await look(MINERS_PER_SCOPE, scanned);
  if (plan.created.length === 0 && plan.changed.size === 0 && plan.claims.length === 0) return plan;

  await lockScope(tx, scope);
  const [held] = await tx<{ count: number }[]>`
    SELECT count(*)::int AS count FROM miners WHERE scope = ${scope}`;
  const locked = await look(Math.max(0, MINERS_PER_SCOPE - (held?.count ?? 0)), true);
  await writePlan(tx, scope, agent.siteId, locked);
  return locked;
}

function setAsideWithoutRoom(checked: CheckedBatch, { noRoom }: InventoryPlan): void {
  if (noRoom.size === 0) return;
  const reason = `is one miner more than the ${MINERS_PER_SCOPE} a site may hold; remove dead ones first`;
  for (const { key, index, sample } of checked.samples) {
    if (!noRoom.has(key)) continue;
    const detail = `miner_stats.${index}: ${key} ${reason}`;
    checked.setAside.push({ list: 'miner_stats', index, code: 'series_limit', detail, sample });
  }
  checked.samples = checked.samples.filter(({ key }) => !noRoom.has(key));
}

/** A container or pool that is not there, or belongs to another site, costs only itself. */
async function keepKnownGroups(
  tx: TransactionSql,
  { agent }: BatchSource,
  { discoveries, remarks }: CheckedBatch,
): Promise<void> {
  const ids = (field: 'container_id' | 'pool_id') =>
    discoveries.map(({ found }) => found[field]).filter((id) => typeof id === 'number');
  const containers = ids('container_id').filter(isId);
  const pools = ids('pool_id').filter(isId);
  if (ids('container_id').length === 0 && ids('pool_id').length === 0) return;
  const known = await tx<{ kind: string; id: number }[]>`
    SELECT 'container_id' AS kind, id FROM containers
    WHERE id = ANY(${containers}::int[]) AND (site_id IS NULL OR site_id = ${agent.siteId}::int)
    UNION ALL SELECT 'pool_id', id FROM pools WHERE id = ANY(${pools}::int[])`;
  const present = new Set(known.map(({ kind, id }) => `${kind} ${id}`));
  for (const { index, found } of discoveries) {
    for (const field of ['container_id', 'pool_id'] as const) {
      const id = found[field];
      if (typeof id !== 'number' || present.has(`${field} ${id}`)) continue;
      remarks.push(
        `discovered_miners.${index}.${field}: no such ${field} ${id} for this agent; left out`,
      );
      found[field] = null;
    }
  }
}

function isId(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value < 2 ** 31;
}

/** When the discovered miners were found: at the scan's end, else with the newest sample beside them, else now. */
function scanTime(body: SyncBody, checked: CheckedBatch, now: Date): Date {
  const scanned = body.scan ? readTime(body.scan.finished_at) : null;
  const sampled = Math.max(0, ...checked.samples.map(({ timeS }) => timeS * 1000));
  return new Date(Math.min(now.getTime(), scanned ?? (sampled || now.getTime())));
}

async function storeGaps(tx: TransactionSql, agentId: number, body: SyncBody): Promise<string[]> {
  const gaps = (body.agent?.gaps ?? []).flatMap((gap) => {
    const from = readTime(gap.from);
    const to = readTime(gap.to);
    if (from === null || to === null) return [];
    return [
      {
        id: cleanText(gap.id) ?? '',
        reason: cleanText(gap.reason) ?? 'unknown',
        batches: Math.min(gap.batches, 2 ** 31 - 1),
        samples: Math.min(gap.samples, 2 ** 31 - 1),
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        sent: gap.id,
      },
    ];
  });
  if (gaps.length === 0) return [];
  await tx`
    INSERT INTO ingest_gaps (agent_id, gap_id, from_at, to_at, batches, samples, reason)
    SELECT DISTINCT ON (id) ${agentId}::int, id, "from", "to", batches, samples, reason
    FROM json_to_recordset(${JSON.stringify(gaps)}::text::json) AS x (
      id text, "from" timestamptz, "to" timestamptz, batches int, samples int, reason text)
    ORDER BY id
    ON CONFLICT (agent_id, gap_id) DO NOTHING`;
  return gaps.map(({ sent }) => sent);
}

async function storeScan(
  tx: TransactionSql,
  agentId: number,
  scan: NonNullable<SyncBody['scan']>,
  now: Date,
): Promise<void> {
  const finished = readTime(scan.finished_at);
  if (finished === null || finished > now.getTime() + FUTURE_MS) return;
  cleanInPlace(scan);
  await tx`
    INSERT INTO scan_reports AS r (agent_id, finished_at, report)
    VALUES (${agentId}, ${new Date(finished)}, ${JSON.stringify(scan)}::text::jsonb)
    ON CONFLICT (agent_id) DO UPDATE SET finished_at = excluded.finished_at, report = excluded.report
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
