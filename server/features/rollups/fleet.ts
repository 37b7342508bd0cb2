import type { Influx, Series } from '../../influx/influx.ts';
import { fieldsOf } from '../../influx/lines.ts';
import { AGG_FIELDS, HOUR_FIELDS, type AggValues, type HourValues } from './fields.ts';
import { HOUR_S, SLOT_S, type PointLine } from './hour.ts';
import { merge } from './merge.ts';

/** A site's point speaks for the fleet so long, unless it has a newer one. */
const SPEAKS_S = 300;
/** And for so long its miners are known, though unknown how they are. */
export const KNOWN_S = HOUR_S;

const AGG_NAMES = AGG_FIELDS.map(({ name }) => name);
const HOUR_NAMES = HOUR_FIELDS.map(({ name }) => name);
/** What was added in a minute is of this minute only, however long the point speaks. */
const ADDED = ['accepted', 'rejected', 'stale', 'hw_errors', 'restarts'] as const;
const NOTHING_ADDED = Object.fromEntries(ADDED.map((name) => [name, null]));
const LASTING = AGG_NAMES.filter((name) => !(ADDED as readonly string[]).includes(name));
/** What a site that is silent says. */
const KNOWN = ['miners_known', 'expected_known_ths'] as const;
const SILENT = Object.fromEntries(AGG_NAMES.map((name) => [name, null])) as AggValues;

/** A site's points of one algorithm: epoch seconds and values, oldest first. */
interface SitePoints<V> {
  algo: string;
  points: { timeS: number; values: V }[];
}

/** The points `fleet_agg` of the minutes from `fromS` to before `toS`, from the sites' own. */
export async function fleetMinutes(
  influx: Influx,
  database: string,
  { fromS, toS }: { fromS: number; toS: number },
): Promise<PointLine[]> {
  const ask = (names: readonly (keyof AggValues)[], range: { fromS: number; toS: number }) =>
    sitePoints<AggValues>(influx, database, { measurement: 'site_agg', names, ...range });
  // Older points say no more than who is known; all of their fields would be most of the cost.
  const speaksFromS = fromS - SPEAKS_S + SLOT_S;
  const older = await ask(KNOWN, { fromS: fromS - KNOWN_S + SLOT_S, toS: speaksFromS });
  const sites = together(older, await ask(AGG_NAMES, { fromS: speaksFromS, toS }));
  const lines: PointLine[] = [];
  for (const [algo, ofAlgo] of byAlgo(sites)) {
    const nextOf = ofAlgo.map(() => 0);
    for (let timeS = fromS; timeS < toS; timeS += SLOT_S) {
      const values: AggValues[] = [];
      let isThere = false;
      for (const [index, { points }] of ofAlgo.entries()) {
        while ((points[nextOf[index] ?? 0]?.timeS ?? Infinity) <= timeS)
          nextOf[index] = (nextOf[index] ?? 0) + 1;
        const site = asOf(points, (nextOf[index] ?? 0) - 1, timeS);
        if (!site) continue;
        if (site.isThere) isThere = true;
        values.push(site.values);
      }
      if (!isThere) continue;
      const fields = fieldsOf(AGG_FIELDS, merge(AGG_NAMES, values));
      lines.push({ text: `fleet_agg,algo=${algo} ${fields} ${timeS}`, timeS, source: null });
    }
  }
  return lines;
}

/**
 * What a site says of the fleet at a time by its newest point, `points[last]`, and the few before it: a field one point
 * lacks is taken from an older one, because a field of the fleet that was written once cannot be taken back. null: it is
 * silent for too long.
 */
function asOf(points: SitePoints<AggValues>['points'], last: number, atS: number) {
  const newest = points[last];
  if (!newest || newest.timeS <= atS - KNOWN_S) return null;
  const isThere = newest.timeS === atS;
  const { miners_known: known } = newest.values;
  const speaks = newest.timeS > atS - SPEAKS_S;
  const values = speaks ? { ...newest.values } : { ...SILENT, miners_known: known, unknown: known };
  if (!isThere) Object.assign(values, NOTHING_ADDED);
  for (let before = last; before >= 0; before--) {
    const older = points[before];
    if (!older || older.timeS <= atS - KNOWN_S) break;
    values.expected_known_ths ??= older.values.expected_known_ths;
    if (older.timeS <= atS - SPEAKS_S) {
      if (values.expected_known_ths !== null) break;
      continue;
    }
    for (const name of LASTING) values[name] ??= older.values[name];
  }
  return { isThere, values };
}

/** The points `fleet_1h` of the hours from `fromS` to before `toS`. */
export async function fleetHours(
  influx: Influx,
  database: string,
  { fromS, toS }: { fromS: number; toS: number },
): Promise<PointLine[]> {
  const sites = await sitePoints<HourValues>(influx, database, {
    measurement: 'site_1h',
    names: HOUR_NAMES,
    fromS,
    toS,
  });
  return [...byAlgo(sites)].flatMap(([algo, ofAlgo]) => {
    const points = ofAlgo.flatMap((site) => site.points);
    return [...Map.groupBy(points, ({ timeS }) => timeS)].map(([timeS, all]): PointLine => {
      const values = merge(
        HOUR_NAMES,
        all.map((one) => one.values),
      );
      const text = `fleet_1h,algo=${algo} ${fieldsOf(HOUR_FIELDS, values)} ${timeS}`;
      return { text, timeS, source: null };
    });
  });
}

async function sitePoints<V>(
  influx: Influx,
  database: string,
  {
    measurement,
    names,
    fromS,
    toS,
  }: { measurement: string; names: readonly string[]; fromS: number; toS: number },
): Promise<(SitePoints<V> & { site: string })[]> {
  const fields = names.map((name) => `"${name}"`).join(', ');
  const series: Series[] = await influx.query(
    database,
    `SELECT ${fields} FROM "${measurement}" WHERE time >= ${fromS}s AND time < ${toS}s GROUP BY "site", "algo"`,
  );
  return series.map(({ tags, columns, values }) => ({
    site: tags['site'] ?? '',
    algo: tags['algo'] ?? '',
    points: values.map((row) => ({
      timeS: Number(row[0]),
      values: Object.fromEntries(columns.map((column, i) => [column, row[i]])) as V,
    })),
  }));
}

/** Points of the same sites and algorithms, one range after the other. */
function together<V>(
  older: readonly (SitePoints<V> & { site: string })[],
  newer: readonly (SitePoints<V> & { site: string })[],
): (SitePoints<V> & { site: string })[] {
  const all = Map.groupBy([...older, ...newer], ({ site, algo }) => `${site} ${algo}`);
  return [...all.values()].flatMap((parts) => {
    const [first] = parts;
    return first ? [{ ...first, points: parts.flatMap(({ points }) => points) }] : [];
  });
}

/** Sites in order of their names: sums of floats depend on it. */
function byAlgo<V>(sites: (SitePoints<V> & { site: string })[]): Map<string, SitePoints<V>[]> {
  const sorted = sites.toSorted((a, b) => (a.site < b.site ? -1 : 1));
  return Map.groupBy(sorted, ({ algo }) => algo);
}
