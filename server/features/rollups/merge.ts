import type { AggValues, HourValues } from './fields.ts';
import { mergedPercentile, ratio, type Knots } from './numbers.ts';
import { percent } from './slot.ts';

type PointValues = AggValues | HourValues;
type Name = keyof AggValues | keyof HourValues;

/** Everything else is a sum. */
const LEAST = new Set<Name>(['fan_min_rpm']);
const MOST = new Set<Name>(['temp_chip_max_c', 'temp_max_c', 'slots']);
/** Means, and what they are weighted by. */
const WEIGHTED: Partial<Record<Name, keyof AggValues & keyof HourValues>> = {
  temp_chip_mean_c: 'temp_chip_miners',
  up_share: 'miners_seen',
};
/** What a site tells of its distributions, lowest first. */
const PERCENTS = [
  [0.1, 'percent_p10'],
  [0.5, 'percent_p50'],
  [0.9, 'percent_p90'],
] as const;
const CHIPS = [
  [0.5, 'temp_chip_p50_c'],
  [0.9, 'temp_chip_p90_c'],
] as const;

/** The point of the fleet from the points of its sites. Percentiles of several sites are estimates. */
export function merge<V extends PointValues>(
  names: readonly (keyof V & Name)[],
  sites: readonly V[],
): V {
  const merged: Partial<Record<Name, number | null>> = {};
  for (const name of names) merged[name] = mergeOne(name, sites);
  const of = (name: Name) => merged[name] ?? null;
  merged.percent_of_expected = percent(of('rated_ths'), of('expected_ths'));
  merged.efficiency_j_th = ratio(of('metered_w'), of('metered_ths'));
  for (const [share, name] of PERCENTS)
    merged[name] = estimate(sites, 'rated_miners', PERCENTS, share);
  for (const [share, name] of CHIPS)
    merged[name] = estimate(sites, 'temp_chip_miners', CHIPS, share);
  return merged as V;
}

function mergeOne(name: Name, sites: readonly PointValues[]): number | null {
  const weightName = WEIGHTED[name];
  let result: number | null = null;
  let weights = 0;
  for (const site of sites) {
    const value = valueOf(site, name);
    if (value === null) continue;
    if (LEAST.has(name)) result = Math.min(result ?? value, value);
    else if (MOST.has(name)) result = Math.max(result ?? value, value);
    else {
      const weight = weightName === undefined ? 1 : (site[weightName] ?? 0);
      result = (result ?? 0) + weight * value;
      weights += weight;
    }
  }
  return weightName === undefined ? result : ratio(result, weights);
}

function estimate(
  sites: readonly PointValues[],
  weight: 'rated_miners' | 'temp_chip_miners',
  known: readonly (readonly [share: number, name: Name])[],
  share: number,
): number | null {
  const parts = sites.map((site) => ({
    weight: site[weight] ?? 0,
    knots: known.flatMap(([at, name]): Knots => {
      const value = valueOf(site, name);
      return value === null ? [] : [{ share: at, value }];
    }),
  }));
  return mergedPercentile(parts, share);
}

function valueOf(point: PointValues, name: Name): number | null {
  return (point as Partial<Record<Name, number | null>>)[name] ?? null;
}
