import { siteHours } from './oracle-hours.ts';

/**
 * What docs/samples.md says of rollups, computed a second time and by other means: each point by itself, from the
 * samples that were sent, without any of the code under test. Slow and plain on purpose.
 */

/** A sample as it was sent, rounded as docs/samples.md says; what is absent was not reported. */
export interface Sent {
  scope: string;
  miner: string;
  model: string;
  algo: string;
  timeS: number;
  up: boolean;
  hashrate?: number | undefined;
  expected?: number | undefined;
  power?: number | undefined;
  temp?: number | undefined;
  chip?: number | undefined;
  fanMin?: number | undefined;
  fanMax?: number | undefined;
  mining?: boolean | undefined;
  /** Its agent says that it has started anew. */
  restarted: boolean;
  uptime?: number | undefined;
  counters: Record<Counter, number | undefined>;
}

const COUNTER_NAMES = ['accepted', 'rejected', 'stale', 'hw_errors'] as const;
type Counter = (typeof COUNTER_NAMES)[number];
export type Values = Record<string, number>;

/** One point; `series` is its measurement and the values of its tags, in order of their names. */
export interface Point {
  series: string;
  timeS: number;
  values: Values;
}

const HOUR_S = 3600;
const CLOCKS_S = 60;

/** All of the site's minutes, unrounded; then of the fleet, hours of sites, miners and the fleet. */
export function rollupsOf(all: readonly Sent[]): Point[] {
  const minutes: SiteMinute[] = [];
  const models: Point[] = [];
  for (const ofScope of Map.groupBy(all, ({ scope }) => scope).values()) {
    for (const timeS of new Set(ofScope.map((one) => one.timeS - (one.timeS % 60)))) {
      const miners = minersIn(ofScope, timeS);
      const known = knownBy(ofScope, timeS + 60);
      const scope = ofScope[0]?.scope ?? '';
      for (const algo of new Set(miners.map((one) => one.algo))) {
        const isOf = (one: { algo: string }) => one.algo === algo;
        const values = sum(miners.filter(isOf), known.filter(isOf));
        minutes.push({ scope, algo, timeS, values });
      }
      for (const model of new Set(miners.map((one) => one.model))) {
        const isOf = (one: { model: string }) => one.model === model;
        const values = sum(miners.filter(isOf), known.filter(isOf));
        const algo = miners.find(isOf)?.algo;
        models.push({ series: `model_agg ${algo} ${model} ${scope}`, timeS, values });
      }
    }
  }
  const sites = minutes.map(({ scope, algo, timeS, values }) => ({
    series: `site_agg ${algo} ${scope}`,
    timeS,
    values,
  }));
  return [...sites, ...models, ...siteHours(all, minutes)];
}

/** The point `site_agg` of a minute, before rounding. */
export interface SiteMinute {
  scope: string;
  algo: string;
  timeS: number;
  values: Values;
}

/** What the server may remember at a time: since the beginning of the hour before. */
function remembered(ofScope: readonly Sent[], untilS: number, hourOfS: number): Sent[] {
  const sinceS = hourOfS - (hourOfS % HOUR_S) - HOUR_S;
  return ofScope
    .filter(({ timeS }) => timeS >= sinceS && timeS < untilS)
    .toSorted((a, b) => a.timeS - b.timeS);
}

/** What a miner should do as of a sample of its. */
export function expectedBy(ofScope: readonly Sent[], sample: Sent): number | undefined {
  return remembered(ofScope, sample.timeS + 1, sample.timeS).findLast(
    ({ miner, expected }) => miner === sample.miner && expected !== undefined,
  )?.expected;
}

export function knownBy(ofScope: readonly Sent[], untilS: number) {
  const before = remembered(ofScope, untilS, untilS - 1);
  return [...Map.groupBy(before, ({ miner }) => miner).values()].map((of) => ({
    model: of.at(-1)?.model ?? '',
    algo: of.at(-1)?.algo ?? '',
    expected: of.findLast(({ expected }) => expected !== undefined)?.expected,
  }));
}

type MinuteOfMiner = ReturnType<typeof minersIn>[number];

function minersIn(ofScope: readonly Sent[], minuteS: number) {
  const inMinute = ofScope.filter(({ timeS }) => timeS >= minuteS && timeS < minuteS + 60);
  return [...Map.groupBy(inMinute, ({ miner }) => miner)].map(([, samples]) => {
    const last = samples.reduce((a, b) => (a.timeS > b.timeS ? a : b));
    const expected = expectedBy(ofScope, last);
    const added: Values[] = samples.map((sample) => addedBy(ofScope, sample));
    return {
      algo: last.algo,
      model: last.model,
      state: stateOf(last, expected),
      hashrate: meanOf(given(samples.map((one) => one.hashrate))),
      expected,
      power: meanOf(given(samples.map((one) => one.power))),
      temp: most(given(samples.flatMap((one) => [one.temp, one.chip]))),
      chip: most(given(samples.map((one) => one.chip))),
      fan: least(given(samples.map((one) => one.fanMin))),
      added: total(added),
    };
  });
}

