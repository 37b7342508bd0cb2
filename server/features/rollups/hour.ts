import { fieldsOf } from '../../influx/lines.ts';
import type { Line } from '../../influx/write-batch.ts';
import { stateOfSample } from '../miners/state.ts';
import { algorithmOf } from './algorithm.ts';
import { add, count, countedSince, nothingCounted, type Counted } from './counters.ts';
import { AGG_FIELDS, HOUR_FIELDS, MINER_HOUR_FIELDS } from './fields.ts';
import { addSample, emptyMinerHour, minerHourValues, type MinerHour } from './miner-hour.ts';
import { addTo, emptyStat, mean } from './numbers.ts';
import { inOrder, type StoredSample } from './samples.ts';
import { addMinute, emptySiteHour, siteHourValues, type SiteHour } from './site-hour.ts';
import { aggregate, type KnownMiners, type MinerSlot } from './slot.ts';

export const SLOT_S = 60;
export const HOUR_S = 3600;

/** What is known of a miner from its samples so far. */
interface KnownMiner {
  /** As of its newest sample. */
  model: string;
  algo: string;
  seenS: number;
  expected: number | null;
  expectedS: number;
  counted: Counted;
}

/** What an hour hands to the next one: its miners, and what each of them last reported within it. */
export type Carry = ReadonlyMap<string, KnownMiner>;
export type PointLine = Line<null>;

/**
 * One hour of one site, computed from its samples as they follow one another: minute by minute, each minute once and
 * whole. The same samples make the same points, bit for bit, however they are divided into calls.
 */
export interface Hour {
  readonly hourS: number;
  /** One minute's samples (of this site, any order, none twice); a later minute than any before. */
  addSlot(slotS: number, samples: StoredSample[]): PointLine[];
  /** Points of the hour itself: `miner_1h` and `site_1h`. */
  finish(): PointLine[];
  carry(): Carry;
}

