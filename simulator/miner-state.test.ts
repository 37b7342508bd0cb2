import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeDevice } from './device.ts';
import type { Device } from './device.ts';
import { FAULT_KINDS, planFaults } from './faults.ts';
import type { Fault, FaultKind } from './faults.ts';
import { presenceAt, stateAt } from './miner-state.ts';
import { MODELS, modelOf } from './models.ts';

const NOON = Date.UTC(2026, 10, 22, 12) / 1000;

function device(index: number, seed: number, faults: readonly Fault[] = []): Device {
  return makeDevice({
    index,
    seed,
    model: modelOf(index),
    address: '127.9.0.1',
    otherAddress: '127.9.0.2',
    faults,
  });
}

const at = (timeS: number): Date => new Date(timeS * 1000);
const now = (kind: FaultKind, startS = NOON, lengthS = 3600): Fault => ({
  kind,
  target: 1,
  window: { startS, lengthS },
});

/** A model, a seed and any fault, at a time it may or may not be in. */
const devices = fc
  .record({
    index: fc.integer({ min: 0, max: MODELS.length - 1 }),
    seed: fc.integer({ min: 0, max: 0xffff_ffff }),
    kind: fc.option(fc.constantFrom(...FAULT_KINDS)),
    startS: fc.integer({ min: NOON - 90_000, max: NOON + 90_000 }),
    lengthS: fc.integer({ min: 60, max: 30_000 }),
    gapS: fc.integer({ min: 600, max: 30_000 }),
  })
  .map(({ index, seed, kind, startS, lengthS, gapS }) =>
    device(
      index,
      seed,
      kind === null
        ? []
        : [{ kind, target: seed % 16, window: { startS, lengthS, everyS: lengthS + gapS } }],
    ),
  );
const times = fc.integer({ min: NOON - 100_000, max: NOON + 100_000 });

