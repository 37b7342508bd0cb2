const FIRST_MS = 1000;

/**
 * Full jitter: anything from one second to twice as long as last time, up to `mostMs`. A thousand
 * sites that lost the server together must not come back together.
 */
export function backoffMs(failures: number, mostMs: number, random: () => number): number {
  const ceiling = Math.min(mostMs, FIRST_MS * 2 ** Math.min(failures, 20));
  return FIRST_MS + random() * Math.max(0, ceiling - FIRST_MS);
}

/** At least `waitMs` plus up to a fifth, so that one `Retry-After` does not make one crowd. */
export const spread = (waitMs: number, random: () => number): number =>
  waitMs * (1 + 0.2 * random());
