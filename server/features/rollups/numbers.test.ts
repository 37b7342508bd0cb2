import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addTo, emptyStat, mean, mergedPercentile, percentile, rising, sumOf } from './numbers.ts';

const values = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: 1 });
const share = fc.constantFrom(0.1, 0.5, 0.9, 1);

test('a percentile is a value that occurred: that many are at or below it, and no smaller one would do', () => {
  fc.assert(
    fc.property(values, share, (list, wanted) => {
      const sorted = rising(list);
      const found = percentile(sorted, wanted);
      const atOrBelow = sorted.filter((value) => value <= (found ?? Number.NaN)).length;
      const below = sorted.filter((value) => value < (found ?? Number.NaN)).length;
      expect(sorted).toContain(found);
      expect(atOrBelow / sorted.length).toBeGreaterThanOrEqual(wanted - 1e-9);
      expect(below / sorted.length).toBeLessThan(wanted);
    }),
  );
});

test('of ten values the tenth part is the least, and of none there is no percentile', () => {
  expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.1)).toBe(1);
  expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9)).toBe(9);
  expect(percentile([], 0.5)).toBeNull();
});

const knots = fc
  .tuple(...[1, 2, 3].map(() => fc.double({ min: 0, max: 200, noNaN: true })))
  .map((list) =>
    rising(list).map((value, index) => ({ share: [0.1, 0.5, 0.9][index] ?? 1, value })),
  );
const parts = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 5000 }), knots }), {
  minLength: 1,
  maxLength: 6,
});

test('merged percentiles of one site are its own', () => {
  fc.assert(
    fc.property(knots, fc.integer({ min: 1, max: 9 }), (of, weight) => {
      for (const { share: at } of of) {
        const own = of.find((one) => one.share === at)?.value ?? Number.NaN;
        // Where two of them are the same value, the lower share has the same.
        expect(mergedPercentile([{ weight, knots: of }], at)).toBeCloseTo(own, 9);
      }
    }),
  );
});

test('merged percentiles lie between those of the sites, rise with the share, and do not depend on order', () => {
  fc.assert(
    fc.property(parts, (sites) => {
      const merged = [0.1, 0.5, 0.9].map((at) => mergedPercentile(sites, at) ?? Number.NaN);
      for (const [index, value] of merged.entries()) {
        const own = sites.map((site) => site.knots[index]?.value ?? Number.NaN);
        expect(value).toBeGreaterThanOrEqual(Math.min(...own) - 1e-9);
        expect(value).toBeLessThanOrEqual(Math.max(...own) + 1e-9);
        expect(mergedPercentile(sites.toReversed(), [0.1, 0.5, 0.9][index] ?? 1)).toBeCloseTo(
          value,
          9,
        );
      }
      expect(rising(merged)).toEqual(merged);
    }),
  );
});

test('a site that weighs nothing says nothing, and without one there is no percentile', () => {
  const site = { weight: 10, knots: [{ share: 0.5, value: 95 }] };
  const empty = { weight: 0, knots: [{ share: 0.5, value: 1 }] };
  expect(mergedPercentile([site, empty], 0.5)).toBe(95);
  expect(mergedPercentile([empty], 0.5)).toBeNull();
});

test('a stat of nothing has no sum and no mean; nulls are nothing', () => {
  const stat = emptyStat();
  addTo(stat, null);
  expect([sumOf(stat), mean(stat), stat.min, stat.max]).toEqual([null, null, null, null]);
  for (const value of [0, null, -4, 10]) addTo(stat, value);
  expect([sumOf(stat), mean(stat), stat.min, stat.max]).toEqual([6, 2, -4, 10]);
});
