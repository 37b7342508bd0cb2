import { ghsUnitOf } from '../../agent/families/antminer-stock/models.ts';
import type { Board, Reading } from '../../agent/reading.ts';
import type { Observed } from './outcome.ts';

/**
 * How each key of the sets' `expected.json` is compared. The sets come from several sources, which
 * name the same thing differently; all their words are here.
 */

export type Check = { found: unknown; ok: boolean } | { leftOut: string };
export type Rule = (expected: unknown, observed: Observed, all: Expected) => Check;
export type Expected = Readonly<Record<string, unknown>>;

/** Measured quantities may differ by half a percent. */
const TOLERANCE = 0.005;

export function near(expected: unknown, found: unknown): boolean {
  if (typeof expected !== 'number' || typeof found !== 'number') return expected === found;
  // Counts, and everything that is whole on both sides, must agree.
  if (Number.isInteger(expected) && Number.isInteger(found)) return expected === found;
  return Math.abs(expected - found) <= Math.abs(expected) * TOLERANCE;
}

/** Any two values: texts by their content, lists item by item, numbers as `near`. */
export function same(expected: unknown, found: unknown): boolean {
  if (Array.isArray(expected) && Array.isArray(found)) {
    return expected.length === found.length && expected.every((one, at) => same(one, found[at]));
  }
  if (typeof expected === 'string' && typeof found === 'string') {
    return squeezed(expected) === squeezed(found);
  }
  return near(expected, found);
}

export const bareUrl = (url: unknown): unknown =>
  typeof url === 'string' ? url.replace(/^[a-z0-9+]+:\/\//i, '').replace(/\/$/, '') : url;

export const measured =
  (pick: (reading: Reading) => number | null): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    return { found, ok: near(expected, found) };
  };

export const exact =
  (pick: (reading: Reading) => unknown): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    return { found, ok: JSON.stringify(found) === JSON.stringify(expected) };
  };

export const text =
  (pick: (reading: Reading) => string | null, same = squeezed): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    if (expected === null) return { found, ok: found === null };
    return {
      found,
      ok: found !== null && typeof expected === 'string' && same(expected) === same(found),
    };
  };

export const list =
  (pick: (reading: Reading) => (number | null)[]): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    const wanted = Array.isArray(expected) ? expected : [expected];
    return {
      found,
      ok: wanted.length === found.length && wanted.every((item, at) => near(item, found[at])),
    };
  };

/** Several facts of one thing in an object; those the source gives are compared. */
export const fields =
  (pick: (reading: Reading) => Readonly<Record<string, unknown>>): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    const wanted = Object.entries(expected as Expected);
    return { found, ok: wanted.every(([key, value]) => near(value, found[key])) };
  };

/** As `exact`, but null in a list with other values is what the source's test says nothing of. */
export const asserted =
  (pick: (reading: Reading) => readonly unknown[]): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    const wanted = Array.isArray(expected) ? (expected as unknown[]) : [expected];
    const isSaid = wanted.some((value) => value !== null);
    const ok = wanted.every((value, at) => (isSaid && value === null) || value === found[at]);
    return { found, ok: ok && wanted.length === found.length };
  };

export const leftOut =
  (reason: string): Rule =>
  () => ({ leftOut: reason });

/** Evidence rather than a reading: it must be among what the agent was told. */
export const heard =
  (shape: (expected: string) => string): Rule =>
  (expected, { identified, read }) => {
    const wanted = shape(JSON.stringify(expected).replace(/^"|"$/g, ''));
    const exchanges = [...identified.exchanges, ...(read?.exchanges ?? [])];
    return { found: null, ok: exchanges.some(({ reply }) => reply?.includes(wanted)) };
  };

const squeezed = (value: string) => value.replace(/\s+/g, ' ').trim();
export const bareMac = (value: string) => value.replace(/[:.-]/g, '').toLowerCase();

/**
 * A source that names its field ("SUMMARY[0].MHS av") means that window; one that does not means
 * either the current or the average rate.
 */
