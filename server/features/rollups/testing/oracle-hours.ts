import {
  addedBy,
  chipsOf,
  expectedBy,
  given,
  knownBy,
  least,
  meanOf,
  most,
  percentOf,
  percents,
  present,
  stateOf,
  sumOf,
  total,
  type Point,
  type Sent,
  type SiteMinute,
  type Values,
} from './oracle.ts';

/** The second computation of hours: see oracle.ts. */

const HOUR_S = 3600;
const hourOf = ({ timeS }: { timeS: number }) => timeS - (timeS % HOUR_S);
const MEANS = [
  'hashing',
  'degraded',
  'idle',
  'offline',
  'unknown',
  'expected_known_ths',
  'expected_ths',
  'rated_ths',
  'metered_w',
  'metered_ths',
];
const ADDED = ['accepted', 'rejected', 'stale', 'hw_errors', 'restarts'];

/** The points `miner_1h` and `site_1h`. */
export function siteHours(all: readonly Sent[], minutes: readonly SiteMinute[]): Point[] {
  const points: Point[] = [];
  for (const [scope, ofScope] of Map.groupBy(all, (one) => one.scope)) {
    for (const [timeS, samples] of Map.groupBy(ofScope, hourOf)) {
      const byMiner = Map.groupBy(samples, ({ miner, model }) => `${miner} ${model} ${scope}`);
      for (const [name, of] of byMiner) {
        points.push({
          series: `miner_1h ${of[0]?.algo} ${name}`,
          timeS,
          values: hourOfMiner(ofScope, of),
        });
      }
      for (const [algo, ofAlgo] of Map.groupBy(samples, (one) => one.algo)) {
        const ofHour = minutes.filter(
          (one) => one.scope === scope && one.algo === algo && hourOf(one) === timeS,
        );
        const known = knownBy(ofScope, timeS + HOUR_S).filter((one) => one.algo === algo);
        const values = hourOfSite(
          ofScope,
          ofAlgo,
          ofHour.map((one) => one.values),
        );
        points.push({
          series: `site_1h ${algo} ${scope}`,
          timeS,
          values: { ...values, miners_known: known.length },
        });
      }
    }
  }
  return points;
}

/** Hashrates and what was expected of the samples that have both. */
function ratedOf(ofScope: readonly Sent[], samples: readonly Sent[]) {
  return samples.flatMap((sample) => {
    const expected = expectedBy(ofScope, sample);
    return sample.hashrate === undefined || expected === undefined
      ? []
      : [{ hashrate: sample.hashrate, expected }];
  });
}

function percentOfHour(ofScope: readonly Sent[], samples: readonly Sent[]): number | undefined {
  const rated = ratedOf(ofScope, samples);
  return percentOf(
    sumOf(rated.map(({ hashrate }) => hashrate)),
    sumOf(rated.map(({ expected }) => expected)),
  );
}

function hourOfMiner(ofScope: readonly Sent[], samples: readonly Sent[]): Values {
  const hashrates = given(samples.map(({ hashrate }) => hashrate));
  const metered = samples.filter((one) => one.hashrate !== undefined && one.power !== undefined);
  const temps = given(samples.map((one) => one.temp ?? one.chip));
  const chips = given(samples.map((one) => one.chip));
  const states = samples.map((one) => stateOf(one, expectedBy(ofScope, one)));
  return present({
    samples: samples.length,
    up_share: samples.filter(({ up }) => up).length / samples.length,
    hashing_share: states.filter(isAtWork).length / samples.length,
    hashrate_mean_ths: meanOf(hashrates),
    hashrate_min_ths: least(hashrates),
    hashrate_max_ths: most(hashrates),
    expected_ths: meanOf(given(samples.map(({ expected }) => expected))),
    percent_of_expected: percentOfHour(ofScope, samples),
    power_mean_w: meanOf(given(samples.map(({ power }) => power))),
    efficiency_j_th: perThs(
      sumOf(given(metered.map(({ power }) => power))),
      sumOf(given(metered.map(({ hashrate }) => hashrate))),
    ),
    temp_mean_c: meanOf(temps),
    temp_max_c: most(temps),
    temp_chip_mean_c: meanOf(chips),
    temp_chip_max_c: most(chips),
    fan_min_rpm: least(given(samples.map(({ fanMin }) => fanMin))),
    fan_max_rpm: most(given(samples.map(({ fanMax }) => fanMax))),
    ...total(samples.map((one) => addedBy(ofScope, one))),
  });
}

function hourOfSite(
  ofScope: readonly Sent[],
  samples: readonly Sent[],
  minutes: readonly Values[],
): Values {
  const of = (name: string) => given(minutes.map((minute) => minute[name]));
  const byMiner = [...Map.groupBy(samples, ({ miner }) => miner).values()];
  const shares = given(byMiner.map((ofMiner) => percentOfHour(ofScope, ofMiner)));
  const chips = byMiner.map((ofMiner) => meanOf(given(ofMiner.map(({ chip }) => chip))));
  return present({
    slots: minutes.length,
    miners_seen: byMiner.length,
    up_share: samples.filter(({ up }) => up).length / samples.length,
    ...Object.fromEntries(MEANS.map((name) => [name, meanOf(of(name))])),
    ...Object.fromEntries(ADDED.map((name) => [name, sumOf(of(name))])),
    hashrate_mean_ths: meanOf(of('hashrate_ths')),
    hashrate_min_ths: least(of('hashrate_ths')),
    hashrate_max_ths: most(of('hashrate_ths')),
    rated_miners: shares.length,
    percent_of_expected: percentOf(meanOf(of('rated_ths')), meanOf(of('expected_ths'))),
    ...percents(shares),
    power_mean_w: meanOf(of('power_w')),
    power_min_w: least(of('power_w')),
    power_max_w: most(of('power_w')),
    efficiency_j_th: perThs(meanOf(of('metered_w')), meanOf(of('metered_ths'))),
    ...chipsOf(given(chips)),
    temp_chip_max_c: most(given(samples.map(({ chip }) => chip))),
    temp_max_c: most(of('temp_max_c')),
    fan_min_rpm: least(of('fan_min_rpm')),
  });
}

const isAtWork = (state: string) => state === 'hashing' || state === 'degraded';
const perThs = (watts: number | undefined, ths: number | undefined) =>
  watts === undefined || !ths ? undefined : watts / ths;
