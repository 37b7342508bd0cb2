import type { Miner, MinerState } from '../../data/miners.ts';

/** Sums over miners, each with the count it is based on. Hashrates TH/s, power W. */
export interface Totals {
  count: number;
  states: Record<MinerState, number>;
  hashrate: { ths: number; from: number };
  /** Only over miners that report both their hashrate and what is expected of them. */
  expected: { ths: number; share: number; from: number } | null;
  power: { watts: number; from: number } | null;
  /** J/TH, over miners that report both. */
  efficiency: number | null;
  hottest: Miner | null;
}

/** What is known now. A miner that is offline or unknown adds nothing: its last values are history. */
export function totalsOf(miners: readonly Miner[]): Totals {
  const states = { offline: 0, degraded: 0, idle: 0, unknown: 0, hashing: 0 };
  let ths = 0;
  let from = 0;
  let expectedThs = 0;
  let ofExpectedThs = 0;
  let withExpected = 0;
  let watts = 0;
  let powered = 0;
  let bothWatts = 0;
  let bothThs = 0;
  let hottest: Miner | null = null;

  for (const miner of miners) {
    states[miner.state] += 1;
    if (miner.state === 'offline' || miner.state === 'unknown') continue;
    const { hash_rate: rate, expected_hash_rate: expected, power_consumption: power } = miner;
    if (rate !== null) {
      ths += rate;
      from += 1;
      if (expected !== null) {
        expectedThs += expected;
        ofExpectedThs += rate;
        withExpected += 1;
      }
    }
    if (power !== null) {
      watts += power;
      powered += 1;
      if (rate !== null && rate > 0) {
        bothWatts += power;
        bothThs += rate;
      }
    }
    if (miner.temperature !== null && miner.temperature > (hottest?.temperature ?? -Infinity)) {
      hottest = miner;
    }
  }
  return {
    count: miners.length,
    states,
    hashrate: { ths, from },
    expected:
      expectedThs > 0
        ? { ths: expectedThs, share: ofExpectedThs / expectedThs, from: withExpected }
        : null,
    power: powered > 0 ? { watts, from: powered } : null,
    efficiency: bothThs > 0 ? bothWatts / bothThs : null,
    hottest,
  };
}
