import { round, type Sample } from './samples.ts';

/** A point of a rollup, as docs/samples.md defines it, computed from the samples in the plainest way. */
export interface Point {
  measurement: string;
  tags: Readonly<Record<string, string>>;
  timeS: number;
  fields: Readonly<Record<string, number>>;
}

type Values = Record<string, number | undefined>;
type Miner = { sample: Sample; expected: number | undefined; deltas: Values; state: string };

const HOUR_S = 3600;
const COUNTERS = ['accepted', 'rejected', 'stale', 'hw_errors'] as const;
const STATES = ['hashing', 'degraded', 'idle', 'offline', 'unknown'] as const;

/** As the server derives it from the model: spelt in one way. */
const algo = ({ role }: Sample) => role.algorithm.toLowerCase().replaceAll('-', '');

/** Minutes of sites, models and the fleet, and hours of miners, sites and the fleet. Samples in order of time. */
export function rollup(samples: readonly Sample[], scopeOf: (sample: Sample) => string): Point[] {
  const points: Point[] = [];
  const before = new Map<string, { sample: Sample; expected: number | undefined }>();
  const minutes = [...Map.groupBy(samples, ({ timeS }) => timeS)];
  const seenInHour = new Map<string, { hourS: number; miners: Miner[] }>();
  for (const [timeS, slot] of minutes) {
    const hourS = Math.floor(timeS / HOUR_S) * HOUR_S;
    const miners = slot.map((sample): Miner => {
      const id = sample.role.name;
      const last = before.get(id);
      const known = last !== undefined && last.sample.timeS >= hourS - HOUR_S ? last : undefined;
      const expected = sample.fields['expected_ths'] ?? known?.expected;
      // A series is one key: what was counted under another is not compared.
      const deltas =
        known?.sample.key === sample.key ? deltasOf(known.sample.fields, sample.fields) : {};
      before.set(id, { sample, expected });
      return { sample, expected, deltas, state: stateOf(sample.fields, expected) };
    });
    const silent = [...before.values()].filter(
      ({ sample }) => sample.timeS < timeS && sample.timeS >= hourS - HOUR_S,
    );
    const groups = (key: (sample: Sample) => string) =>
      [...Map.groupBy(miners, ({ sample }) => key(sample))].map(([name, group]) => ({
        tags: JSON.parse(name) as Record<string, string>,
        fields: aggregated(
          group,
          silent.filter(({ sample }) => key(sample) === name),
        ),
      }));
    const site = (s: Sample) => JSON.stringify({ site: scopeOf(s), algo: algo(s) });
    const model = (s: Sample) =>
      JSON.stringify({ site: scopeOf(s), model: s.model, algo: algo(s) });
    const fleet = (s: Sample) => JSON.stringify({ algo: algo(s) });
    for (const [measurement, key] of [
      ['site_agg', site],
      ['model_agg', model],
      ['fleet_agg', fleet],
    ] as const) {
      for (const { tags, fields } of groups(key)) points.push({ measurement, tags, timeS, fields });
    }
    for (const miner of miners) {
      const id = JSON.stringify({
        site: scopeOf(miner.sample),
        miner: miner.sample.key,
        model: miner.sample.model,
        algo: algo(miner.sample),
      });
      const hour = seenInHour.get(id);
      if (hour?.hourS === hourS) {
        hour.miners.push(miner);
      } else {
        if (hour) points.push(minerHour(id, hour));
        seenInHour.set(id, { hourS, miners: [miner] });
      }
    }
  }
  for (const [id, hour] of seenInHour) points.push(minerHour(id, hour));
  return [...points, ...hours(points)];
}

function stateOf(fields: Sample['fields'], expected: number | undefined): string {
  if (fields['up'] === 0) return 'offline';
  const hashrate = fields['hashrate_ths'];
  if (fields['mining'] === 0 || hashrate === 0) return 'idle';
  if (hashrate !== undefined && expected !== undefined && hashrate < 0.9 * expected)
    return 'degraded';
  return hashrate !== undefined && hashrate > 0 ? 'hashing' : 'unknown';
}

function deltasOf(before: Sample['fields'], after: Sample['fields']): Values {
  const deltas: Values = {};
  const uptime = after['uptime_s'];
  const fell =
    uptime !== undefined && before['uptime_s'] !== undefined && uptime < before['uptime_s'];
  for (const name of COUNTERS) {
    const [a, b] = [before[name], after[name]];
    if (a !== undefined && b !== undefined) deltas[name] = fell || b < a ? b : b - a;
  }
  if (uptime !== undefined && before['uptime_s'] !== undefined) deltas['restarts'] = fell ? 1 : 0;
  return deltas;
}

const sum = (values: readonly (number | undefined)[]): number | undefined => {
  const present = values.filter((value) => value !== undefined);
  return present.length > 0 ? present.reduce((total, value) => total + value, 0) : undefined;
};
const nearestRank = (values: readonly number[], percent: number): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)];
const divided = (a: number | undefined, b: number | undefined, factor = 1): number | undefined =>
  a === undefined || b === undefined || b === 0 ? undefined : (factor * a) / b;