describe('a miner', () => {
  test('is a function of its seed and the time', () => {
    fc.assert(
      fc.property(devices, times, (miner, timeS) => {
        const copy = structuredClone(miner);
        expect(stateAt(miner, at(timeS))).toStrictEqual(stateAt(copy, at(timeS)));
        expect(stateAt(miner, new Date(timeS * 1000 + 999))).toStrictEqual(
          stateAt(miner, at(timeS)),
        );
      }),
    );
  });

  test('never counts backwards, except after a restart', () => {
    fc.assert(
      fc.property(devices, times, fc.integer({ min: 1, max: 20_000 }), (miner, timeS, stepS) => {
        const before = stateAt(miner, at(timeS));
        const after = stateAt(miner, at(timeS + stepS));
        const restarted = after.uptimeS !== before.uptimeS + stepS;
        expect(!restarted || after.uptimeS <= stepS).toBe(true);
        if (restarted) return;
        for (const key of ['accepted', 'rejected', 'stale', 'hwErrors', 'bestShare'] as const) {
          expect(after[key]).toBeGreaterThanOrEqual(before[key]);
        }
        for (const [index, pool] of after.pools.entries()) {
          expect(pool.accepted).toBeGreaterThanOrEqual(before.pools[index]?.accepted ?? 0);
        }
        expect(after.averageThs * after.uptimeS).toBeGreaterThanOrEqual(
          before.averageThs * before.uptimeS - 1e-6,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('stays within what such a machine can show', () => {
    fc.assert(
      fc.property(devices, times, (miner, timeS) => {
        const state = stateAt(miner, at(timeS));
        const { model } = miner;
        for (const rate of [...Object.values(state.rateThs), state.averageThs]) {
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(rate).toBeLessThan(model.hashrateThs * 1.12);
        }
        expect(state.ambientC).toBeGreaterThan(5);
        expect(state.ambientC).toBeLessThan(55);
        for (const board of state.boards) {
          for (const temperature of [...board.boardTempsC, ...board.chipTempsC]) {
            expect(temperature).toBeGreaterThan(5);
            expect(temperature).toBeLessThan(130);
          }
          expect(board.chipsGood).toBeLessThanOrEqual(board.chips);
          expect(board.chipsGood).toBeGreaterThanOrEqual(0);
        }
        for (const rpm of state.fansRpm) {
          expect(rpm).toBeGreaterThanOrEqual(0);
          expect(rpm).toBeLessThanOrEqual(model.fanMaxRpm);
        }
        expect(state.powerW).toBeGreaterThan(0);
        expect(state.powerW).toBeLessThan(model.powerW * 1.1);
        expect(state.pools.filter((pool) => pool.active)).toHaveLength(1);
        expect(state.accepted).toBe(state.pools.reduce((sum, pool) => sum + pool.accepted, 0));
      }),
      { numRuns: 300 },
    );
  });

  test('makes its rate on its boards', () => {
    fc.assert(
      fc.property(devices, times, (miner, timeS) => {
        const shares = stateAt(miner, at(timeS)).boards.reduce(
          (sum, board) => sum + board.share,
          0,
        );
        expect(shares).toBeCloseTo(1, 9);
      }),
    );
  });

  test('shows more noise in a short window than in a long one', () => {
    const miner = device(0, 5);
    const spread = (windowS: 5 | 1800): number => {
      const rates = Array.from(
        { length: 400 },
        (_, step) => stateAt(miner, at(NOON + 40_000 + step * 977)).rateThs[windowS],
      ).filter((rate) => rate > 0.9 * miner.ratedThs);
      const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
      return Math.max(...rates.map((rate) => Math.abs(rate / mean - 1)));
    };
    expect(spread(5)).toBeGreaterThan(0.03);
    expect(spread(5)).toBeLessThan(0.07);
    expect(spread(1800)).toBeLessThan(0.012);
  });

  test('finds as many shares as its hashrate says', () => {
    for (const index of MODELS.keys()) {
      const miner = device(index, 3);
      const state = stateAt(miner, at(NOON));
      const found = state.accepted + state.rejected;
      expect((found * 60) / state.uptimeS).toBeGreaterThan(5);
      expect((found * 60) / state.uptimeS).toBeLessThan(15);
      const ths = (found * miner.shareDifficulty * 2 ** 32) / state.uptimeS / 1e12;
      expect(ths / state.averageThs).toBeCloseTo(1, 1);
    }
  });
});

const healthy = (index = 0): ReturnType<typeof stateAt> =>
  stateAt(device(index, 8), at(NOON + 2000));
const faulty = (kind: FaultKind, afterS = 2000): ReturnType<typeof stateAt> =>
  stateAt(device(0, 8, [now(kind)]), at(NOON + afterS));

describe('a fault', () => {
  test('board-missing: the controller does not see the board, two thirds of the rate remain', () => {
    const state = faulty('board-missing');
    expect(state.boards.map((board) => board.found)).toStrictEqual([true, false, true]);
    expect(state.boards[1]?.chips).toBe(0);
    expect(state.rateThs[1800]).toBeLessThan(0.72 * healthy().ratedThs);
  });

  test('board-dead: detected, all chips lost', () => {
    const board = faulty('board-dead').boards[1];
    expect(board).toMatchObject({ found: true, chips: 126, chipsGood: 0, share: 0 });
  });

  test('fan: one stands still, and the machine gets warmer', () => {
    const state = faulty('fan');
    expect(state.fansRpm[1]).toBe(0);
    expect(state.boards[0]?.boardTempsC[1]).toBeGreaterThan(
      (healthy().boards[0]?.boardTempsC[1] ?? 0) + 4,
    );
  });

  test('chips: more and more fail', () => {
    const early = faulty('chips', 300).boards[1]?.chipsGood ?? 0;
    const late = faulty('chips', 1800).boards[1]?.chipsGood ?? 0;
    expect(early).toBeLessThan(126);
    expect(late).toBeLessThan(early);
    expect(late).toBeGreaterThan(90);
  });

  test('overheat: nothing now, the old average stays, and it restarts afterwards', () => {
    const state = faulty('overheat', 400);
    expect(state.activity).toBe('overheated');
    expect(state.rateThs[5]).toBe(0);
    expect(state.averageThs).toBeGreaterThan(0.5 * state.ratedThs);
    expect(faulty('overheat', 3600 + 10).uptimeS).toBe(10);
  });

  test('sleep: no rate, little power, fans idle', () => {
    const state = faulty('sleep');
    expect(state.activity).toBe('sleeping');
    expect(state.rateThs[5]).toBe(0);
    expect(state.powerW).toBeLessThan(100);
    expect(state.accepted).toBe(0);
  });

  test('pool: the second takes over, and keeps what it got', () => {
    const miner = device(0, 8, [now('pool', NOON, 1800)]);
    const during = stateAt(miner, at(NOON + 1000));
    expect(during.pools.map((pool) => pool.alive)).toStrictEqual([false, true, true]);
    expect(during.pools[1]).toMatchObject({ active: true });
    expect(during.pools[1]?.accepted).toBeGreaterThan(0);
    const after = stateAt(miner, at(NOON + 1900));
    expect(after.pools[0]).toMatchObject({ alive: true, active: true });
    expect(after.pools[1]?.accepted).toBeGreaterThanOrEqual(during.pools[1]?.accepted ?? 0);
  });

  test('vanish and move: where it answers follows', () => {
    const miner = device(0, 8, [now('vanish', NOON, 60), now('move', NOON + 100, 60)]);
    expect(presenceAt(miner, at(NOON + 30))).toMatchObject({ reachable: false });
    expect(presenceAt(miner, at(NOON + 70))).toStrictEqual({
      reachable: true,
      address: '127.9.0.1',
    });
    expect(presenceAt(miner, at(NOON + 130)).address).toBe('127.9.0.2');
    expect(stateAt(miner, at(NOON + 70)).uptimeS).toBe(10);
  });

  test('restart-loop: never up for long', () => {
    for (let afterS = 0; afterS < 3600; afterS += 240) {
      expect(faulty('restart-loop', afterS).uptimeS).toBeLessThan(1200);
    }
    // The loop is over, and its restarts have happened.
    expect(faulty('restart-loop', 5000).uptimeS).toBe(1400);
  });
});

describe('the plan of a farm', () => {
  test('shows every kind in a farm of sixty, and leaves half of it healthy', () => {
    const plan = planFaults(1, 60, FAULT_KINDS);
    const kinds = plan.flatMap((faults) => faults.map((fault) => fault.kind));
    expect(new Set(kinds)).toStrictEqual(new Set(FAULT_KINDS));
    expect(kinds.length).toBeLessThanOrEqual(30);
    expect(plan.every((faults) => faults.length <= 1)).toBe(true);
  });

  test('keeps half of a small farm healthy', () => {
    const healthy = planFaults(1, 10, FAULT_KINDS).filter((faults) => faults.length === 0);
    expect(healthy).toHaveLength(5);
  });

  test('starts with one of each model', () => {
    expect(MODELS.map((_, index) => modelOf(index))).toStrictEqual(MODELS);
  });
});
