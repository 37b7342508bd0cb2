import { expect, test } from 'vitest';
import { byAlgorithm } from './by-algorithm.ts';

const part = (algorithm: string | null, rate: number | null, expected: number | null = null) => ({
  algorithm,
  totals: {
    miners: 1,
    states: { hashing: 1, degraded: 0, idle: 0, offline: 0, unknown: 0 },
    hash_rate: rate,
    expected_hash_rate: expected,
    power_consumption: null,
    efficiency_j_th: null,
  },
});

test('one sum for each algorithm however it is spelt, the largest first', () => {
  const parts = [
    part('scrypt', 0.01),
    part('sha256', 90, 100),
    part('SHA-256', 10),
    part('x11', null),
  ];
  expect(byAlgorithm([...parts, part(null, 5, 6)])).toEqual([
    { algorithm: 'sha256', hash_rate: 100, expected_hash_rate: 100 },
    { algorithm: null, hash_rate: 5, expected_hash_rate: 6 },
    { algorithm: 'scrypt', hash_rate: 0.01, expected_hash_rate: null },
  ]);
});
