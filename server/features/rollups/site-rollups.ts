import type { Deps } from '../../deps.ts';
import { rawRetentionDays } from '../../influx/retention.ts';
import { writeBatch } from '../../influx/write-batch.ts';
import { HOUR_S, SLOT_S, startHour, type Carry, type Hour, type PointLine } from './hour.ts';
import { freshSamples, hoursOf, markAgain } from './marks.ts';
import { isUnderWay, LeadLost, settle, type PendingMark } from './pending-marks.ts';
import { enterBySlot, readSamples } from './read-samples.ts';
import type { StoredSample } from './samples.ts';

export type RollupDeps = Pick<Deps, 'sql' | 'influx' | 'config' | 'log' | 'clock'> & {
  /** Whether this server is still the one that computes them: asked before and after each writing. */
  holds: () => Promise<boolean>;
};

/** After a minute's end: agents send within thirty seconds, most of them at once. */
const MINUTE_DELAY_S = 30;
/** After an hour's end: its last minute has been written before. */
const HOUR_DELAY_S = 90;
/** A backlog that comes in is waited for until it pauses, but not for ever. */
const QUIET_MS = 10_000;
const PATIENCE_MS = 120_000;
/** A minute that was already written is put right with its whole hour, which costs a query of all its samples. */
const AGAIN_MS = 300_000;
const DAY_S = 86_400;
/** Hours computed in one go. */
const RUN_HOURS = 12;

/** The present hour of a site as far as it has been written. */
interface Live {
  hour: Hour;
  /** The next minute to be written. */
  nextS: number;
  /** Marks all of whose samples before `nextS` are in it. */
  included: Set<string>;
  /** When it was last read from InfluxDB, ms. */
  readAt: number;
}

/** The rollups of all sites. One round of it at a time, and no other server at it: it holds the present hours in memory. */
export interface SiteRollups {
  /** Writes the minutes of the present hour that are complete, and the hours that end. */
  live(scope: string, marks: readonly PendingMark[], open: readonly number[]): Promise<void>;
  /** Computes past hours anew, twelve at most; false when there is nothing to do now. */
  past(scope: string, marks: readonly PendingMark[], open: readonly number[]): Promise<boolean>;
  /** Forgets what is in memory, of all sites or of one; what was not written is read again. */
  forget(scope?: string): void;
}

