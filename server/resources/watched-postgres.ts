import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Sql } from 'postgres';
import { openPostgres } from './postgres.ts';

const EVERY_MS = 1_000;
/** With the time between two questions, whoever waits hears within five seconds. */
const SILENCE_MS = 3_000;

/**
 * A pool that notices when Postgres says nothing at all any more: stopped, or behind a link that swallows packets.
 * Then a connection stays open for a quarter of an hour, and a query on it pending; a statement's own time limit is
 * kept by the server that does not answer. So Postgres is asked once a second, on a connection of its own; when it is
 * silent for three, every query under way ends with CONNECTION_DESTROYED, and the next ones get new connections.
 */
export function openWatchedPostgres(url: string, log: FastifyBaseLogger): Sql {
  let pool = openPostgres(url, log);
  let probe = openPostgres(url, log, { max: 1 });
  const stop = new AbortController();

  const watch = async () => {
    while (!stop.signal.aborted) {
      await sleep(EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted || (await isThere(probe))) continue;
      log.warn('Postgres does not answer: its connections are given up');
      const silent = [pool, probe];
      pool = openPostgres(url, log);
      probe = openPostgres(url, log, { max: 1 });
      await Promise.all(silent.map((old) => old.end({ timeout: 0 })));
    }
  };
  const watching = watch();

  const end: Sql['end'] = async (options) => {
    stop.abort();
    await Promise.all([pool.end(options), probe.end({ timeout: 0 }), watching]);
  };
  return new Proxy(pool, {
    apply: (_first, _this, args: Parameters<Sql>) =>
      Reflect.apply(pool, undefined, args) as unknown,
    get: (_first, name) => (name === 'end' ? end : (Reflect.get(pool, name) as unknown)),
  });
}

/** False after three seconds of silence. An error is a word, too: a server that refuses is not silent. */
async function isThere(probe: Sql): Promise<boolean> {
  let heard = false;
  const question = probe`select 1`.then(
    () => (heard = true),
    (error: unknown) => {
      heard = !(error instanceof Error && 'code' in error && error.code === 'CONNECT_TIMEOUT');
    },
  );
  const patience = new AbortController();
  const silence = sleep(SILENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
  await Promise.race([question, silence]);
  patience.abort();
  // After a long turn of this process the answer may lie in the socket, still unread.
  if (!heard) for (let turns = 0; turns < 3; turns++) await nextTurn();
  return heard;
}
