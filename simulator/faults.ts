import { between, mix, shuffled, unit } from './random.ts';
import type { Window } from './windows.ts';

/**
 * What may happen to a simulated miner.
 * `board-missing` a hashboard is not detected any more · `board-dead` detected, but hashes nothing ·
 * `fan` one fan stands still · `chips` more and more chips of one board fail · `overheat` the machine
 * stops itself · `sleep` an operator's sleep mode · `pool` the first pool is dead · `vanish` no port answers ·
 * `move` another address, same MAC · `restart-loop` restarts every few minutes.
 */
export const FAULT_KINDS = [
  'board-missing',
  'board-dead',
  'fan',
  'chips',
  'overheat',
  'sleep',
  'pool',
  'vanish',
  'move',
  'restart-loop',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  kind: FaultKind;
  window: Window;
  /** Which board or fan: taken modulo how many there are. */
  target: number;
}

const HOUR_S = 3600;

/** How many of a hundred miners have it, how long it lasts and how often it comes back. */
const HABITS: Record<FaultKind, { percent: number; lengthS: number; everyS: number }> = {
  'board-missing': { percent: 2, lengthS: 16 * HOUR_S, everyS: 40 * HOUR_S },
  'board-dead': { percent: 2, lengthS: 9 * HOUR_S, everyS: 30 * HOUR_S },
  fan: { percent: 2, lengthS: 5 * HOUR_S, everyS: 22 * HOUR_S },
  chips: { percent: 4, lengthS: 30 * HOUR_S, everyS: 48 * HOUR_S },
  overheat: { percent: 3, lengthS: 0.6 * HOUR_S, everyS: 7 * HOUR_S },
  sleep: { percent: 2, lengthS: 4 * HOUR_S, everyS: 24 * HOUR_S },
  pool: { percent: 3, lengthS: 0.8 * HOUR_S, everyS: 9 * HOUR_S },
  vanish: { percent: 3, lengthS: 0.5 * HOUR_S, everyS: 6 * HOUR_S },
  move: { percent: 2, lengthS: 12 * HOUR_S, everyS: 24 * HOUR_S },
  'restart-loop': { percent: 1, lengthS: 2 * HOUR_S, everyS: 10 * HOUR_S },
};

/** Seconds between two starts of a miner in a restart loop. */
export const RESTART_LOOP_S = 1200;

/**
 * Gives each of `count` miners its faults: every kind to its share of the farm, but to one at least as
 * long as there are miners left, so that a small farm shows them all. No miner has two.
 */
export function planFaults(seed: number, count: number, kinds: readonly FaultKind[]): Fault[][] {
  const plan: Fault[][] = Array.from({ length: count }, () => []);
  const order = shuffled(mix(seed, 0xfa), count);
  // Half of the farm stays healthy whatever is asked for.
  const sick = order.slice(0, Math.ceil(count / 2));
  for (const kind of kinds) {
    const habit = HABITS[kind];
    const share = Math.max(1, Math.round((count * habit.percent) / 100));
    for (const index of sick.splice(0, share)) {
      const own = mix(mix(seed, index), 0xfb);
      plan[index]?.push({
        kind,
        target: Math.floor(unit(own, 1) * 16),
        window: {
          startS: Math.floor(between(own, 2, 0, habit.everyS)),
          lengthS: habit.lengthS,
          everyS: habit.everyS,
        },
      });
    }
  }
  return plan;
}
