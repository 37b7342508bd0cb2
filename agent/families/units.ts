import type { Json } from '../lenient-json.ts';
import { num } from './values.ts';

/** Units of hashrate as firmwares write them, and how many TH/s one is. */
export type RateUnit = 'H/s' | 'kH/s' | 'MH/s' | 'GH/s' | 'TH/s' | 'PH/s';

const THS_PER: Record<RateUnit, number> = {
  'H/s': 1e12,
  'kH/s': 1e9,
  'MH/s': 1e6,
  'GH/s': 1e3,
  'TH/s': 1,
  'PH/s': 1e-3,
};

const BY_PREFIX: Record<string, RateUnit> = {
  '': 'H/s',
  k: 'kH/s',
  m: 'MH/s',
  g: 'GH/s',
  t: 'TH/s',
  p: 'PH/s',
};

const LONGEST_UNIT = 64;

/** "GH", "GH/s", "Ksol/s", "G" → unit; a solution counts as a hash. Null for anything else. */
export function unitOf(value: Json | undefined): RateUnit | null {
  if (typeof value !== 'string') return null;
  const prefix = /^\s*([kmgtp]?)(?:h|sol)?s?(?:\/s)?\s*$/i.exec(value.slice(0, LONGEST_UNIT))?.[1];
  return prefix === undefined || value.trim() === '' ? null : BY_PREFIX[prefix.toLowerCase()]!;
}

/**
 * A hashrate in TH/s. A unit inside the text ("21632.89GH/s", "891.29 Ksol/s") beats `unit`.
 */
export function rate(value: Json | undefined, unit: RateUnit): number | null {
  const amount = num(value);
  if (amount === null || amount < 0) return null;
  const written = typeof value === 'string' ? unitOf(value.replace(/^[\s\d.,e+-]+/i, '')) : null;
  return amount / THS_PER[written ?? unit];
}
