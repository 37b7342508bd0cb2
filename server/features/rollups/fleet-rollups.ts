import { fleetHours, fleetMinutes, KNOWN_S } from './fleet.ts';
import { HOUR_S, SLOT_S } from './hour.ts';
import { markAgain } from './marks.ts';
import { FLEET, FLEET_HOURS, forget, LeadLost, type PendingMark } from './pending-marks.ts';
import { writePoints, type RollupDeps } from './site-rollups.ts';

/** Of one query. */
const MOST_MINUTES_S = 3 * HOUR_S;
const MOST_HOURS_S = 24 * HOUR_S;

/** First and last of the times, epoch seconds. */
interface Range {
  fromS: number;
  toS: number;
}

/** Writes the fleet's points wherever those of a site have changed. */
export async function rollUpFleet(
  deps: RollupDeps,
  pending: ReadonlyMap<string, readonly PendingMark[]>,
): Promise<void> {
  const minutes = pending.get(FLEET) ?? [];
  const hours = pending.get(FLEET_HOURS) ?? [];
  try {
    await rollUpMinutes(deps, minutes);
    await rollUpHours(deps, hours);
  } catch (error) {
    // As with sites: another server may have written newer ones.
    if (error instanceof LeadLost) await markAgain(deps.sql, [...minutes, ...hours], deps.clock());
    throw error;
  }
}

async function rollUpMinutes(deps: RollupDeps, marks: readonly PendingMark[]): Promise<void> {
  const { influx, config, clock } = deps;
  const { database } = config.influx;
  const nowS = Math.floor(clock().getTime() / 1000);
  // A site's point speaks for minutes after it, too: as far as there are any.
  const reach = marks.map(({ fromS, toS }) => ({
    fromS,
    toS: Math.max(toS, Math.min(toS + KNOWN_S, nowS - (nowS % SLOT_S))),
  }));
  for (const range of pieces(union(reach, SLOT_S), SLOT_S, MOST_MINUTES_S)) {
    await writePoints(deps, database, await fleetMinutes(influx, database, range));
  }
  await forgetIfHeld(deps, marks);
}

async function rollUpHours(deps: RollupDeps, marks: readonly PendingMark[]): Promise<void> {
  const { influx, config } = deps;
  const { rollupDatabase } = config.influx;
  for (const range of pieces(union(marks, HOUR_S), HOUR_S, MOST_HOURS_S)) {
    await writePoints(deps, rollupDatabase, await fleetHours(influx, rollupDatabase, range));
  }
  await forgetIfHeld(deps, marks);
}

async function forgetIfHeld({ sql, holds }: RollupDeps, marks: readonly PendingMark[]) {
  if (marks.length === 0) return;
  if (!(await holds())) throw new LeadLost();
  await forget(sql, marks);
}

/** Ranges that touch one another as one, in order. */
function union(ranges: readonly Range[], stepS: number): Range[] {
  const result: Range[] = [];
  for (const { fromS, toS } of ranges.toSorted((a, b) => a.fromS - b.fromS)) {
    const last = result.at(-1);
    if (last && fromS <= last.toS + stepS) last.toS = Math.max(last.toS, toS);
    else result.push({ fromS, toS });
  }
  return result;
}

/** From and to before, none longer than `mostS`. */
function* pieces(ranges: readonly Range[], stepS: number, mostS: number): Generator<Range> {
  for (const { fromS, toS } of ranges) {
    for (let startS = fromS; startS <= toS; startS += mostS) {
      yield { fromS: startS, toS: Math.min(toS + stepS, startS + mostS) };
    }
  }
}
