import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Sql } from 'postgres';
import { openPostgres } from './postgres.ts';

const EVERY_MS = 1_000;
/** With the time between two questions, whoever waits hears within five seconds. */
const SILENCE_MS = 3_000;
/** Longer than any statement. */
const RETIRE_S = 6;

/**
 * A pool that notices when Postgres says nothing at all any more: stopped, or behind a link that swallows packets.
 * Then a connection stays open for a quarter of an hour, and a query on it pending; a statement's own time limit is
 * kept by the server that does not answer. So Postgres is asked once a second, on a connection of its own; when it is
 * silent for three, every query under way ends with CONNECTION_DESTROYED, and the next ones get new connections.
 *
 * New ones they get, too, once Postgres answers after any of them was lost: the driver (postgres 3.4.9) may never send
 * a byte again on a connection that was lost with something still to be written.
 */
export function openWatchedPostgres(url: string, log: FastifyBaseLogger): Sql {
  let lost = false;
  const open = () =>
    openPostgres(url, log, {
      onClose: () => {
        lost = true;
      },
    });
  let pool = open();
  let probe = openPostgres(url, log, { max: 1 });
  const stop = new AbortController();
  const retiring = new Set<Promise<void>>();

  const ended = (error: unknown) => log.debug({ err: error }, 'lost connections ended');

  const watch = async () => {
    while (!stop.signal.aborted) {
      await sleep(EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted) break;
      const said = await ask(probe);
      if (said === 'refusal' || (said === 'answer' && !lost)) continue;
      lost = false;
      if (said === 'answer') {
        // What is under way on the good ones may end.
        const old = pool;
        pool = open();
        const end = old
          .end({ timeout: RETIRE_S })
          .catch(ended)
          .finally(() => retiring.delete(end));
        retiring.add(end);
        continue;
      }
      log.warn('Postgres does not answer: its connections are given up');
      const silent = [pool, probe];
      pool = open();
      probe = openPostgres(url, log, { max: 1 });
      await Promise.all(silent.map((old) => old.end({ timeout: 0 }).catch(ended)));
    }
  };
  const watching = watch();

  const end: Sql['end'] = async (options) => {
    stop.abort();
    await Promise.all([pool.end(options), probe.end({ timeout: 0 }), watching]);
    await Promise.all(retiring);
  };
  return new Proxy(pool, {
    apply: (_first, _this, args: Parameters<Sql>) =>
      Reflect.apply(pool, undefined, args) as unknown,
    get: (_first, name) => (name === 'end' ? end : (Reflect.get(pool, name) as unknown)),
  });
}

/** Silence: not a word for three seconds. */
async function ask(probe: Sql): Promise<'answer' | 'refusal' | 'silence'> {
  const question = probe`select 1`.then(
    () => 'answer' as const,
    (error: unknown) => {
      const late = error instanceof Error && 'code' in error && error.code === 'CONNECT_TIMEOUT';
      return late ? 'silence' : 'refusal';
    },
  );
  const patience = new AbortController();
  const silence = sleep(SILENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
  let said = await Promise.race([question, silence]);
  patience.abort();
  // After a long turn of this process the answer may lie in the socket, still unread.
  for (let turns = 0; said === undefined && turns < 3; turns++) {
    said = await Promise.race([question, nextTurn(undefined)]);
  }
  return said ?? 'silence';
}