export const hashrate =
  (scale: number, same = near): Rule =>
  (expected, { reading }, all) => {
    const { nowThs, avgThs } = reading.hashrate;
    const where = JSON.stringify(all['hashrate_found_at'] ?? '');
    const candidates = !('hashrate_found_at' in all)
      ? [nowThs, avgThs]
      : /(\b(av|avg|average)|hsav)\b/i.test(where) && !/\b5s\b|total_rate/.test(where)
        ? [avgThs]
        : [nowThs];
    const found = candidates.map((ths) => (ths === null ? null : ths / scale));
    // Both in a list: the current one, the average.
    if (Array.isArray(expected)) {
      return { found, ok: expected.every((value, at) => same(value, found[at])) };
    }
    return { found, ok: found.some((value) => same(expected, value)) };
  };

/** One for each slot from the first on; 0 for a slot without a board or without a sensor. */
export const bySlot =
  (pick: (board: Board) => number | null): Rule =>
  (expected, { reading: { boards } }) => {
    const wanted = Array.isArray(expected) ? expected : [];
    const from = boards.some(({ slot }) => slot === 0) ? 0 : 1;
    const found = wanted.map((_, index) => {
      const board = boards.find(({ slot }) => slot === index + from);
      return board ? (pick(board) ?? 0) : 0;
    });
    const isAll = boards.length <= wanted.filter((value) => value !== 0).length;
    return { found, ok: isAll && wanted.every((item, at) => near(item, found[at])) };
  };

export const rounded = (expected: unknown, found: unknown) =>
  typeof found === 'number' && Math.round(found) === expected;

/** TH/s that one of the unit is. */
export const THS = 1;
export const GHS = 1e-3;
export const MHS = 1e-6;
export const KHS = 1e-9;
export const HS = 1e-12;

/** The number under a key that says GHS, whatever the machine counts there: MH/s on Scrypt. */
export const asLabelled =
  (pick: (reading: Reading) => number | null): Rule =>
  (expected, { reading }) => {
    const ths = pick(reading);
    const scale = { 'GH/s': GHS, 'MH/s': MHS, 'kH/s': KHS, 'H/s': HS, 'TH/s': THS, 'PH/s': 1e3 };
    const found = ths === null ? null : ths / scale[ghsUnitOf(reading.identity.model)];
    return { found, ok: near(expected, found) };
  };
export const average = (scale: number) =>
  measured(({ hashrate: { avgThs } }) => (avgThs === null ? null : avgThs / scale));
export const expectedRate = (scale: number) =>
  measured(({ hashrate: { expectedThs } }) => (expectedThs === null ? null : expectedThs / scale));

export const sum = (values: (number | null)[]) =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0);
export const hottest = (values: readonly number[]) =>
  values.length > 0 ? Math.max(...values) : null;
export const board = (slot: number, pick: (board: Board) => unknown): Rule =>
  ((expected, { reading }) => {
    const one = reading.boards[slot];
    const found = one ? pick(one) : null;
    return { found, ok: near(expected, found) };
  }) satisfies Rule;

/**
 * The source's parser visits the sensors in its own order, takes whole degrees and some sensors only:
 * each of its temperatures must be one of ours, each of ours used once.
 */
