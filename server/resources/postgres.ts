import type { FastifyBaseLogger } from 'fastify';
import postgres, { type Sql } from 'postgres';

/** SQLSTATE that mean "not now": connection, too many clients, shutting down or starting, statement timeout. */
const NOT_NOW_SQLSTATE = /^(08|53|57P0|57014)/;
const NOT_NOW_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * A pool that connects when first used. `statementTimeoutMs` 0 = none, for migrations; the default lies well
 * inside the time a handler has.
 */
export function openPostgres(
  url: string,
  log: FastifyBaseLogger,
  {
    max = 10,
    statementTimeoutMs = 5_000,
    onClose = () => undefined,
  }: { max?: number; statementTimeoutMs?: number; onClose?: () => void } = {},
): Sql {
  return postgres(url, {
    max,
    connect_timeout: 2,
    idle_timeout: 60,
    // The next attempt after a failed one waits at most this long, so that a server notices a database that is back.
    backoff: (retries) => Math.min(0.05 * 2 ** retries, 1),
    connection: { application_name: 'hashyard', statement_timeout: statementTimeoutMs },
    onclose: onClose,
    onnotice: (notice) => log.debug({ notice }, 'postgres notice'),
  });
}

/** Whether an error means that Postgres cannot be reached or is not ready, as opposed to refusing a statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string')
    return false;
  // A refused statement is a PostgresError too; only there do five-character codes mean SQLSTATE.
  return (
    NOT_NOW_CODES.has(error.code) ||
    (error.name === 'PostgresError' && NOT_NOW_SQLSTATE.test(error.code))
  );
}

/**
 * Whether an error nobody could catch is the driver's own: it writes once more to a connection that has just been
 * lost (postgres 3.4.9, its issues 1154 and 1208). The query on that connection has been told already.
 */
export function isWriteToLostConnection(error: unknown): boolean {
  return error instanceof TypeError && /\bnextWrite\b.*\bpostgres\b/.test(error.stack ?? '');
}

/** Texts and numbers no column can hold: a NUL character, an unpaired surrogate, a number out of range. */
const UNSTORABLE_SQLSTATE = new Set(['22021', '22P05', '22003']);

/** Whether Postgres refused a value for what it is; the statement was right. */
export function isUnstorable(error: unknown): boolean {
  return error instanceof postgres.PostgresError && UNSTORABLE_SQLSTATE.has(error.code);
}
