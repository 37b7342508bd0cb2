import { randomUUID } from 'node:crypto';
import type { TransactionSql } from 'postgres';
import { InfluxError } from '../../influx/influx.ts';
import { rollUpFleet } from './fleet-rollups.ts';
import { FLEET, FLEET_HOURS, openHours, pendingMarks } from './pending-marks.ts';
import { makeSiteRollups, type RollupDeps } from './site-rollups.ts';

const EVERY_MS = 5_000;
/** While there is a backlog: a pause in which syncs have the databases for themselves. */
const PAUSE_MS = 250;
/** Past hours are left for the next round when one has taken so long: the present minutes come first. */
const ROUND_MS = 10_000;
/** A leader that has said nothing for so long is gone; rounds are shorter, however much there is to do. */
const LEASE_S = 60;

export interface Rollups {
  /**
   * Writes what can be written now. 'more': there are more past hours to compute at once; 'left': another server is the
   * leader. Throws the databases' errors; what was not written then is written by a later round.
   */
  round(): Promise<'idle' | 'more' | 'left'>;
  /** Lets another server lead. */
  resign(): Promise<void>;
}

export function makeRollups(deps: RollupDeps): Rollups {
  const { sql } = deps;
  const me = randomUUID();
  const sites = makeSiteRollups(deps);

  const work = async (): Promise<'idle' | 'more'> => {
    const start = performance.now();
    let marks = await pendingMarks(sql);
    let open = await openHours(sql);
    for (const scope of scopesOf(marks, open)) {
      await sites.live(scope, marks.get(scope) ?? [], open.get(scope) ?? []);
    }
    marks = await pendingMarks(sql);
    await rollUpFleet(deps, marks);

    open = await openHours(sql);
    let more = false;
    for (const scope of scopesOf(marks, open)) {
      if (performance.now() - start > ROUND_MS) return 'more';
      const ofScope = [marks.get(scope) ?? [], open.get(scope) ?? []] as const;
      if (await sites.past(scope, ...ofScope)) more = true;
    }
    return more ? 'more' : 'idle';
  };

  return {
    round: () =>
      sql.begin(async (tx) => {
        const standing = await lead(tx, me);
        if (standing === 'other') {
          sites.forget();
          return 'left';
        }
        if (standing === 'new') sites.forget();
        try {
          return await work();
        } catch (error) {
          sites.forget();
          throw error;
        }
      }),
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
 * what it remembers may be behind what others have written.
 */
async function lead(tx: TransactionSql, me: string): Promise<'same' | 'new' | 'other'> {
  const [lock] = await tx<{ won: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended('rollups', 0)) AS won`;
  if (!lock?.won) return 'other';
  const [before] = await tx<{ isMe: boolean; isGone: boolean }[]>`
    SELECT holder = ${me} AS "isMe", until < clock_timestamp() AS "isGone" FROM rollup_leader`;
  if (before && !before.isMe && !before.isGone) return 'other';
  await tx`
    INSERT INTO rollup_leader (holder, until) VALUES (${me}, clock_timestamp() + ${LEASE_S} * interval '1 second')
    ON CONFLICT (one) DO UPDATE SET holder = excluded.holder, until = excluded.until`;
  return before?.isMe ? 'same' : 'new';
}

/** Keeps the rollups going. Several servers may: one leads, the others find it at work. */
export function startRollups(deps: RollupDeps): { stop(): Promise<void> } {
  const rollups = makeRollups(deps);
  let stopped = false;
  let running: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const round = async () => {
    const outcome = await rollups.round().catch((error: unknown) => {
      const level = error instanceof InfluxError && error.kind === 'unavailable' ? 'debug' : 'warn';
      deps.log[level]({ err: error }, 'rollups wait for their databases');
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
