import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { current, lastEnd, lastStart, overlaps } from './windows.ts';
import type { Window } from './windows.ts';

const windows = fc
  .record({
    startS: fc.integer({ min: 0, max: 10_000 }),
    lengthS: fc.integer({ min: 1, max: 500 }),
    gapS: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
  })
  .map(({ startS, lengthS, gapS }): Window =>
    gapS === undefined ? { startS, lengthS } : { startS, lengthS, everyS: lengthS + gapS },
  );
const times = fc.integer({ min: 0, max: 20_000 });

test('an occurrence lasts from its start to its end', () => {
  fc.assert(
    fc.property(windows, times, (window, timeS) => {
      const start = current(window, timeS);
      if (start === null) return;
      expect(start).toBeLessThanOrEqual(timeS);
      expect(start + window.lengthS).toBeGreaterThan(timeS);
      expect(lastStart(window, timeS)).toBe(start);
      expect(lastEnd(window, timeS) ?? 0).toBeLessThanOrEqual(start);
    }),
  );
});

test('overlaps are the seconds that lie in an occurrence', () => {
  fc.assert(
    fc.property(windows, times, fc.integer({ min: 0, max: 3000 }), (window, fromS, spanS) => {
      let inside = 0;
      for (let timeS = fromS; timeS < fromS + spanS; timeS += 1) {
        if (current(window, timeS) !== null) inside += 1;
      }
      const summed = overlaps(window, fromS, fromS + spanS).reduce(
        (sum, [from, to]) => sum + to - from,
        0,
      );
      expect(summed).toBe(inside);
    }),
    { numRuns: 60 },
  );
});

test('what happens once happens once', () => {
  const window = { startS: 100, lengthS: 10 };
  expect(current(window, 99)).toBeNull();
  expect(current(window, 105)).toBe(100);
  expect(current(window, 110)).toBeNull();
  expect(lastEnd(window, 109)).toBeNull();
  expect(lastEnd(window, 1_000_000)).toBe(110);
});
