/** The candidate a typing slip away from `text` (at most a third of its letters), or null. */
export function nearest(text: string, candidates: readonly string[]): string | null {
  const scored = candidates
    .map((candidate) => ({ candidate, steps: distance(text, candidate) }))
    .sort((a, b) => a.steps - b.steps);
  const best = scored[0];
  return best && best.steps <= Math.ceil(text.length / 3) ? best.candidate : null;
}

/** Levenshtein distance. */
function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const swap = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      row.push(Math.min(swap, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[to.length] ?? 0;
}
