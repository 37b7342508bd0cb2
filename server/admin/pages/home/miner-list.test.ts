import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Miner } from '../../data/miners.ts';
import { filterMiners, nextSort, sortMiners, type MinerColumn } from './miner-list.ts';

const miner = (id: number, more: Partial<Miner> = {}): Miner => ({
  id,
  name: `m${id}`,
  ip_address: `10.0.0.${id}`,
  port: 4028,
  manufacturer: 'AntMiner',
  model: 'S19j Pro',
  firmware: null,
  firmware_version: null,
  mac: null,
  serial: null,
  site_id: 1,
  site_name: 'North hall',
  agent_id: 1,
  state: 'hashing',
  reason: null,
  answered_at: null,
  hash_rate: null,
  expected_hash_rate: null,
  temperature: null,
  fan_speed: null,
  power_consumption: null,
  ...more,
});
const ids = (miners: readonly Miner[]) => miners.map(({ id }) => id);
const by = (miners: Miner[], column: MinerColumn, descending = false) =>
  ids(sortMiners(miners, { column, descending }));
const ALL = { text: '', siteId: null, state: null };

describe('filter', () => {
  const miners = [
    miner(1, { name: 'Rack A-7', mac: '0a1b2c3d4e5f' }),
    miner(2, { name: 'Rack B-7', site_id: 2, site_name: 'Park', state: 'offline' }),
    miner(3, { name: '<img src=x>', manufacturer: 'Whatsminer', model: 'M50S', serial: 'SN-77' }),
  ];
  test.each([
    ['rack', [1, 2]],
    ['RACK a-7', [1]],
    ['b-7 rack', [2]],
    ['whatsminer m50', [3]],
    ['10.0.0.3', [3]],
    ['sn-77', [3]],
    ['0A:1B:2c', [1]],
    ['0a-1b', [1]],
    ['0a1b2c', [1]],
    ['<img', [3]],
    ['park', [2]],
    ['nothing', []],
    ['  ', [1, 2, 3]],
  ])('"%s"', (text, expected) => {
    expect(ids(filterMiners(miners, { ...ALL, text }))).toEqual(expected);
  });

  test('by site and state', () => {
    expect(ids(filterMiners(miners, { ...ALL, siteId: 2 }))).toEqual([2]);
    expect(ids(filterMiners(miners, { ...ALL, state: 'hashing' }))).toEqual([1, 3]);
    expect(ids(filterMiners(miners, { ...ALL, siteId: 1, state: 'offline' }))).toEqual([]);
  });
});

describe('sort', () => {
  test('states from worst to best', () => {
    const miners = [
      miner(1, { state: 'hashing' }),
      miner(2, { state: 'degraded' }),
      miner(3, { state: 'offline' }),
      miner(4, { state: 'unknown' }),
      miner(5, { state: 'idle' }),
    ];
    expect(by(miners, 'state')).toEqual([3, 2, 5, 4, 1]);
  });

  test('names and addresses as people count', () => {
    const miners = [
      miner(1, { name: 'Rack 10', ip_address: '10.0.0.10' }),
      miner(2, { name: 'rack 9', ip_address: '10.0.0.9' }),
      miner(3, { name: 'Rack 1', ip_address: '9.255.0.1' }),
      miner(4, { name: 'Rack 2', ip_address: 'fd00::1' }),
    ];
    expect(by(miners, 'name')).toEqual([3, 4, 2, 1]);
    expect(by(miners, 'address')).toEqual([3, 2, 1, 4]);
  });

  test('what is not reported comes last either way; zero is reported', () => {
    const miners = [
      miner(1, { fan_speed: null }),
      miner(2, { fan_speed: 0 }),
      miner(3, { fan_speed: 6_000 }),
    ];
    expect(by(miners, 'fans')).toEqual([2, 3, 1]);
    expect(by(miners, 'fans', true)).toEqual([3, 2, 1]);
  });

  test('every order is total: the same whatever order the rows came in', () => {
    const someMiner = fc.record({
      name: fc.constantFrom('a', 'b', 'a10', 'a9'),
      hash_rate: fc.option(fc.constantFrom(0, 1, 95.5)),
      ip_address: fc.constantFrom('10.0.0.1', '10.0.0.20', 'fd00::2'),
    });
    const columns = fc.constantFrom<MinerColumn>('name', 'hashrate', 'address', 'firmware');
    fc.assert(
      fc.property(fc.array(someMiner), columns, fc.boolean(), (parts, column, descending) => {
        const miners = parts.map((part, index) => miner(index, part));
        const sorted = by(miners, column, descending);
        expect(by(miners.toReversed(), column, descending)).toEqual(sorted);
      }),
    );
  });

  test('a second click turns the order round; numbers begin with the largest', () => {
    const byName = { column: 'name', descending: false } as const;
    expect(nextSort(byName, 'name')).toEqual({ column: 'name', descending: true });
    expect(nextSort(byName, 'hashrate')).toEqual({ column: 'hashrate', descending: true });
    expect(nextSort(byName, 'state')).toEqual({ column: 'state', descending: false });
  });
});
