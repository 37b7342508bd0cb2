import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { migrate } from '../migrations/migrate.ts';
import { buildApp } from './app.ts';
import type { ServerConfig } from './config.ts';
import type { Deps } from './deps.ts';
import { startAgentMetrics } from './features/agents/metrics.ts';
import { startDrain } from './features/ingest/drain.ts';
import { makeGuard } from './features/people/guard.ts';
import { startRollups } from './features/rollups/rollups.ts';
import { offerSetup } from './features/people/setup-token.ts';
import { startProblems } from './features/problems/check.ts';
import { startNotingSizes } from './features/system/storage.ts';
import { ensureDatabases } from './influx/databases.ts';
import { openInflux } from './influx/open-influx.ts';
import { openPostgres } from './resources/postgres.ts';
import { notePublicUrl } from './resources/public-url.ts';
import { openWatchedPostgres } from './resources/watched-postgres.ts';

const INFLUX_RETRY_MS = 10_000;
const clock = () => new Date();

export interface RunningServer {
  url: string;
  /** Makes the first administrator; null once there is a user. For the eyes of whoever started the server. */
  setupToken: string | null;
  /** Finishes what is in work, then releases everything in the reverse order of its opening. */
  close(): Promise<void>;
}

/**
 * Opens, migrates, listens. When anything fails, what was opened before is released and the error is thrown as it
 * came. InfluxDB may be away: the server starts, keeps old agents' samples, and prepares InfluxDB when it is back.
 */
export async function startServer(
  config: ServerConfig,
  log: FastifyBaseLogger,
): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack();
  await migrateDatabase(config, log);
  const sql = opened.adopt(openWatchedPostgres(config.databaseUrl, log), (pool) =>
    pool.end({ timeout: 5 }),
  );
  const influx = opened.adopt(openInflux(config.influx, log), (client) => client.close());
  opened.use(prepareInflux(config, log));

  const guard = makeGuard({ sql, clock, publicUrl: config.publicUrl });
  const deps: Deps = { sql, influx, guard, config, log, clock };
  const app = opened.adopt(await buildApp(deps), (built) => built.close());
  opened.adopt(startDrain(deps), (drain) => drain.stop());
  opened.adopt(startRollups(deps), (rollups) => rollups.stop());
  opened.adopt(startAgentMetrics(deps), (metrics) => metrics.stop());
  opened.adopt(startProblems(deps), (problems) => problems.stop());
  opened.adopt(startNotingSizes(deps), (sizes) => sizes.stop());
  const url = await app.listen({ host: config.host, port: config.port });

  await notePublicUrl(sql, config.publicUrl);
  const setupToken = await offerSetup(sql, clock());

  const owned = opened.move();
  return { url, setupToken, close: () => owned.disposeAsync() };
}

/** On a connection of its own: a migration may take longer than any statement of the server should. */
export async function migrateDatabase(
  config: ServerConfig,
  log: FastifyBaseLogger,
): Promise<{ applied: string[] }> {
  const sql = openPostgres(config.databaseUrl, log, { max: 1, statementTimeoutMs: 0 });
  try {
    return await migrate(sql, { log });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Creates the InfluxDB databases, now or as soon as it answers; disposing gives up. */
function prepareInflux(config: ServerConfig, log: FastifyBaseLogger): AsyncDisposable {
  const stop = new AbortController();
  const work = (async () => {
    while (!stop.signal.aborted) {
      try {
        await ensureDatabases(config.influx, log);
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.error(
          { influx: config.influx.url, retryInMs: INFLUX_RETRY_MS },
          `InfluxDB cannot be used yet, samples are kept until it can: ${reason}`,
        );
      }
      await sleep(INFLUX_RETRY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await work;
    },
  };
}
