import type { Readable } from 'node:stream';
import postgres from 'postgres';
import { MigrationError } from '../../migrations/migrate.ts';
import { ConfigError, readConfig, type ServerConfig } from '../config.ts';
import { InfluxError } from '../influx/influx.ts';
import type { Messages } from '../messages.ts';
import { isDatabaseUnavailable } from '../resources/postgres.ts';

/** Where a command reads and writes; `out` is its result, `err` is for people. Each takes whole lines. */
export interface Terminal {
  env: NodeJS.ProcessEnv;
  say: Messages;
  stdin: Readable & { isTTY?: boolean };
  out: (line: string) => void;
  err: (line: string) => void;
}

/** Ends a command with status 1; the message is all the user needs. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The configuration, or `CommandError`. */
export function configFor({ env, say }: Terminal): ServerConfig {
  try {
    return readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError(say.configWrong(error.message));
    throw error;
  }
}

/** The sentence for a failure of what the server stands on; undefined for anything else, which is a bug. */
export function explain(error: unknown, config: ServerConfig, say: Messages): string | undefined {
  if (error instanceof CommandError) return error.message;
  if (error instanceof MigrationError) return explainMigration(error, say);
  if (error instanceof InfluxError) {
    return error.kind === 'unavailable'
      ? say.influxAway(config.influx.url, error.message)
      : say.influxWrong(error.message);
  }
  if (!(error instanceof Error)) return undefined;
  const where = `${config.host}:${config.port}`;
  const code = 'code' in error ? error.code : undefined;
  const listening = 'syscall' in error && error.syscall === 'listen';
  if (listening && code === 'EADDRINUSE') return say.portTaken(where);
  if (listening && code === 'EACCES') return say.portForbidden(where);
  if (code === 'EADDRNOTAVAIL') return say.addressUnknown(config.host);
  if (error instanceof postgres.PostgresError) return explainPostgres(error, config, say);
  if (isDatabaseUnavailable(error)) {
    return say.postgresAway(new URL(config.databaseUrl).host, error.message || String(code));
  }
  return undefined;
}

function explainMigration({ mismatch, message }: MigrationError, say: Messages): string {
  if (mismatch?.kind === 'newer') return say.historyNewer(mismatch.database, mismatch.program);
  if (mismatch?.kind === 'edited') {
    return say.historyEdited(mismatch.file, mismatch.ranAs, mismatch.ranAt);
  }
  return message;
}

function explainPostgres(
  error: postgres.PostgresError,
  config: ServerConfig,
  say: Messages,
): string {
  const { host, pathname } = new URL(config.databaseUrl);
  switch (error.code) {
    case '28P01':
    case '28000':
      return say.postgresPassword;
    case '3D000':
      return say.postgresNoDatabase(pathname.slice(1));
    default:
      return isDatabaseUnavailable(error)
        ? say.postgresAway(host, error.message)
        : say.postgresOther(error.message);
  }
}