export function makeSiteRollups(deps: RollupDeps): SiteRollups {
  const { sql, influx, config, log, clock } = deps;
  const lives = new Map<string, Live>();

  const writeMinutes = (lines: PointLine[]) => write(config.influx.database, lines);
  const writeHour = (hour: Hour) => write(config.influx.rollupDatabase, hour.finish());
  /** Times of the points written since the site was turned to. */
  const written = new Set<number>();
  const write = async (database: string, lines: PointLine[]) => {
    for (const { timeS } of lines) written.add(timeS);
    await writePoints(deps, database, lines);
  };
  /** What was written while another server took over may be older than what that one wrote: it has to write it again. */
  const unlessLost = async <T>(scope: string, work: () => Promise<T>): Promise<T> => {
    written.clear();
    try {
      return await work();
    } catch (error) {
      if (error instanceof LeadLost) await markAgain(sql, hoursOf(scope, written), clock());
      throw error;
    }
  };

  /**
   * Of past hours those of which InfluxDB still has all samples, and those of the hour before. The others' points are better
   * than any that could be computed now: their marks are forgotten.
   */
  const stillWhole = async (
    scope: string,
    hours: readonly number[],
    byHour: ReadonlyMap<number, readonly PendingMark[]>,
    now: Date,
  ): Promise<number[]> => {
    if (hours.length === 0) return [];
    const keptS =
      now.getTime() / 1000 - (await rawRetentionDays(influx, config.influx.database)) * DAY_S;
    const isGone = (hourS: number) => hourS - HOUR_S < keptS;
    const gone = hours.filter(isGone);
    if (gone.length > 0) {
      const marks = gone.flatMap((hourS) => byHour.get(hourS) ?? []);
      await settle(deps, { scope, marks, closed: gone }, now);
      log.warn(
        { scope, hours: gone.length },
        'hours of which samples are no longer kept stay as they are',
      );
    }
    return hours.filter((hourS) => !isGone(hourS));
  };

  const countMiners = async (scope: string): Promise<number> => {
    const [row] = await sql<{ miners: number }[]>`
      SELECT count(*)::int AS miners FROM miner_keys WHERE scope = ${scope}`;
    return row?.miners ?? 0;
  };

  /** Adds what InfluxDB has of an hour, up to before `toS`; returns the lines of its minutes. */
  const readInto = async (hour: Hour, scope: string, toS: number, miners: number) => {
    const lines: PointLine[] = [];
    const range = { scope, fromS: hour.hourS, toS, miners };
    for await (const bySlot of readSamples(influx, config.influx.database, range)) {
      lines.push(...addSlots(hour, bySlot));
    }
    return lines;
  };
  const carryInto = async (scope: string, hourS: number, miners: number): Promise<Carry> => {
    const before = startHour(scope, hourS - HOUR_S, NOTHING);
    await readInto(before, scope, hourS, miners);
    return before.carry();
  };

  /** Reads the present hour from InfluxDB and writes its minutes up to before `toS`. */
  const readLive = async (scope: string, hourS: number, toS: number, marks: PendingMark[]) => {
    const now = clock();
    lives.delete(scope);
    const miners = await countMiners(scope);
    const hour = startHour(scope, hourS, await carryInto(scope, hourS, miners));
    const lines = await readInto(hour, scope, toS, miners);
    await writeMinutes(lines);
    const done = marks.filter(({ toS: lastS }) => lastS < toS);
    const minutes = { fromS: hourS, toS: toS - SLOT_S };
    await settle(deps, { scope, marks: done, opened: hourS, minutes }, now);
    const included = new Set(marks.filter(({ written }) => written).map(({ id }) => id));
    lives.set(scope, { hour, nextS: toS, included, readAt: now.getTime() });
  };

  /** Adds the samples of these marks, as they were handed over, or else as InfluxDB has them. */
  const feed = async (scope: string, live: Live, toS: number, marks: PendingMark[]) => {
    const bySlot =
      (await freshBySlot(marks, live, toS)) ?? (await storedBySlot(scope, live.nextS, toS));
    const slots = [...bySlot.keys()].toSorted((a, b) => a - b);
    const first = slots[0];
    const last = slots.at(-1);
    // Until it is written, it is not.
    lives.delete(scope);
    await writeMinutes(addSlots(live.hour, bySlot));
    if (last !== undefined) live.nextS = last + SLOT_S;
    const done = marks.filter((mark) => mark.toS < toS);
    const minutes =
      first === undefined || last === undefined ? undefined : { fromS: first, toS: last };
    await settle(deps, { scope, marks: done, opened: live.hour.hourS, minutes }, clock());
    for (const { id } of done) live.included.delete(id);
    for (const mark of marks) if (mark.toS >= toS) live.included.add(mark.id);
    lives.set(scope, live);
  };

  const storedBySlot = async (scope: string, fromS: number, toS: number) => {
    const range = { scope, fromS, toS, miners: await countMiners(scope) };
    const all = new Map<number, StoredSample[]>();
    for await (const piece of readSamples(influx, config.influx.database, range))
      for (const [slotS, samples] of piece) all.set(slotS, samples);
    return all;
  };

  const freshBySlot = async (marks: PendingMark[], live: Live, toS: number) => {
    const rows = await sql<{ samples: string }[]>`
      SELECT samples FROM rollup_fresh WHERE mark_id = ANY(${marks.map(({ id }) => id)}::bigint[])`;
    if (rows.length < marks.length) return null;
    const samples = rows
      .flatMap((row) => freshSamples(row.samples))
      .filter(({ timeS }) => timeS >= live.nextS && timeS < toS);
    const once = rows.length > 1 ? withoutRepeats(samples) : samples;
    if (!once) return null;
    const bySlot = new Map<number, StoredSample[]>();
    for (const sample of once) enterBySlot(bySlot, sample);
    return bySlot;
  };

  const liveMinutes = async (scope: string, hourS: number, ofHour: readonly PendingMark[]) => {
    const now = clock();
    const toS = completeTo(hourS, ofHour, now);
    const live = lives.get(scope);
    const mine = live?.hour.hourS === hourS ? live : undefined;
    const complete = ofHour.filter(
      (mark) =>
        !isUnderWay(mark, now) &&
        mark.fromS < toS &&
        !(mine && mine.nextS >= toS && mine.included.has(mark.id)),
    );
    if (complete.length === 0) return;
    const isReady = (mark: PendingMark) =>
      mine !== undefined && mark.fresh && (mark.fromS >= mine.nextS || mine.included.has(mark.id));
    const ready = complete.filter(isReady);
    if (ready.length < complete.length || !mine) {
      if (!mine || now.getTime() - mine.readAt >= AGAIN_MS) {
        await readLive(scope, hourS, toS, complete);
        return;
      }
      if (ready.length === 0) return;
    }
    await feed(scope, mine, toS, ready);
  };

  /** The hour that has just ended, when all of it is in memory or handed over. false: it has to be read. */
  const endHour = async (scope: string, hourS: number, ofHour: readonly PendingMark[]) => {
    const live = lives.get(scope);
    if (live?.hour.hourS !== hourS) return false;
    const now = clock();
    if (ofHour.some((mark) => isUnderWay(mark, now))) return true;
    if (
      ofHour.some((mark) => !mark.fresh || (mark.fromS < live.nextS && !live.included.has(mark.id)))
    )
      return false;
    if (ofHour.length > 0) await feed(scope, live, hourS + HOUR_S, [...ofHour]);
    lives.delete(scope);
    await writeHour(live.hour);
    await settle(deps, { scope, marks: [], closed: [hourS], hours: [hourS] }, now);
    const next = startHour(scope, hourS + HOUR_S, live.hour.carry());
    lives.set(scope, { hour: next, nextS: next.hourS, included: new Set(), readAt: 0 });
    return true;
  };

  const live: SiteRollups['live'] = async (scope, marks, open) => {
    const now = clock();
    const byHour = Map.groupBy(marks, ({ hourS }) => hourS);
    const past = new Set([...byHour.keys(), ...open].filter((hourS) => isPast(hourS, now)));
    const [only] = past;
    if (only !== undefined && past.size === 1) await endHour(scope, only, byHour.get(only) ?? []);
    for (const hourS of [...byHour.keys()].toSorted((a, b) => a - b)) {
      if (!isPast(hourS, now)) await liveMinutes(scope, hourS, byHour.get(hourS) ?? []);
    }
  };

  const past: SiteRollups['past'] = async (scope, marks, open) => {
    const now = clock();
    const byHour = Map.groupBy(marks, ({ hourS }) => hourS);
    const all = [...byHour.keys(), ...open].filter((hourS) => isPast(hourS, now));
    const dirty = new Set(await stillWhole(scope, all, byHour, now));
    const ready = [...dirty]
      .filter((hourS) => isQuiet(byHour.get(hourS) ?? [], now))
      .toSorted((a, b) => a - b);
    const [firstS] = ready;
    if (firstS === undefined) return false;
    const run = ready
      .filter((hourS, index) => hourS === firstS + index * HOUR_S)
      .slice(0, RUN_HOURS);
    const afterS = firstS + run.length * HOUR_S;
    const isAfterPast = isPast(afterS, now);
    // What an hour hands on has changed: the next one is computed with it, unless it is going to be anyway.
    const hours = isAfterPast && !dirty.has(afterS) ? [...run, afterS] : run;
    const live = lives.get(scope);
    if (live && live.hour.hourS <= afterS) lives.delete(scope);

    const miners = await countMiners(scope);
    let carry = await carryInto(scope, firstS, miners);
    for (const hourS of hours) {
      const hour = startHour(scope, hourS, carry);
      await writeMinutes(await readInto(hour, scope, hourS + HOUR_S, miners));
      await writeHour(hour);
      carry = hour.carry();
    }
    if (!isAfterPast && (byHour.has(afterS) || open.includes(afterS))) {
      await markAgain(sql, [{ scope, hourS: afterS, fromS: afterS, toS: afterS }], now);
    }
    const done = run.flatMap((hourS) => byHour.get(hourS) ?? []);
    const minutes = { fromS: firstS, toS: firstS + hours.length * HOUR_S - SLOT_S };
    await settle(deps, { scope, marks: done, closed: run, minutes, hours }, now);
    log.info({ scope, hours: hours.length, from: new Date(firstS * 1000) }, 'past hours computed');
    return true;
  };

  return {
    live: (scope, ...more) => unlessLost(scope, () => live(scope, ...more)),
    past: (scope, ...more) => unlessLost(scope, () => past(scope, ...more)),
    forget: (scope) => {
      if (scope === undefined) lives.clear();
      else lives.delete(scope);
    },
  };
}

