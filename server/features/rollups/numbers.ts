/** Count, sum, least and most of the numbers added; nulls are not. */
export interface Stat {
  n: number;
  sum: number;
  min: number | null;
  max: number | null;
}

export function emptyStat(): Stat {
  return { n: 0, sum: 0, min: null, max: null };
}

export function addTo(stat: Stat, value: number | null): void {
  if (value === null) return;
  stat.n++;
  stat.sum += value;
  if (stat.min === null || value < stat.min) stat.min = value;
  if (stat.max === null || value > stat.max) stat.max = value;
}

export function mean({ n, sum }: Stat): number | null {
  return n === 0 ? null : sum / n;
}

/** The sum, or null when nothing was added. */
export function sumOf({ n, sum }: Stat): number | null {
  return n === 0 ? null : sum;
}

/** null when it cannot be told. */
export function ratio(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole;
}

/** Nearest rank: the least of the values that `share` of them do not exceed; `sorted` rises. null: no values. */
export function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)] ?? null;
}

export function rising(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/** Where a distribution is known: `share` of the values are at or below `value`. Both rise. */
export type Knots = readonly { share: number; value: number }[];

/**
 * The percentile of several distributions together, each known at a few shares and straight in between. Of one it is
 * exact at those shares. null: there is none with a weight.
 */
export function mergedPercentile(
  parts: readonly { weight: number; knots: Knots }[],
  share: number,
): number | null {
  const known = parts.filter(({ weight, knots }) => weight > 0 && knots.length > 0);
  const total = known.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return null;
  const below = (value: number) =>
    known.reduce((sum, { weight, knots }) => sum + weight * shareBelow(knots, value), 0) / total;
  const values = rising(known.flatMap(({ knots }) => knots.map(({ value }) => value)));
  const enough = share - 1e-9;
  const at = values.findIndex((value) => below(value) >= enough);
  const upper = values[at] ?? values.at(-1) ?? null;
  const lower = at > 0 ? values[at - 1] : undefined;
  if (upper === null || lower === undefined || lower === upper) return upper;
  // Straight up to the jump, if any, at `upper`.
  const start = below(lower);
  const end =
    known.reduce((sum, { weight, knots }) => sum + weight * shareUnder(knots, upper), 0) / total;
  return end <= start || share >= end
    ? upper
    : lower + ((share - start) / (end - start)) * (upper - lower);
}

/** Share of the values at or below `value`: 0 before the first knot, then straight from knot to knot. */
function shareBelow(knots: Knots, value: number): number {
  let before: Knots[number] | undefined;
  for (const knot of knots) {
    if (value < knot.value) {
      if (!before) return 0;
      return (
        before.share +
        ((value - before.value) / (knot.value - before.value)) * (knot.share - before.share)
      );
    }
    before = knot;
  }
  return before === undefined ? 0 : 1;
}

/** As `shareBelow`, from the left: without the jump that may be at `value`. */
function shareUnder(knots: Knots, value: number): number {
  const [first] = knots;
  if (!first || value <= first.value) return 0;
  const last = knots.at(-1);
  if (last && value === last.value && knots.length > 1) return last.share;
  return shareBelow(knots, value);
}
