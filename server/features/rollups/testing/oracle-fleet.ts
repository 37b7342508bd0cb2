import {
  given,
  least,
  meanOf,
  most,
  percentOf,
  present,
  sumOf,
  type Point,
  type Values,
} from './oracle.ts';

/** The second computation of the fleet's points, from those of the sites (rounded): see oracle.ts. */

const ADDED = new Set(['accepted', 'rejected', 'stale', 'hw_errors', 'restarts']);
const SPEAKS_S = 300;
const KNOWN_S = 3600;

interface SitePoint extends Point {
  site: string;
  algo: string;
}

export function fleetOf(points: readonly Point[]): Point[] {
  const of = (measurement: string): SitePoint[] =>
    points.flatMap((point) => {
      const [name, algo = '', site = ''] = point.series.split(' ');
      return name === measurement ? [{ ...point, site, algo }] : [];
    });
  return [...minutesOf(of('site_agg')), ...hoursOf(of('site_1h'))];
}

function hoursOf(sites: readonly SitePoint[]): Point[] {
  return [...Map.groupBy(sites, ({ algo, timeS }) => `${algo} ${timeS}`).values()].map((of) => ({
    series: `fleet_1h ${of[0]?.algo}`,
    timeS: of[0]?.timeS ?? 0,
    values: together(of.map(({ values }) => values)),
  }));
}

function minutesOf(all: readonly SitePoint[]): Point[] {
  return [...Map.groupBy(all, ({ algo }) => algo)].flatMap(([algo, ofAlgo]) => {
    const sites = [...Map.groupBy(ofAlgo, ({ site }) => site).values()];
    return [...new Set(ofAlgo.map(({ timeS }) => timeS))].map((timeS) => ({
      series: `fleet_agg ${algo}`,
      timeS,
      values: together(given(sites.map((points) => asOf(points, timeS)))),
    }));
  });
}

/** What a site says at a time: the newest of each field within five minutes; then only who is known, for an hour. */
function asOf(points: readonly SitePoint[], atS: number): Values | undefined {
  const newest = (name: string, withinS: number) =>
    points
      .filter(({ timeS, values }) => timeS <= atS && timeS > atS - withinS && name in values)
      .toSorted((a, b) => b.timeS - a.timeS)[0]?.values[name];
  const known = newest('miners_known', KNOWN_S);
  if (known === undefined) return undefined;
  const expected = newest('expected_known_ths', KNOWN_S);
  const isSilent = newest('miners_known', SPEAKS_S) === undefined;
  if (isSilent)
    return present({ miners_known: known, unknown: known, expected_known_ths: expected });
  const names = new Set(points.flatMap(({ values }) => Object.keys(values)));
  const ofNow = points.find(({ timeS }) => timeS === atS)?.values ?? {};
  return present({
    ...Object.fromEntries(
      [...names].map((name) => [name, ADDED.has(name) ? ofNow[name] : newest(name, SPEAKS_S)]),
    ),
    expected_known_ths: expected,
  });
}

function together(sites: readonly Values[]): Values {
  const names = new Set(sites.flatMap((site) => Object.keys(site)));
  const of = (name: string) => given(sites.map((site) => site[name]));
  const sums = Object.fromEntries([...names].map((name) => [name, sumOf(of(name))]));
  const weighted = (name: string, weight: string) => {
    const parts = sites.filter((site) => name in site);
    const weights = sumOf(parts.map((site) => site[weight] ?? 0));
    const total = sumOf(parts.map((site) => (site[weight] ?? 0) * (site[name] ?? 0)));
    return weights && total !== undefined ? total / weights : undefined;
  };
  const quantile = (weight: string, shares: Record<string, number>, wanted: number) =>
    mixedQuantile(
      sites.flatMap((site) => {
        const knots = Object.entries(shares).flatMap(([name, share]) =>
          site[name] === undefined ? [] : [{ share, value: site[name] }],
        );
        const weighs = site[weight] ?? 0;
        return knots.length > 0 && weighs > 0 ? [{ weight: weighs, knots }] : [];
      }),
      wanted,
    );
  const percents = { percent_p10: 0.1, percent_p50: 0.5, percent_p90: 0.9 };
  const chips = { temp_chip_p50_c: 0.5, temp_chip_p90_c: 0.9 };
  const { metered_w: watts, metered_ths: ths } = sums;
  return present({
    ...sums,
    slots: most(of('slots')),
    up_share: weighted('up_share', 'miners_seen'),
    temp_chip_mean_c: weighted('temp_chip_mean_c', 'temp_chip_miners'),
    temp_chip_max_c: most(of('temp_chip_max_c')),
    temp_max_c: most(of('temp_max_c')),
    fan_min_rpm: least(of('fan_min_rpm')),
    percent_of_expected: percentOf(sums['rated_ths'], sums['expected_ths']),
    efficiency_j_th: watts === undefined || !ths ? undefined : watts / ths,
    ...Object.fromEntries(
      Object.entries(percents).map(([name, share]) => [
        name,
        quantile('rated_miners', percents, share),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(chips).map(([name, share]) => [
        name,
        quantile('temp_chip_miners', chips, share),
      ]),
    ),
  });
}

interface Part {
  weight: number;
  knots: { share: number; value: number }[];
}

/** The least value at which the sites' distributions together reach a share, by bisection. */
function mixedQuantile(parts: readonly Part[], wanted: number): number | undefined {
  const values = parts.flatMap(({ knots }) => knots.map(({ value }) => value));
  const [low, high] = [least(values), most(values)];
  if (low === undefined || high === undefined) return undefined;
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const isReached = (at: number) =>
    parts.reduce((sum, { weight, knots }) => sum + weight * shareAt(knots, at), 0) / total >=
    wanted - 1e-9;
  if (isReached(low)) return low;
  let [below, above] = [low, high];
  for (let step = 0; step < 60; step++) {
    const middle = meanOf([below, above]) ?? high;
    if (isReached(middle)) above = middle;
    else below = middle;
  }
  return above;
}

function shareAt(knots: Part['knots'], at: number): number {
  const before = knots.findLast(({ value }) => value <= at);
  const after = knots.find(({ value }) => value > at);
  if (!before) return 0;
  if (!after) return 1;
  const way = (at - before.value) / (after.value - before.value);
  return before.share + way * (after.share - before.share);
}
