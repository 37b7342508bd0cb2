import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowsInView } from './visible-rows.ts';

test('only a few of many rows are drawn, wherever the page stands', () => {
  const { start, end } = rowsInView(2_000, 40, -40_000, 900);
  expect(start).toBe(990);
  expect(end).toBe(1_033);
});

test('every row that can be seen is drawn, and none that does not exist', () => {
  const count = fc.nat(5_000);
  const height = fc.integer({ min: 20, max: 200 });
  const top = fc.integer({ min: -1_000_000, max: 3_000 });
  fc.assert(
    fc.property(count, height, top, fc.integer({ min: 1, max: 3_000 }), (n, row, y, view) => {
      const { start, end } = rowsInView(n, row, y, view);
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(n);
      expect(start).toBeLessThanOrEqual(end);
      const firstSeen = Math.max(Math.floor(-y / row), 0);
      const lastSeen = Math.min(Math.ceil((view - y) / row), n) - 1;
      const nothingSeen = firstSeen > lastSeen;
      expect(nothingSeen || (start <= firstSeen && end > lastSeen)).toBe(true);
    }),
  );
});