export const temperatures: Rule = (expected, { reading }) => {
  const ours = [
    ...reading.boards.flatMap(({ boardTempsC, chipTempsC }) => [...boardTempsC, ...chipTempsC]),
    ...(reading.thermal.envC === null ? [] : [reading.thermal.envC]),
  ];
  const left = ours.map(Math.trunc);
  const wanted = Array.isArray(expected) ? expected : [];
  const ok = wanted.every((value) => {
    const at = left.indexOf(value as number);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
  // A source that reports none while we do means the machine has none; it has no word for the air.
  const isBare = reading.boards.every(
    ({ boardTempsC, chipTempsC }) => boardTempsC.length + chipTempsC.length === 0,
  );
  return { found: ours, ok: ok && (wanted.length > 0 || isBare) };
};

/**
 * Fans by `fan_units`. The source leaves out fans that stand still and counts the power supply's with
 * the others; in percent it gives one figure for all the fans of a module.
 */
export const fans: Rule = (expected, { reading }, all) => {
  const wanted = Array.isArray(expected) ? (expected as number[]) : [];
  if (all['fan_units'] === '%') {
    const each = reading.fans.map(({ percent }) => percent);
    const found = each.length === wanted.length ? each : [...new Set(each)];
    return { found, ok: JSON.stringify(found) === JSON.stringify(wanted) };
  }
  const turning = (rpm: number | null) => wanted.includes(0) || rpm !== 0;
  const own = reading.fans.map(({ rpm }) => rpm).filter(turning);
  const found = own.length < wanted.length ? [...own, ...reading.psuFans] : own;
  return { found, ok: JSON.stringify(found) === JSON.stringify(wanted) };
};

const isSleeping = ({ state }: Reading) => /sleep/i.test(state.text ?? '');

/** The source's own words for a mode: asleep, standing still, else as the miner names its mode. */
export const powerMode: Rule = (expected, { reading }) => {
  const idle = reading.state.mining === false ? 'IDLE' : 'NORMAL';
  const named = reading.power.mode?.toUpperCase() ?? idle;
  // ePIC's preset for little power is called Efficiency.
  const found = isSleeping(reading) ? 'SLEEPING' : named.replace('EFFICIENCY', 'LOW');
  return { found, ok: found === expected };
};

/** The source means boards with bad chips, not the miner's error codes; asleep all chips are "bad". */
export const hasErrors: Rule = (expected, { reading }) => {
  const bad = reading.boards.some(
    ({ chips, chipsGood }) => chips !== null && chipsGood !== null && chipsGood < chips,
  );
  const found = bad && !isSleeping(reading);
  return { found, ok: found === expected };
};

export const errorCodes: Rule = (expected, { reading }) => {
  const codes = reading.errors.map(({ code }) => Number(code)).filter((code) => code > 0);
  const found = [...new Set(codes)].sort((a, b) => a - b);
  const wanted = Array.isArray(expected) ? (expected as number[]).toSorted((a, b) => a - b) : [];
  return { found, ok: JSON.stringify(found) === JSON.stringify(wanted) };
};

export const greaterThan =
  (pick: (reading: Reading) => number | null): Rule =>
  (expected, { reading }) => {
    const found = pick(reading);
    return { found, ok: found !== null && found > Number(expected) };
  };

/**
 * A version where the firmware has none of its own. One that names itself tells that name; then the time
 * it was built is evidence like any other.
 */
export const compileTime: Rule = (expected, observed, all) => {
  const found = observed.reading.identity.firmwareVersion;
  if (!expected) return { leftOut: 'the set says that the reply tells no compile time' };
  return found !== null && /^\d+(\.\d+)+/.test(found)
    ? heard((value) => `"${value}"`)(expected, observed, all)
    : text(({ identity }) => identity.firmwareVersion)(expected, observed, all);
};

/**
 * Texts of the miner's errors; some sources put the place before them in brackets, others list the state
 * of the machine among them.
 */
export const messages: Rule = (expected, { reading: { errors, state } }) => {
  const found = errors.map((error) => error.text ?? error.code);
  const wanted = (Array.isArray(expected) ? expected : []) as (string | { message: string })[];
  const isOurs = (one: string | { message: string }, at: number) =>
    typeof one === 'string'
      ? found[at]?.endsWith(one.replace(/^\[[^\]]*\]\s*/, ''))
      : [state.text, ...found].includes(one.message);
  const isAll = !wanted.every((one) => typeof one === 'string') || wanted.length === found.length;
  return { found: [state.text, ...found], ok: isAll && wanted.every(isOurs) };
};

/** Boards that hash; while none does, those that have chips. */
export const activeBoards: Rule = asserted(({ boards }) => {
  const hashing = boards.map(({ hashrateThs }) => (hashrateThs ?? 0) > 0);
  return hashing.includes(true) ? hashing : boards.map(({ chips }) => (chips ?? 0) > 0);
});

export const ofOneGroup: Rule = (expected, observed, all) =>
  all['pool_groups'] === 1
    ? exact(({ pools }) => pools.length)(expected, observed, all)
    : { leftOut: 'groups of pools are no part of a reading' };

export const inAllGroups: Rule = (expected, { reading: { pools } }) => ({
  found: pools.length,
  ok: Array.isArray(expected) && sum(expected as number[]) === pools.length,
});
