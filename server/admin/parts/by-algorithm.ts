import type { Totals } from '../data/fleet.ts';

/** Sums over the miners of one algorithm, TH/s. */
export interface AlgorithmRate {
  /** As miners spell it; null: they do not say. */
  algorithm: string | null;
  hash_rate: number;
  expected_hash_rate: number | null;
}

/** Hashrates of different algorithms do not add up: one sum for each, the largest first. Spellings are one ("SHA-256", "sha256"). */
export function byAlgorithm(
  parts: readonly { algorithm: string | null; totals: Totals }[],
): AlgorithmRate[] {
  const sums = new Map<string, AlgorithmRate>();
  for (const { algorithm, totals } of parts) {
    if (totals.hash_rate === null) continue;
    const key = algorithm?.toLowerCase().replaceAll(/[^a-z0-9]/g, '') ?? '';
    const sum = sums.get(key) ?? { algorithm, hash_rate: 0, expected_hash_rate: null };
    sum.hash_rate += totals.hash_rate;
    if (totals.expected_hash_rate !== null) {
      sum.expected_hash_rate = (sum.expected_hash_rate ?? 0) + totals.expected_hash_rate;
    }
    sums.set(key, sum);
  }
  return [...sums.values()].sort((a, b) => b.hash_rate - a.hash_rate);
}