const NOTHING: Carry = new Map();

/** Throws `LeadLost` instead when another server may have become the one that writes. */
export async function writePoints(
  { influx, log, holds }: RollupDeps,
  database: string,
  lines: PointLine[],
): Promise<void> {
  if (lines.length === 0) return;
  if (!(await holds())) throw new LeadLost();
  const [first] = await writeBatch(influx, database, lines);
  if (first) log.warn({ reason: first.reason, line: first.lines[0]?.text }, 'rollups refused');
}

function isPast(hourS: number, now: Date): boolean {
  return hourS + HOUR_S + HOUR_DELAY_S <= now.getTime() / 1000;
}

/** Minutes of one hour whose samples are all there: to before when. */
function completeTo(hourS: number, marks: readonly PendingMark[], now: Date): number {
  const underWay = marks.filter((mark) => isUnderWay(mark, now)).map(({ fromS }) => fromS);
  const latest = Math.min(now.getTime() / 1000 - MINUTE_DELAY_S, ...underWay);
  return Math.min(latest - (latest % SLOT_S), hourS + HOUR_S);
}

function addSlots(hour: Hour, bySlot: ReadonlyMap<number, StoredSample[]>): PointLine[] {
  const slots = [...bySlot].toSorted(([a], [b]) => a - b);
  return slots.flatMap(([slotS, samples]) => hour.addSlot(slotS, samples));
}

/** null: there are two different ones of the same second, which InfluxDB has merged. */
function withoutRepeats(samples: readonly StoredSample[]): StoredSample[] | null {
  const seen = new Map<string, StoredSample>();
  for (const sample of samples) {
    const name = `${sample.miner} ${sample.model} ${sample.timeS}`;
    const before = seen.get(name);
    if (before && JSON.stringify(before) !== JSON.stringify(sample)) return null;
    seen.set(name, sample);
  }
  return [...seen.values()];
}

/** Nothing of it is under way, and nothing has come lately, or the first has waited long enough. */
function isQuiet(marks: readonly PendingMark[], now: Date): boolean {
  if (marks.some((mark) => isUnderWay(mark, now))) return false;
  const times = marks.map(({ at }) => at.getTime());
  const newest = Math.max(0, ...times);
  return now.getTime() - newest >= QUIET_MS || now.getTime() - Math.min(...times) >= PATIENCE_MS;
}
