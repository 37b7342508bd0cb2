import { mix } from '../../../simulator/random.ts';

/** Draws one after the other, the same for the same seed. */
export interface Random {
  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number;
  pick<T>(from: readonly T[]): T;
  bytes(count: number): Buffer;
}

export function randomOf(seed: number): Random {
  let drawn = 0;
  const below = (bound: number): number => mix(seed, (drawn += 1)) % bound;
  return {
    below,
    pick: <T>(from: readonly T[]): T => from[below(from.length)] as T,
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => below(256))),
  };
}
