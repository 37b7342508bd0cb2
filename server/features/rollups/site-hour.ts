import { add, nothingAdded } from './counters.ts';
import type { AggValues, HourValues } from './fields.ts';
import type { MinerHour } from './miner-hour.ts';
import { addTo, emptyStat, mean, percentile, ratio, rising } from './numbers.ts';
import { percent } from './slot.ts';

/** Of the minutes: those whose mean is the hour's. */
const MEANS = [
  'hashing',
  'degraded',
  'idle',
  'offline',
  'unknown',
  'hashrate_ths',
  'expected_known_ths',
  'expected_ths',
  'rated_ths',
  'power_w',
  'metered_w',
  'metered_ths',
] as const satisfies (keyof AggValues)[];
const ADDED = ['accepted', 'rejected', 'stale', 'hw_errors', 'restarts'] as const;

/** The minutes of a site (and algorithm) in an hour, added up. */
export interface SiteHour {
  slots: number;
  stats: Record<(typeof MEANS)[number], ReturnType<typeof emptyStat>>;
  temp: ReturnType<typeof emptyStat>;
  fan: ReturnType<typeof emptyStat>;
  added: (number | null)[];
}

export function emptySiteHour(): SiteHour {
  const stats = Object.fromEntries(MEANS.map((name) => [name, emptyStat()]));
  return {
    slots: 0,
    stats: stats as SiteHour['stats'],
    temp: emptyStat(),
    fan: emptyStat(),
    added: nothingAdded(),
  };
}

export function addMinute(hour: SiteHour, minute: AggValues): void {
  hour.slots++;
  for (const name of MEANS) addTo(hour.stats[name], minute[name]);
  addTo(hour.temp, minute.temp_max_c);
  addTo(hour.fan, minute.fan_min_rpm);
  add(
    hour.added,
    ADDED.map((name) => minute[name]),
  );
}

/** The point of the hour; `miners` are those with a sample in it, in order. */
export function siteHourValues(
  { slots, stats, temp, fan, added }: SiteHour,
  miners: readonly MinerHour[],
  minersKnown: number,
): HourValues {
  // One that has changed its model within the hour has several parts.
  const byMiner = [...Map.groupBy(miners, ({ miner }) => miner).values()];
  const percents = rising(byMiner.map(percentOf).filter((value) => value !== null));
  const chipMeans = rising(byMiner.map(chipMeanOf).filter((value) => value !== null));
  const chip = emptyStat();
  for (const value of chipMeans) addTo(chip, value);
  const chipMax = emptyStat();
  for (const miner of miners) addTo(chipMax, miner.chip.max);
  const [accepted = null, rejected = null, stale = null, errors = null, restarts = null] = added;
  const rated = mean(stats.rated_ths);
  const expected = mean(stats.expected_ths);
  const meteredW = mean(stats.metered_w);
  const meteredThs = mean(stats.metered_ths);
  return {
    slots,
    miners_known: minersKnown,
    miners_seen: byMiner.length,
    up_share: ratio(
      total(miners, ({ up }) => up),
      total(miners, ({ samples }) => samples),
    ),
    hashing: mean(stats.hashing),
    degraded: mean(stats.degraded),
    idle: mean(stats.idle),
    offline: mean(stats.offline),
    unknown: mean(stats.unknown),
    hashrate_mean_ths: mean(stats.hashrate_ths),
    hashrate_min_ths: stats.hashrate_ths.min,
    hashrate_max_ths: stats.hashrate_ths.max,
    expected_known_ths: mean(stats.expected_known_ths),
    expected_ths: expected,
    rated_ths: rated,
    rated_miners: percents.length,
    percent_of_expected: percent(rated, expected),
    percent_p10: percentile(percents, 0.1),
    percent_p50: percentile(percents, 0.5),
    percent_p90: percentile(percents, 0.9),
    power_mean_w: mean(stats.power_w),
    power_min_w: stats.power_w.min,
    power_max_w: stats.power_w.max,
    metered_w: meteredW,
    metered_ths: meteredThs,
    efficiency_j_th: ratio(meteredW, meteredThs),
    temp_chip_miners: chip.n,
    temp_chip_mean_c: mean(chip),
    temp_chip_p50_c: percentile(chipMeans, 0.5),
    temp_chip_p90_c: percentile(chipMeans, 0.9),
    temp_chip_max_c: chipMax.max,
    temp_max_c: temp.max,
    fan_min_rpm: fan.min,
    accepted,
    rejected,
    stale,
    hw_errors: errors,
    restarts,
  };
}

/** Of its expected hashrate, over the hour. null: it reports one of the two only. */
function percentOf(parts: readonly MinerHour[]): number | null {
  return percent(
    total(parts, ({ rated }) => rated[0]),
    total(parts, ({ rated }) => rated[1]),
  );
}

function chipMeanOf(parts: readonly MinerHour[]): number | null {
  return ratio(
    total(parts, ({ chip }) => chip.sum),
    total(parts, ({ chip }) => chip.n),
  );
}

function total(parts: readonly MinerHour[], of: (part: MinerHour) => number): number {
  return parts.reduce((sum, part) => sum + of(part), 0);
}
