/**
 * Randomness as a function: the same keys give the same number, so a miner's past can be computed again
 * without having been simulated.
 */

/** The finaliser of murmur3: every input bit reaches every output bit. */
function scramble(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 32 bits made of two keys. */
export function mix(seed: number, key: number): number {
  return scramble(Math.imul(seed, 0x9e3779b1) ^ scramble(key));
}

/** A number from 0 up to, not including, 1. */
export function unit(seed: number, key: number): number {
  return mix(seed, key) / 0x1_0000_0000;
}

/** A number from `low` up to, not including, `high`. */
export function between(seed: number, key: number, low: number, high: number): number {
  return low + (high - low) * unit(seed, key);
}

/** Text of `digits` upper-case hexadecimal digits. */
export function hex(seed: number, key: number, digits: number): string {
  let text = '';
  for (let part = 0; text.length < digits; part += 1) {
    text += mix(mix(seed, key), part).toString(16).padStart(8, '0');
  }
  return text.slice(0, digits).toUpperCase();
}

/**
 * Noise from -1 to 1 that moves in straight lines between values drawn every `gridS` seconds: two
 * readings close in time are close in value, two far apart are independent.
 */
export function drift(seed: number, key: number, timeS: number, gridS: number): number {
  const position = timeS / gridS;
  const cell = Math.floor(position);
  const lane = mix(seed, key);
  const from = unit(lane, cell);
  const to = unit(lane, cell + 1);
  return (from + (to - from) * (position - cell)) * 2 - 1;
}

/** The numbers 0 … count-1 in an order drawn from `seed`. */
export function shuffled(seed: number, count: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  return order.sort((a, b) => mix(seed, a) - mix(seed, b) || a - b);
}
