import type { Sql } from 'postgres';
import type { Deps } from '../../deps.ts';
import { RAW_RETENTION_DAYS } from '../../influx/databases.ts';
import { InfluxError } from '../../influx/influx.ts';
import { writeBatch } from '../../influx/write-batch.ts';
import { hoursOf, markAgain } from '../rollups/marks.ts';
import { OLDEST_MS } from './check-batch.ts';
import { lineOfText } from './lines-of-sample.ts';
import { quarantine, type QuarantineRow } from './quarantine.ts';

const EVERY_MS = 5_000;
const PRUNE_EVERY_MS = 3_600_000;
const RECEIPT_DAYS = 30;

type DrainDeps = Pick<Deps, 'sql' | 'influx' | 'config' | 'log' | 'clock'>;

/**
 * Brings samples kept for old agents into InfluxDB as soon as it takes them, oldest first, and forgets receipts
 * after 30 days. Several servers may run it: one works, the others find nothing to do.
 */
export function startDrain(deps: DrainDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let prunedAt = 0;
  let running = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const round = async () => {
    try {
      while (!stopping.signal.aborted && (await drainOne(deps)) === 'stored');
      if (Date.now() - prunedAt > PRUNE_EVERY_MS) {
        await pruneReceipts(deps.sql);
        prunedAt = Date.now();
      }
    } catch (error) {
      deps.log.warn({ err: error }, 'kept samples wait for their databases');
    }
    if (!stopping.signal.aborted) schedule();
  };
  const schedule = () => {
    timer = setTimeout(() => {
      running = round();
    }, EVERY_MS);
  };
  schedule();
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}

/** Stores the oldest kept row and deletes it: 'stored'; 'idle' when there is none or another server is at it. */
export async function drainOne(deps: DrainDeps): Promise<'stored' | 'idle'> {
  const { sql, influx, config, log, clock } = deps;
  return sql
    .begin(async (tx) => {
      const [row] = await tx<
        { id: string; agentId: number; scope: string; samples: number; lines: string }[]
      >`
      WITH leader AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtextextended('drain', 0)) AS won)
      SELECT id, agent_id AS "agentId", scope, samples, lines
      FROM pending_samples WHERE (SELECT won FROM leader) ORDER BY id LIMIT 1`;
      if (!row) return 'idle';
      const oldestS = (clock().getTime() - OLDEST_MS) / 1000;
      const lines = row.lines.split('\n').map((text, index) => lineOfText(text, index));
      const expired = lines.filter(({ timeS }) => timeS < oldestS);
      const refused: QuarantineRow[] = expired.map((line) => ({
        list: 'lines',
        idx: line.source,
        code: 'too_old',
        detail: `outlived the ${RAW_RETENTION_DAYS} days samples are kept while InfluxDB was away`,
        sample: { line: line.text },
      }));
      const fresh = lines.filter(({ timeS }) => timeS >= oldestS);
      for (const { lines: bad, reason } of await writeBatch(
        influx,
        config.influx.database,
        fresh,
      )) {
        refused.push(
          ...bad.map((line): QuarantineRow => ({
            list: 'lines',
            idx: line.source,
            code: 'influx_rejected',
            detail: reason,
            sample: { line: line.text },
          })),
        );
      }
      const from = { agentId: row.agentId, scope: row.scope, batch: undefined };
      await quarantine(tx, from, refused, log);
      const times = fresh.map(({ timeS }) => timeS);
      await markAgain(tx, hoursOf(row.scope, times), clock());
      await tx`DELETE FROM pending_samples WHERE id = ${row.id}`;
      log.info(
        { agent: row.agentId, samples: row.samples, refused: refused.length },
        'kept samples stored',
      );
      return 'stored';
    })
    .catch((error: unknown) => {
      if (!(error instanceof InfluxError)) throw error;
      log.debug({ err: error }, 'kept samples still wait for InfluxDB');
      return 'idle';
    });
}

async function pruneReceipts(sql: Sql): Promise<void> {
  await sql`DELETE FROM ingest_receipts WHERE first_at < now() - make_interval(days => ${RECEIPT_DAYS})`;
}
