import { expect, test } from 'vitest';
import { drainTime } from './drain-time.ts';

test.each([
  ['half gone in a minute: a minute more', [0, 200], [60_000, 100], 60_000],
  ['a trickle takes long', [0, 101], [60_000, 100], 6_000_000],
  ['not shrinking', [0, 100], [60_000, 100], null],
  ['growing', [0, 100], [60_000, 140], null],
  ['gone', [0, 100], [60_000, 0], null],
  ['too early to say', [0, 100], [5_000, 90], null],
] as const)('%s', (_, [at, batches], [then, left], expected) => {
  expect(drainTime({ at, batches }, { at: then, batches: left })).toBe(expected);
});
