import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffMs, spread } from './backoff.ts';

it('waits at least a second and at most the ceiling, however many failures', () => {
  fc.assert(
    fc.property(fc.nat(2000), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, at) => {
      const ms = backoffMs(failures, 60_000, () => at);
      expect(ms).toBeGreaterThanOrEqual(1000);
      expect(ms).toBeLessThanOrEqual(Math.max(1000, Math.min(60_000, 1000 * 2 ** failures)));
    }),
  );
});

it('uses the whole range: a thousand agents do not come back together', () => {
  expect(backoffMs(10, 60_000, () => 0)).toBe(1000);
  expect(backoffMs(10, 60_000, () => 0.5)).toBe(30_500);
  expect(spread(10_000, () => 0)).toBe(10_000);
  expect(spread(10_000, () => 1)).toBe(12_000);
});