export function stateOf(sample: Sent, expected: number | undefined): string {
  if (!sample.up) return 'offline';
  if (sample.mining === false || sample.hashrate === 0) return 'idle';
  if (sample.hashrate === undefined) return sample.mining === true ? 'hashing' : 'unknown';
  return expected !== undefined && sample.hashrate < 0.9 * expected ? 'degraded' : 'hashing';
}

/** What one sample adds to the counters of its miner, and whether it tells of a restart. */
export function addedBy(ofScope: readonly Sent[], sample: Sent): Values {
  const { miner, timeS, uptime } = sample;
  const before = remembered(ofScope, timeS, timeS).filter((one) => one.miner === miner);
  const isAnew = (than: Sent) =>
    sample.restarted ||
    (uptime !== undefined &&
      ((than.uptime !== undefined && uptime < than.uptime) ||
        uptime < timeS - than.timeS - CLOCKS_S));
  const values: Values = {};
  for (const name of COUNTER_NAMES) {
    const now = sample.counters[name];
    const than = before.findLast((one) => one.counters[name] !== undefined);
    const was = than?.counters[name];
    if (now === undefined || than === undefined || was === undefined) continue;
    values[name] = isAnew(than) || now < was ? now : now - was;
  }
  const than = before.findLast((one) => one.uptime !== undefined);
  if (sample.restarted) values['restarts'] = 1;
  else if (uptime !== undefined && than) values['restarts'] = isAnew(than) ? 1 : 0;
  return values;
}

function sum(
  miners: readonly MinuteOfMiner[],
  known: readonly { expected?: number | undefined }[],
) {
  const count = (state: string) => miners.filter((one) => one.state === state).length;
  const rated = miners.flatMap(({ hashrate, expected }) =>
    hashrate === undefined || expected === undefined ? [] : [{ hashrate, expected }],
  );
  const metered = miners.flatMap(({ hashrate, power }) =>
    hashrate === undefined || power === undefined ? [] : [{ hashrate, power }],
  );
  const chips = given(miners.map(({ chip }) => chip));
  const ratedThs = sumOf(rated.map(({ hashrate }) => hashrate));
  const expectedThs = sumOf(rated.map(({ expected }) => expected));
  const meteredW = sumOf(metered.map(({ power }) => power));
  const meteredThs = sumOf(metered.map(({ hashrate }) => hashrate));
  return present({
    miners_known: known.length,
    miners_seen: miners.length,
    hashing: count('hashing'),
    degraded: count('degraded'),
    idle: count('idle'),
    offline: count('offline'),
    unknown: count('unknown') + known.length - miners.length,
    hashrate_ths: sumOf(given(miners.map(({ hashrate }) => hashrate))) ?? 0,
    expected_known_ths: sumOf(given(known.map(({ expected }) => expected))),
    expected_ths: expectedThs,
    rated_ths: ratedThs,
    rated_miners: rated.length,
    percent_of_expected: percentOf(ratedThs, expectedThs),
    ...percents(rated.map(({ hashrate, expected }) => (100 * hashrate) / expected)),
    power_w: sumOf(given(miners.map(({ power }) => power))),
    metered_w: meteredW,
    metered_ths: meteredThs,
    efficiency_j_th: meteredThs ? (meteredW ?? 0) / meteredThs : undefined,
    ...chipsOf(chips),
    temp_chip_max_c: most(chips),
    temp_max_c: most(given(miners.map(({ temp }) => temp))),
    fan_min_rpm: least(given(miners.map(({ fan }) => fan))),
    ...total(miners.map(({ added }) => added)),
  });
}

export function percents(values: readonly number[]) {
  return {
    percent_p10: rank(values, 10),
    percent_p50: rank(values, 50),
    percent_p90: rank(values, 90),
  };
}

/** Of the miners' hottest chips, or of their means. */
export function chipsOf(values: readonly number[]) {
  return {
    temp_chip_miners: values.length,
    temp_chip_mean_c: meanOf(values),
    temp_chip_p50_c: rank(values, 50),
    temp_chip_p90_c: rank(values, 90),
  };
}

/** Nearest rank: the least value that at least so many percent of the values do not exceed. */
function rank(values: readonly number[], percent: number): number | undefined {
  const isEnough = (value: number) =>
    100 * values.filter((other) => other <= value).length >= percent * values.length;
  return least(values.filter(isEnough));
}

export function total(parts: readonly Values[]): Values {
  const sums: Values = {};
  for (const part of parts)
    for (const [name, value] of Object.entries(part)) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}

export const given = <T>(values: readonly (T | undefined)[]): T[] =>
  values.filter((value) => value !== undefined);
export const sumOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0);
export const meanOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length;
export const least = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : Math.min(...values);
export const most = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : Math.max(...values);
export const percentOf = (part: number | undefined, whole: number | undefined) =>
  part === undefined || !whole ? undefined : (100 * part) / whole;

export function present(values: Record<string, number | undefined>): Values {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