export function startHour(scope: string, hourS: number, before: Carry): Hour {
  const known = new Map<string, KnownMiner>();
  for (const [miner, one] of before) known.set(miner, { ...one, counted: copyOf(one.counted) });
  /** The known miners in order; sums of floats depend on it. */
  let order: string[] = [];
  const minerHours = new Map<string, MinerHour>();
  const siteHours = new Map<string, SiteHour>();

  const minerHourOf = (sample: StoredSample, algo: string): MinerHour => {
    const name = `${sample.miner} ${sample.model}`;
    let hour = minerHours.get(name);
    if (!hour) {
      hour = emptyMinerHour(sample.miner, sample.model, algo);
      minerHours.set(name, hour);
    }
    return hour;
  };

  const learn = (sample: StoredSample): KnownMiner => {
    let one = known.get(sample.miner);
    if (!one) {
      one = {
        model: sample.model,
        algo: algorithmOf(sample.model),
        seenS: sample.timeS,
        expected: null,
        expectedS: 0,
        counted: nothingCounted(),
      };
      known.set(sample.miner, one);
    }
    if (one.model !== sample.model) {
      one.model = sample.model;
      one.algo = algorithmOf(sample.model);
    }
    one.seenS = sample.timeS;
    if (sample.expected !== null) {
      one.expected = sample.expected;
      one.expectedS = sample.timeS;
    }
    return one;
  };

  /** Takes one sample in; `added` is what it adds to the counters. */
  const take = (sample: StoredSample) => {
    const one = learn(sample);
    const { miner, model } = sample;
    const state = stateOfSample({
      reachable: sample.up,
      hashrateThs: sample.hashrate,
      expectedThs: one.expected,
      mining: sample.mining,
    });
    const added = count(one.counted, sample);
    const hour = minerHourOf(sample, one.algo);
    add(hour.added, added);
    const isHashing = state === 'hashing' || state === 'degraded';
    addSample(hour, sample, { expected: one.expected, isHashing });
    return { miner, model, algo: one.algo, state, expected: one.expected, added };
  };

  const minerSlot = (samples: readonly StoredSample[]): MinerSlot => {
    const [first, ...more] = samples;
    if (!first) throw new Error('a miner without a sample');
    let slot: MinerSlot = { ...first, ...take(first) };
    if (more.length === 0) return slot;
    const added = [...slot.added];
    for (const sample of more) {
      slot = { ...sample, ...take(sample) };
      add(added, slot.added);
    }
    const statOf = (name: 'hashrate' | 'power' | 'temp' | 'chip' | 'fanMin') => {
      const stat = emptyStat();
      for (const sample of samples) addTo(stat, sample[name]);
      return stat;
    };
    return {
      ...slot,
      hashrate: mean(statOf('hashrate')),
      power: mean(statOf('power')),
      temp: statOf('temp').max,
      chip: statOf('chip').max,
      fanMin: statOf('fanMin').min,
      added,
    };
  };

  /** Known miners of each algorithm and of each model. */
  const countKnown = () => {
    const byAlgo = new Map<string, KnownMiners>();
    const byModel = new Map<string, KnownMiners>();
    if (order.length !== known.size) order = [...known.keys()].toSorted();
    for (const miner of order) {
      const { model, algo, expected } = known.get(miner) as KnownMiner;
      enter(byAlgo, algo, expected);
      enter(byModel, model, expected);
    }
    return { byAlgo, byModel };
  };

  return {
    hourS,
    addSlot: (slotS, samples) => {
      const slots: MinerSlot[] = [];
      for (const ofMiner of grouped(samples.sort(inOrder))) slots.push(minerSlot(ofMiner));
      const { byAlgo, byModel } = countKnown();
      const lines: PointLine[] = [];
      for (const [algo, miners] of Map.groupBy(slots, (slot) => slot.algo)) {
        const values = aggregate(miners, byAlgo.get(algo) ?? NOBODY);
        lines.push(
          point(`site_agg,algo=${algo},site=${scope}`, fieldsOf(AGG_FIELDS, values), slotS),
        );
        let hour = siteHours.get(algo);
        if (!hour) siteHours.set(algo, (hour = emptySiteHour()));
        addMinute(hour, values);
      }
      for (const [model, miners] of Map.groupBy(slots, (slot) => slot.model)) {
        const values = aggregate(miners, byModel.get(model) ?? NOBODY);
        const tags = `algo=${algorithmOf(model)},model=${model},site=${scope}`;
        lines.push(point(`model_agg,${tags}`, fieldsOf(AGG_FIELDS, values), slotS));
      }
      return lines;
    },
    finish: () => {
      const { byAlgo } = countKnown();
      const hours = [...minerHours.values()].toSorted((a, b) =>
        `${a.miner} ${a.model}` < `${b.miner} ${b.model}` ? -1 : 1,
      );
      const ofAlgo = Map.groupBy(hours, (hour) => hour.algo);
      const lines = [...siteHours].map(([algo, hour]) => {
        const values = siteHourValues(hour, ofAlgo.get(algo) ?? [], byAlgo.get(algo)?.count ?? 0);
        return point(`site_1h,algo=${algo},site=${scope}`, fieldsOf(HOUR_FIELDS, values), hourS);
      });
      for (const hour of hours) {
        const tags = `algo=${hour.algo},miner=${hour.miner},model=${hour.model},site=${scope}`;
        const fields = fieldsOf(MINER_HOUR_FIELDS, minerHourValues(hour));
        lines.push(point(`miner_1h,${tags}`, fields, hourS));
      }
      return lines;
    },
    carry: () => {
      const next = new Map<string, KnownMiner>();
      for (const [miner, one] of known) {
        if (one.seenS < hourS) continue;
        const expected = one.expectedS >= hourS ? one.expected : null;
        next.set(miner, { ...one, expected, counted: countedSince(one.counted, hourS) });
      }
      return next;
    },
  };
}

const NOBODY: KnownMiners = { count: 0, expected: null };

function enter(to: Map<string, KnownMiners>, name: string, expected: number | null): void {
  const one = to.get(name);
  if (!one) {
    to.set(name, { count: 1, expected });
    return;
  }
  one.count++;
  if (expected !== null) one.expected = (one.expected ?? 0) + expected;
}

function copyOf({ shown, uptime }: Counted): Counted {
  return { shown: [...shown], uptime };
}

function* grouped(samples: readonly StoredSample[]): Generator<StoredSample[]> {
  let group: StoredSample[] = [];
  for (const sample of samples) {
    if (group[0] && group[0].miner !== sample.miner) {
      yield group;
      group = [];
    }
    group.push(sample);
  }
  if (group.length > 0) yield group;
}

function point(series: string, fields: string, timeS: number): PointLine {
  return { text: `${series} ${fields} ${timeS}`, timeS, source: null };
}
