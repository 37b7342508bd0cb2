import type { LoadedFarm } from './farm/loaded-farm.ts';
import type { Shown } from './dashboards.ts';
import { intervalOf, RANGES, type Range } from './ranges.ts';

type Fields = Readonly<Record<string, number>>;
/** One number of all points of a series in an interval. */
export type Of = (points: readonly Fields[]) => number | undefined;

/** What a line should be, from the points that were stored, by other means than the query. */
export interface Expected {
  /** Rollups by their names without "_agg" and "_1h", or a measurement that has no hours. */
  from: 'fleet' | 'site' | 'model' | 'agent' | 'miner' | 'samples';
  of: Of;
  hours?: Of;
  /** Which series; all of them are added up. */
  where?: (tags: Readonly<Record<string, string>>) => boolean;
  /** A line for each value of this tag, named after it and of all points that have it. */
  by?: string;
}

const numbers = (points: readonly Fields[], field: string) =>
  points.map((fields) => fields[field]).filter((value) => value !== undefined);

export const mean =
  (field: string, factor = 1): Of =>
  (points) => {
    const values = numbers(points, field);
    return values.length > 0
      ? (factor * values.reduce((a, b) => a + b, 0)) / values.length
      : undefined;
  };
export const total =
  (field: string): Of =>
  (points) => {
    const values = numbers(points, field);
    return values.length > 0 ? values.reduce((a, b) => a + b, 0) : undefined;
  };
export const most =
  (field: string): Of =>
  (points) => {
    const values = numbers(points, field);
    return values.length > 0 ? Math.max(...values) : undefined;
  };
export const least =
  (field: string): Of =>
  (points) => {
    const values = numbers(points, field);
    return values.length > 0 ? Math.min(...values) : undefined;
  };
const combined =
  (a: Of, b: Of, by: (x: number, y: number) => number): Of =>
  (points) => {
    const [x, y] = [a(points), b(points)];
    return x === undefined || y === undefined ? undefined : by(x, y);
  };
export const minus = (a: Of, b: Of) => combined(a, b, (x, y) => x - y);
export const plus = (a: Of, b: Of) => combined(a, b, (x, y) => x + y);
export const over = (a: Of, b: Of, factor = 1) => combined(a, b, (x, y) => (factor * x) / y);

const hourStep = (range: Range) => (RANGES[range] > 62 * 86_400 ? 21_600 : 3600);
const isLong = (range: Range) => RANGES[range] > 8 * 86_400;

/** Line → interval → value. */
export function expectedLines(
  farm: LoadedFarm,
  shown: Shown,
  range: Range,
  lines: Record<string, Expected>,
  minimum?: string,
): Map<string, Map<number, number>> {
  const result = new Map<string, Map<number, number>>();
  for (const [name, line] of Object.entries(lines)) {
    const rolled = line.from === 'fleet' || line.from === 'site' || line.from === 'miner';
    const long = rolled && isLong(range);
    const suffix = long ? '_1h' : '_agg';
    const measurement = line.from === 'agent' ? 'agent' : `${line.from}${suffix}`;
    const stepS = long ? hourStep(range) : intervalOf(RANGES[range], minimum);
    const of = long ? (line.hours ?? line.of) : line.of;
    const stored =
      measurement === 'miner_agg' || line.from === 'samples'
        ? farm.samples.map(({ role, key, model, timeS, fields }) => ({
            tags: { miner: key, model, site: farm.scopes[role.site] } as Record<string, string>,
            timeS,
            fields,
          }))
        : farm.points.filter((point) => point.measurement === measurement);
    const keptFrom = measurement.endsWith('_1h') ? 0 : farm.endS - 30 * 86_400;
    const within = stored.filter(
      ({ timeS, tags }) =>
        timeS >= keptFrom &&
        timeS * 1000 >= shown.from.getTime() &&
        timeS * 1000 <= shown.to.getTime() &&
        (line.where?.(tags) ?? true),
    );
    const series = Map.groupBy(within, ({ tags }) =>
      line.by === undefined ? JSON.stringify(tags) : (tags[line.by] ?? ''),
    );
    for (const [key, points] of series) {
      const called = line.by === undefined ? name : key;
      const buckets = Map.groupBy(points, ({ timeS }) => Math.floor(timeS / stepS) * stepS);
      const sums = result.get(called) ?? new Map<number, number>();
      for (const [bucket, group] of buckets) {
        const value = of(group.map(({ fields }) => fields));
        if (value !== undefined) sums.set(bucket, (sums.get(bucket) ?? 0) + value);
      }
      if (sums.size > 0) result.set(called, sums);
    }
  }
  return result;
}
