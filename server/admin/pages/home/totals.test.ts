import { expect, test } from 'vitest';
import type { Miner } from '../../data/miners.ts';
import { totalsOf } from './totals.ts';

const miner = (more: Partial<Miner>) =>
  ({
    id: 1,
    name: 'm',
    state: 'hashing',
    hash_rate: null,
    expected_hash_rate: null,
    temperature: null,
    power_consumption: null,
    ...more,
  }) as Miner;

test('each sum stands on the miners that report it', () => {
  const totals = totalsOf([
    miner({ hash_rate: 90, expected_hash_rate: 100, power_consumption: 3_000, temperature: 60 }),
    miner({ hash_rate: 50, power_consumption: 1_200, temperature: 71, name: 'hot' }),
    miner({ state: 'idle', hash_rate: 0, expected_hash_rate: 100, power_consumption: 40 }),
  ]);
  expect(totals.hashrate).toEqual({ ths: 140, from: 3 });
  expect(totals.expected).toEqual({ ths: 200, share: 0.45, from: 2 });
  expect(totals.power).toEqual({ watts: 4_240, from: 3 });
  expect(totals.efficiency).toBe(4_200 / 140);
  expect(totals.hottest?.name).toBe('hot');
});

test('an offline or unknown miner adds to the counts of states and to nothing else', () => {
  const last = {
    hash_rate: 90,
    expected_hash_rate: 100,
    power_consumption: 3_000,
    temperature: 60,
  };
  const totals = totalsOf([
    miner({ ...last, state: 'unknown' }),
    miner({ ...last, state: 'offline' }),
  ]);
  expect(totals).toMatchObject({
    count: 2,
    states: { unknown: 1, offline: 1, hashing: 0 },
    hashrate: { ths: 0, from: 0 },
    expected: null,
    power: null,
    efficiency: null,
    hottest: null,
  });
});
