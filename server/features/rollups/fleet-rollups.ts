import { writeBatch } from '../../influx/write-batch.ts';
import { fleetHours, fleetMinutes, KNOWN_S } from './fleet.ts';
import { HOUR_S, SLOT_S, type PointLine } from './hour.ts';
import { FLEET, FLEET_HOURS, forget, type PendingMark } from './pending-marks.ts';
import type { RollupDeps } from './site-rollups.ts';

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
  { sql, influx, config, log, clock }: RollupDeps,
  pending: ReadonlyMap<string, readonly PendingMark[]>,
): Promise<void> {
  const write = async (database: string, lines: PointLine[]) => {
    const [first] = await writeBatch(influx, database, lines);
    if (first) log.warn({ reason: first.reason }, 'rollups of the fleet refused');
  };

  const minutes = pending.get(FLEET) ?? [];
  const nowS = Math.floor(clock().getTime() / 1000);
  // A site's point speaks for minutes after it, too: as far as there are any.
  const reach = minutes.map(({ fromS, toS }) => ({
    fromS,
    toS: Math.max(toS, Math.min(toS + KNOWN_S, nowS - (nowS % SLOT_S))),
  }));
  for (const range of pieces(union(reach, SLOT_S), SLOT_S, MOST_MINUTES_S)) {
    await write(config.influx.database, await fleetMinutes(influx, config.influx.database, range));
  }
  await forget(sql, minutes);

  const hours = pending.get(FLEET_HOURS) ?? [];
  for (const range of pieces(union(hours, HOUR_S), HOUR_S, MOST_HOURS_S)) {
    const { rollupDatabase } = config.influx;
    await write(rollupDatabase, await fleetHours(influx, rollupDatabase, range));
  }
  await forget(sql, hours);
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
