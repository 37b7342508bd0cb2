import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { migrationStatus } from '../../../migrations/migrate.ts';
import type { Deps } from '../../deps.ts';
import { refusals, time, toIso } from '../../http/answers.ts';
import { RAW_RETENTION_DAYS } from '../../influx/databases.ts';
import { readRetentionDays } from '../../influx/retention.ts';
import { check } from '../health/routes.ts';
import { readiness } from '../health/readiness.ts';
import { rollupsWaiting } from '../rollups/pending-marks.ts';
import { readIngest, readPoints, readTables } from './view.ts';
import { forecast, readSizes } from './storage.ts';

const bytes = z.number();
const count = z.number();

const systemAnswer = z.object({
  at: time,
  version: z.string(),
  node: z.string(),
  started_at: time,
  memory_bytes: bytes,
  /** As /readyz has it. */
  health: z.object({ postgres: check, migrations: check, influxdb: check }),
  postgres: z.object({
    version: z.string(),
    migration: z.string().nullable(),
    migrated_at: time.nullable(),
    pending: z.array(z.string()),
    /** The largest first; `rows` as Postgres estimates them. */
    tables: z.array(z.object({ name: z.string(), rows: count, bytes })),
  }),
  influxdb: z.object({
    /** null: it does not answer. */
    version: z.string().nullable(),
    databases: z.array(
      z.object({
        name: z.string(),
        /** null: for ever, or not known. */
        retention_days: z.number().nullable(),
      }),
    ),
    /** Points of the last hour; null: not known. */
    points: z.array(z.object({ measurement: z.string(), last_hour: count.nullable() })),
  }),
  /** The last hour; agents that do not name their batches are not in it. */
  ingest: z.object({
    batches: count,
    samples: count,
    agents: z.number().int(),
    /** Lying there now, of all agents. */
    backlog_batches: count,
    quarantine: count,
    pending_syncs: count,
    last_batch_at: time.nullable(),
  }),
  /** Stored samples that are not in the rollups yet. */
  rollups: z.object({ waiting: count, oldest_at: time.nullable() }),
  /** On disk; InfluxDB databases are there when InfluxDB says how large they are (1.x). */
  storage: z.array(
    z.object({
      what: z.string(),
      bytes,
      per_day: z.number().nullable(),
      in_30_days: bytes.nullable(),
      in_365_days: bytes.nullable(),
      history: z.array(z.object({ day: z.string(), bytes })),
    }),
  ),
  retention: z.object({ samples_days: z.number(), receipts_days: z.number() }),
});

const RECEIPT_DAYS = 30;

/** Versions, databases, what comes in, what it takes on disk. */
export function systemRoutes(deps: Deps): FastifyPluginAsyncZod {
  const { sql, influx, config, clock } = deps;
  const startedAt = clock();
  return async (app) => {
    app.get(
      '/api/system',
      {
        schema: {
          tags: ['health'],
          summary: 'How the server and its databases are, and how they grow',
          response: { 200: systemAnswer, ...refusals },
        },
      },
      async () => {
        const now = clock();
        const { database, rollupDatabase } = config.influx;
        const [health, migrations, tables, ingest, rollups, sizes, version, retention, points] =
          await Promise.all([
            readiness(deps),
            migrationStatus(sql),
            readTables(sql),
            readIngest(sql, now),
            rollupsWaiting(sql),
            readSizes(deps),
            influx.ping().catch(() => null),
            Promise.all(
              [database, rollupDatabase].map(async (name) => ({
                name,
                retention_days: await readRetentionDays(influx, name),
              })),
            ),
            readPoints(influx, database, now),
          ]);
        const [postgres] = await sql<{ server_version: string }[]>`show server_version`;
        const last = migrations.applied.at(-1);
        const kept = new Map(
          retention.flatMap(({ name, retention_days: days }) =>
            days === null ? [] : [[`influx ${name}`, days]],
          ),
        );
        return {
          at: now.toISOString(),
          version: packageJson.version,
          node: process.version,
          started_at: startedAt.toISOString(),
          memory_bytes: process.memoryUsage.rss(),
          health,
          postgres: {
            version: postgres?.server_version ?? '',
            migration: last?.name ?? null,
            migrated_at: toIso(last?.appliedAt ?? null),
            pending: migrations.pending,
            tables,
          },
          influxdb: { version: version?.version ?? null, databases: retention, points },
          ingest: { ...ingest, last_batch_at: toIso(ingest.last_batch_at) },
          rollups: { waiting: rollups.waiting, oldest_at: toIso(rollups.oldest) },
          storage: await forecast(sql, sizes, kept),
          retention: { samples_days: RAW_RETENTION_DAYS, receipts_days: RECEIPT_DAYS },
        };
      },
    );
  };
}
