import type { FastifyBaseLogger } from 'fastify';
import type { LegacySyncAnswer, SyncAnswer, SyncBody } from '#contract/sync.ts';
import { withDeadline } from '../../deadline.ts';
import type { Deps } from '../../deps.ts';
import { Failure } from '../../failures.ts';
import { writeBatch, type RefusedLines } from '../../influx/write-batch.ts';
import type { KnownAgent } from '../enrolment/agent-keys.ts';
import { markWritten } from '../rollups/marks.ts';
import { asUnavailable } from './as-unavailable.ts';
import { checkBatch, type CheckedBatch, type CheckedSample } from './check-batch.ts';
import { linesOfSample } from './lines-of-sample.ts';
import type { Pace } from './pace.ts';
import { keepPending } from './pending.ts';
import { quarantine } from './quarantine.ts';
import { findReceipt, writeReceipt } from './receipts.ts';
import { scopeOf } from './series-key.ts';
import { storeBatch } from './store-batch.ts';

/** Bytes of a body after inflating. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Longer than a statement may take in Postgres: only a connection that died unseen gets here. */
const DATABASE_TIMEOUT_MS = 8_000;
/** Errors named one by one in an answer. */
const MAX_ERRORS = 100;

export interface SyncRequestContext {
  agent: KnownAgent;
  /** Of the uncompressed body. */
  sha256: Buffer;
  ip: string;
  log: FastifyBaseLogger;
  /** Ends the writing between two requests to InfluxDB. */
  signal: AbortSignal;
  pace: Pick<Pace, 'liveMs' | 'backlogMs'>;
}

type SyncDeps = Pick<Deps, 'sql' | 'influx' | 'config' | 'clock'>;

/**
 * Stores one batch and only then answers: Postgres (inventory, latest states, what was set aside) before
 * InfluxDB before the receipt, so that a crash between any two leaves what a second delivery completes.
 * Throws Failure `seq_reused`, `database_unavailable`, and for agents that send again `metrics_unavailable`;
 * the others' samples are then kept here.
 */
export function makeSync({ sql, influx, config, clock }: SyncDeps) {
  return async (
    body: SyncBody,
    context: SyncRequestContext,
  ): Promise<SyncAnswer | LegacySyncAnswer> => {
    const { agent, sha256, ip, log, signal } = context;
    const scope = scopeOf(agent);
    const now = clock();
    const checked = checkBatch(body, now, agent.createdAt);
    if (body.batch) {
      const before = await inTime(findReceipt(sql, agent.id, body.batch, sha256));
      if (before) return { ...before, server_time: now.toISOString(), next: nextOf(context.pace) };
    }
    const source = { agent, scope, ip, receivedAt: now };
    const inventory = await inTime(storeBatch(sql, source, body, checked, log));

    const lines = checked.samples.flatMap((sample) => linesOfSample(scope, sample));
    let refused: RefusedLines<CheckedSample>[] = [];
    let isPending = false;
    try {
      refused = await writeBatch(influx, config.influx.database, lines, signal);
    } catch (error) {
      const unavailable = asUnavailable(error, log);
      if (body.batch) throw unavailable;
      const texts = lines.map(({ text }) => text);
      await inTime(keepPending(sql, { agentId: agent.id, scope }, texts, checked.samples.length));
      isPending = true;
    }
    if (!isPending) {
      const stored = refused.length === 0 ? checked.samples : null;
      await inTime(markWritten(sql, inventory.marks, stored, now));
    }
    const setAside = setAsideRefused(checked, refused);
    const from = { agentId: agent.id, scope, batch: body.batch };
    if (setAside.length > 0) {
      await inTime(sql.begin((tx) => quarantine(tx, from, setAside, log)));
    }

    const answer = {
      miners_added: inventory.minersAdded,
      miners_updated: inventory.minersUpdated,
      stats_added: checked.samples.length,
      errors: errorsOf(checked),
    };
    if (checked.setAside.length > 0) {
      log.warn({ agent: agent.id, setAside: checked.setAside.length }, 'samples set aside');
    }
    if (!body.batch) return answer;
    const full: SyncAnswer = {
      ...answer,
      batch: { ...body.batch, sha256: sha256.toString('hex') },
      duplicate: false,
      quarantined: checked.setAside
        .filter(({ list }) => list === 'miner_stats')
        .map(({ index, code, detail }) => ({ index, code, detail })),
      gaps_taken: inventory.gapsTaken,
      server_time: now.toISOString(),
      next: nextOf(context.pace),
    };
    await inTime(writeReceipt(sql, agent.id, sha256, body.miner_stats.length, full));
    return full;
  };
}

/** Moves samples InfluxDB refused from the stored to those set aside; returns what to keep of them. */
function setAsideRefused(checked: CheckedBatch, refused: readonly RefusedLines<CheckedSample>[]) {
  const rows = refused.flatMap(({ lines, reason }) =>
    lines.map(({ text, source }) => ({
      list: 'lines' as const,
      idx: source.index,
      code: 'influx_rejected' as const,
      detail: `miner_stats.${source.index}: ${reason}`,
      sample: { line: text },
      source,
    })),
  );
  const gone = new Set(rows.map(({ source }) => source));
  checked.samples = checked.samples.filter((sample) => !gone.has(sample));
  for (const { idx, code, detail, sample } of rows) {
    checked.setAside.push({ list: 'miner_stats', index: idx, code, detail, sample });
  }
  return rows.map(({ source: _source, ...row }) => row);
}

function errorsOf({ setAside, remarks }: CheckedBatch): string[] {
  const all = [...setAside.map(({ code, detail }) => `${detail} (${code})`), ...remarks];
  if (all.length <= MAX_ERRORS) return all;
  return [...all.slice(0, MAX_ERRORS), `and ${all.length - MAX_ERRORS} more`];
}

function nextOf(pace: SyncRequestContext['pace']): SyncAnswer['next'] {
  return { live_ms: pace.liveMs(), backlog_ms: pace.backlogMs(), max_bytes: MAX_BODY_BYTES };
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return withDeadline(
    work,
    DATABASE_TIMEOUT_MS,
    () =>
      new Failure('database_unavailable', 'Postgres does not answer; send the batch again later', {
        retryAfterS: 15,
      }),
  );
}
