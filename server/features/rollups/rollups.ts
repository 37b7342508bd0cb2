import { randomUUID } from 'node:crypto';
import type { Sql, TransactionSql } from 'postgres';
import { InfluxError } from '../../influx/influx.ts';
import { rollUpFleet } from './fleet-rollups.ts';
import { FLEET, FLEET_HOURS, LeadLost, openHours, pendingMarks } from './pending-marks.ts';
import { makeSiteRollups, type RollupDeps } from './site-rollups.ts';

type Deps = Omit<RollupDeps, 'holds'>;

const EVERY_MS = 5_000;
/** While there is a backlog: a pause in which syncs have the databases for themselves. */
const PAUSE_MS = 250;
/** Past hours are left for the next round when one has taken so long: the present minutes come first. */
const ROUND_MS = 10_000;
/** A leader that has not begun or ended a round for so long is gone, unless it still holds the lock. */
const LEASE_S = 60;
/** Sites that may fail in a row before it is the databases' fault, and the rest waits for the next round. */
const FAILURES = 3;

export interface Rollups {
  /**
   * Writes what can be written now. 'more': there are more past hours to compute at once; 'left': another server is the
   * leader. Throws the databases' errors; what was not written then is written by a later round.
   */
  round(): Promise<'idle' | 'more' | 'left'>;
  /** Lets another server lead. */
  resign(): Promise<void>;
}

export function makeRollups(deps: Deps): Rollups {
  const { sql, log } = deps;
  const me = randomUUID();
  /** Of the connection that holds the lock. */
  let pid = 0;
  const rollupDeps: RollupDeps = { ...deps, holds: () => holdsLock(sql, pid) };
  const sites = makeSiteRollups(rollupDeps);
  /** Sites whose present or past failed when last looked at; they come last, so that they hold up no other. */
  const failing = { live: new Set<string>(), past: new Set<string>() };

  /** Looks at one site after the other for as long as `look` does not say that it is enough. */
  const eachSite = async (
    kind: 'live' | 'past',
    scopes: Set<string>,
    look: (scope: string) => Promise<boolean>,
  ) => {
    const last = failing[kind];
    let inARow = 0;
    for (const scope of [...scopes.difference(last), ...scopes.intersection(last)]) {
      try {
        if (!(await look(scope))) return;
        last.delete(scope);
        inARow = 0;
      } catch (error) {
        if (error instanceof LeadLost) throw error;
        sites.forget(scope);
        last.add(scope);
        logFailure(log, error, scope);
        if (++inARow === FAILURES) return;
      }
    }
  };

  const work = async (): Promise<'idle' | 'more'> => {
    const start = performance.now();
    let marks = await pendingMarks(sql);
    let open = await openHours(sql);
    await eachSite('live', scopesOf(marks, open), async (scope) => {
      await sites.live(scope, marks.get(scope) ?? [], open.get(scope) ?? []);
      return true;
    });
    marks = await pendingMarks(sql);
    await rollUpFleet(rollupDeps, marks);

    open = await openHours(sql);
    let more = false;
    await eachSite('past', scopesOf(marks, open), async (scope) => {
      if (performance.now() - start > ROUND_MS) {
        more = true;
        return false;
      }
      if (await sites.past(scope, marks.get(scope) ?? [], open.get(scope) ?? [])) more = true;
      return true;
    });
    return more ? 'more' : 'idle';
  };

  return {
    round: async () => {
      let isLost = false;
      let working: Promise<'idle' | 'more'> | undefined;
      try {
        return await sql.begin(async (tx) => {
          const standing = await lead(tx, me);
          if (standing === 'busy') return 'left';
          if (standing !== 'same') sites.forget();
          if (standing === 'other') return 'left';
          pid = await pidOf(tx);
          working = work();
          const [outcome] = await Promise.allSettled([working]);
          // On a connection that is gone the driver must not be made to say "commit" or "rollback".
          if (isLost) await new Promise<never>(() => undefined);
          if (outcome.status === 'rejected') throw outcome.reason;
          return outcome.value;
        });
      } catch (error) {
        // The lock may have been lost with its connection while the work goes on: no other round may use what it remembers
        // until it has noticed.
        isLost = true;
        await working?.catch(() => undefined);
        sites.forget();
        throw error;
      }
    },
    resign: async () => {
      await sql`DELETE FROM rollup_leader WHERE holder = ${me}`;
    },
  };
}

/** Sites with something to do. */
function scopesOf(...maps: ReadonlyMap<string, unknown>[]): Set<string> {
  const scopes = new Set(maps.flatMap((map) => Array.from(map.keys())));
  scopes.delete(FLEET);
  scopes.delete(FLEET_HOURS);
  return scopes;
}

/**
 * Whether this server computes the rollups: no other is at it at this moment, nor has been lately. 'new': since now, so
 * what it remembers may be behind what others have written. 'busy': another one is at it, or is only looking as well.
 */
async function lead(tx: TransactionSql, me: string): Promise<'same' | 'new' | 'other' | 'busy'> {
  const [lock] = await tx<{ won: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended('rollups', 0)) AS won`;
  if (!lock?.won) return 'busy';
  const [before] = await tx<{ isMe: boolean; isGone: boolean }[]>`
    SELECT holder = ${me} AS "isMe", until < clock_timestamp() AS "isGone" FROM rollup_leader`;
  if (before && !before.isMe && !before.isGone) return 'other';
  await tx`
    INSERT INTO rollup_leader (holder, until) VALUES (${me}, clock_timestamp() + ${LEASE_S} * interval '1 second')
    ON CONFLICT (one) DO UPDATE SET holder = excluded.holder, until = excluded.until`;
  return before?.isMe ? 'same' : 'new';
}

async function pidOf(tx: TransactionSql): Promise<number> {
  const [row] = await tx<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
  return row?.pid ?? 0;
}

/**
 * Whether a connection still holds the leader's lock. Asked on another one: a process that was stopped for a while does
 * not know yet that it has lost its own.
 */
async function holdsLock(sql: Sql, pid: number): Promise<boolean> {
  const found = await sql`
    SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = ${pid} AND granted
      AND ((classid::bigint << 32) | objid::bigint) = hashtextextended('rollups', 0)
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  return found.length > 0;
}

function logFailure(log: Deps['log'], error: unknown, scope?: string): void {
  const level = error instanceof InfluxError && error.kind === 'unavailable' ? 'debug' : 'warn';
  log[level]({ err: error, scope }, 'rollups wait for their databases');
}

/** Keeps the rollups going. Several servers may: one leads, the others find it at work. */
export function startRollups(deps: Deps): { stop(): Promise<void> } {
  const rollups = makeRollups(deps);
  let stopped = false;
  let running: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const round = async () => {
    const outcome = await rollups.round().catch((error: unknown) => {
      logFailure(deps.log, error);
      return 'idle' as const;
    });
    schedule(outcome === 'more' ? PAUSE_MS : EVERY_MS);
  };
  const schedule = (ms: number) => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = round();
    }, ms);
  };
  schedule(EVERY_MS);
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
      await rollups.resign().catch((error: unknown) => {
        deps.log.debug({ err: error }, 'the rollups go on when their lease has run out');
      });
    },
  };
}
