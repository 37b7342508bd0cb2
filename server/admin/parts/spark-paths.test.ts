import { expect, test } from 'vitest';
import { sparkPaths } from './spark-paths.ts';

test('a curve goes from the lowest value to the highest', () => {
  expect(sparkPaths([0, 5, 10], 20, 14).line).toBe('M0.0 12.0L10.0 7.0L20.0 2.0');
});

test('where nothing was reported the curve is broken, not drawn to zero', () => {
  const { line, area } = sparkPaths([1, 1, null, null, 2, 2], 50, 10);
  expect(line).toBe('M0.0 8.0L10.0 8.0M40.0 2.0L50.0 2.0');
  expect(area.match(/Z/g)).toHaveLength(2);
});

test('a single value is a dash, a flat curve stands in the middle, nothing is nothing', () => {
  expect(sparkPaths([null, 3, null], 20, 10).line).toBe('M10.0 5.0h10.0');
  expect(sparkPaths([7, 7], 20, 10).line).toBe('M0.0 5.0L20.0 5.0');
  expect(sparkPaths([null, null], 20, 10)).toEqual({ line: '', area: '' });
  expect(sparkPaths([], 20, 10)).toEqual({ line: '', area: '' });
});
