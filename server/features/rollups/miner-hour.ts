import { nothingAdded, type Added } from './counters.ts';
import type { MinerHourValues } from './fields.ts';
import { addTo, emptyStat, mean, ratio } from './numbers.ts';
import type { StoredSample } from './samples.ts';
import { percent } from './slot.ts';

/** What the samples of one miner (and model) in an hour add up to. */
export interface MinerHour {
  miner: string;
  model: string;
  algo: string;
  samples: number;
  up: number;
  hashing: number;
  hashrate: ReturnType<typeof emptyStat>;
  expected: ReturnType<typeof emptyStat>;
  /** Hashrate and expected of the samples that have both, power and hashrate likewise. */
  rated: [hashrate: number, expected: number];
  metered: [power: number, hashrate: number];
  power: ReturnType<typeof emptyStat>;
  temp: ReturnType<typeof emptyStat>;
  chip: ReturnType<typeof emptyStat>;
  fanMin: number | null;
  fanMax: number | null;
  added: Added;
}

export function emptyMinerHour(miner: string, model: string, algo: string): MinerHour {
  return {
    miner,
    model,
    algo,
    samples: 0,
    up: 0,
    hashing: 0,
    hashrate: emptyStat(),
    expected: emptyStat(),
    rated: [0, 0],
    metered: [0, 0],
    power: emptyStat(),
    temp: emptyStat(),
    chip: emptyStat(),
    fanMin: null,
    fanMax: null,
    added: nothingAdded(),
  };
}

/** `expected`: what the miner last reported, in this sample or before. */
export function addSample(
  hour: MinerHour,
  sample: StoredSample,
  { expected, isHashing }: { expected: number | null; isHashing: boolean },
): void {
  hour.samples++;
  if (sample.up) hour.up++;
  if (isHashing) hour.hashing++;
  const { hashrate, power } = sample;
  addTo(hour.hashrate, hashrate);
  addTo(hour.expected, sample.expected);
  addTo(hour.power, power);
  addTo(hour.temp, sample.temp ?? sample.chip);
  addTo(hour.chip, sample.chip);
  if (hashrate !== null && expected !== null) {
    hour.rated[0] += hashrate;
    hour.rated[1] += expected;
  }
  if (hashrate !== null && power !== null) {
    hour.metered[0] += power;
    hour.metered[1] += hashrate;
  }
  if (sample.fanMin !== null) hour.fanMin = Math.min(hour.fanMin ?? sample.fanMin, sample.fanMin);
  if (sample.fanMax !== null) hour.fanMax = Math.max(hour.fanMax ?? sample.fanMax, sample.fanMax);
}

export function minerHourValues(hour: MinerHour): MinerHourValues {
  const [accepted = null, rejected = null, stale = null, errors = null, restarts = null] =
    hour.added;
  return {
    samples: hour.samples,
    up_share: hour.up / hour.samples,
    hashing_share: hour.hashing / hour.samples,
    hashrate_mean_ths: mean(hour.hashrate),
    hashrate_min_ths: hour.hashrate.min,
    hashrate_max_ths: hour.hashrate.max,
    expected_ths: mean(hour.expected),
    percent_of_expected: percent(...hour.rated),
    power_mean_w: mean(hour.power),
    efficiency_j_th: ratio(...hour.metered),
    temp_mean_c: mean(hour.temp),
    temp_max_c: hour.temp.max,
    temp_chip_mean_c: mean(hour.chip),
    temp_chip_max_c: hour.chip.max,
    fan_min_rpm: hour.fanMin,
    fan_max_rpm: hour.fanMax,
    accepted,
    rejected,
    stale,
    hw_errors: errors,
    restarts,
  };
}