function aggregated(
  miners: readonly Miner[],
  silent: readonly { expected: number | undefined }[],
): Point['fields'] {
  const of = (name: string) => miners.map(({ sample }) => sample.fields[name]);
  const rated = miners.filter(
    (m) => m.expected !== undefined && m.sample.fields['hashrate_ths'] !== undefined,
  );
  const metered = miners.filter(
    ({ sample }) =>
      (sample.fields['hashrate_ths'] ?? 0) > 0 && sample.fields['power_w'] !== undefined,
  );
  const percents = rated.map(
    (m) => (100 * (m.sample.fields['hashrate_ths'] ?? 0)) / (m.expected ?? 1),
  );
  const chips = of('temp_chip_c').filter((value) => value !== undefined);
  const ratedThs = sum(rated.map(({ sample }) => sample.fields['hashrate_ths']));
  const expectedThs = sum(rated.map(({ expected }) => expected));
  const meteredW = sum(metered.map(({ sample }) => sample.fields['power_w']));
  const meteredThs = sum(metered.map(({ sample }) => sample.fields['hashrate_ths']));
  const fans = of('fan_min_rpm').filter((value) => value !== undefined);
  return present({
    miners_known: miners.length + silent.length,
    miners_seen: miners.length,
    ...Object.fromEntries(
      STATES.map((state) => [
        state,
        miners.filter((m) => m.state === state).length + (state === 'unknown' ? silent.length : 0),
      ]),
    ),
    hashrate_ths: sum(of('hashrate_ths')) ?? 0,
    expected_known_ths: sum([...miners, ...silent].map(({ expected }) => expected)),
    expected_ths: expectedThs,
    rated_ths: ratedThs,
    rated_miners: rated.length,
    percent_of_expected: divided(ratedThs, expectedThs, 100),
    percent_p10: nearestRank(percents, 10),
    percent_p50: nearestRank(percents, 50),
    percent_p90: nearestRank(percents, 90),
    power_w: sum(of('power_w')),
    metered_w: meteredW,
    metered_ths: meteredThs,
    efficiency_j_th: divided(meteredW, meteredThs),
    temp_chip_miners: chips.length,
    temp_chip_mean_c: divided(sum(chips), chips.length),
    temp_chip_p50_c: nearestRank(chips, 50),
    temp_chip_p90_c: nearestRank(chips, 90),
    temp_chip_max_c: chips.length > 0 ? Math.max(...chips) : undefined,
    temp_max_c: chips.length > 0 ? Math.max(...chips) : undefined,
    fan_min_rpm: fans.length > 0 ? Math.min(...fans) : undefined,
    ...Object.fromEntries(
      [...COUNTERS, 'restarts'].map((name) => [
        name,
        sum(miners.map(({ deltas }) => deltas[name])),
      ]),
    ),
  });
}

function minerHour(
  id: string,
  { hourS, miners }: { hourS: number; miners: readonly Miner[] },
): Point {
  const of = (name: string) =>
    miners.map(({ sample }) => sample.fields[name]).filter((value) => value !== undefined);
  const mean = (values: readonly number[]) => divided(sum(values), values.length);
  const hashrate = mean(of('hashrate_ths'));
  const expected = mean(of('expected_ths'));
  return {
    measurement: 'miner_1h',
    tags: JSON.parse(id) as Record<string, string>,
    timeS: hourS,
    fields: present({
      samples: miners.length,
      up_share: divided(sum(of('up')), miners.length),
      hashing_share: divided(
        miners.filter(({ state }) => state === 'hashing' || state === 'degraded').length,
        miners.length,
      ),
      hashrate_mean_ths: hashrate,
      expected_ths: expected,
      percent_of_expected: divided(hashrate, expected, 100),
      power_mean_w: mean(of('power_w')),
      efficiency_j_th: divided(mean(of('power_w')), hashrate),
      temp_chip_mean_c: mean(of('temp_chip_c')),
      fan_min_rpm: nearestRank(of('fan_min_rpm'), 0),
      ...Object.fromEntries(
        [...COUNTERS, 'restarts'].map((name) => [
          name,
          sum(miners.map(({ deltas }) => deltas[name])),
        ]),
      ),
    }),
  };
}

const MEANS: Record<string, string> = {
  hashrate_ths: 'hashrate_mean_ths',
  power_w: 'power_mean_w',
};
const MOST = new Set(['temp_chip_max_c', 'temp_max_c']);
const LEAST = new Set(['fan_min_rpm']);

/** Hours of sites and the fleet, as means of their minutes; good enough for percentiles, too. */
function hours(points: readonly Point[]): Point[] {
  const minutes = points.filter(
    ({ measurement }) => measurement === 'site_agg' || measurement === 'fleet_agg',
  );
  const grouped = Map.groupBy(minutes, ({ measurement, tags, timeS }) =>
    JSON.stringify([measurement.replace('agg', '1h'), tags, Math.floor(timeS / HOUR_S) * HOUR_S]),
  );
  return [...grouped].map(([key, group]) => {
    const [measurement, tags, timeS] = JSON.parse(key) as [string, Record<string, string>, number];
    const names = new Set(group.flatMap(({ fields }) => Object.keys(fields)));
    const fields: Values = { slots: group.length };
    for (const name of names) {
      const values = group
        .map((point) => point.fields[name])
        .filter((value) => value !== undefined);
      const added = (COUNTERS as readonly string[]).includes(name) || name === 'restarts';
      if (added) fields[name] = sum(values);
      else if (MOST.has(name)) fields[name] = Math.max(...values);
      else if (LEAST.has(name)) fields[name] = Math.min(...values);
      else fields[MEANS[name] ?? name] = divided(sum(values), values.length);
    }
    return { measurement, tags, timeS, fields: present(fields) };
  });
}

function present(values: Values): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, round(value, 6)]],
    ),
  );
}
