import type { MinerState } from '../miners/state.ts';
import type { Added } from './counters.ts';
import { add, nothingAdded } from './counters.ts';
import type { AggValues } from './fields.ts';
import { addTo, emptyStat, mean, percentile, ratio, rising, sumOf } from './numbers.ts';

/** What the samples of one minute say of one miner: means of what they report, the state of the last. */
export interface MinerSlot {
  miner: string;
  model: string;
  algo: string;
  state: MinerState;
  hashrate: number | null;
  /** What it last reported, in this minute or before. */
  expected: number | null;
  power: number | null;
  temp: number | null;
  chip: number | null;
  fanMin: number | null;
  added: Added;
}

/** Miners of which there was a sample, now or lately. */
export interface KnownMiners {
  count: number;
  /** Sum of their expected hashrates, TH/s; null: none has one. */
  expected: number | null;
}

/** The point of a site or model: `slots` are its miners with a sample, sorted by miner. */
export function aggregate(slots: readonly MinerSlot[], known: KnownMiners): AggValues {
  const states = { hashing: 0, degraded: 0, idle: 0, offline: 0, unknown: 0 };
  const hashrate = emptyStat();
  const expected = emptyStat();
  const rated = emptyStat();
  const power = emptyStat();
  const meteredW = emptyStat();
  const meteredThs = emptyStat();
  const temp = emptyStat();
  const chip = emptyStat();
  const fan = emptyStat();
  const added = nothingAdded();
  const percents: number[] = [];
  const chips: number[] = [];
  for (const slot of slots) {
    states[slot.state]++;
    addTo(hashrate, slot.hashrate);
    addTo(power, slot.power);
    if (slot.hashrate !== null && slot.expected !== null) {
      addTo(rated, slot.hashrate);
      addTo(expected, slot.expected);
      percents.push((100 * slot.hashrate) / slot.expected);
    }
    if (slot.hashrate !== null && slot.power !== null) {
      addTo(meteredThs, slot.hashrate);
      addTo(meteredW, slot.power);
    }
    addTo(temp, slot.temp);
    addTo(temp, slot.chip);
    addTo(chip, slot.chip);
    if (slot.chip !== null) chips.push(slot.chip);
    addTo(fan, slot.fanMin);
    add(added, slot.added);
  }
  const byPercent = rising(percents);
  const byChip = rising(chips);
  const [accepted = null, rejected = null, stale = null, errors = null, restarts = null] = added;
  return {
    miners_known: known.count,
    miners_seen: slots.length,
    ...states,
    unknown: known.count - slots.length + states.unknown,
    hashrate_ths: hashrate.sum,
    expected_known_ths: known.expected,
    expected_ths: sumOf(expected),
    rated_ths: sumOf(rated),
    rated_miners: rated.n,
    percent_of_expected: percent(sumOf(rated), sumOf(expected)),
    percent_p10: percentile(byPercent, 0.1),
    percent_p50: percentile(byPercent, 0.5),
    percent_p90: percentile(byPercent, 0.9),
    power_w: sumOf(power),
    metered_w: sumOf(meteredW),
    metered_ths: sumOf(meteredThs),
    efficiency_j_th: ratio(sumOf(meteredW), sumOf(meteredThs)),
    temp_chip_miners: chip.n,
    temp_chip_mean_c: mean(chip),
    temp_chip_p50_c: percentile(byChip, 0.5),
    temp_chip_p90_c: percentile(byChip, 0.9),
    temp_chip_max_c: chip.max,
    temp_max_c: temp.max,
    fan_min_rpm: fan.min,
    accepted,
    rejected,
    stale,
    hw_errors: errors,
    restarts,
  };
}

export function percent(part: number | null, whole: number | null): number | null {
  const share = ratio(part, whole);
  return share === null ? null : 100 * share;
}
