/** The ranges every query is tried with, and what Grafana makes of them on a panel some 1,000 pixels wide. */
export const RANGES = {
  '15 m': 900,
  '24 h': 86_400,
  '7 d': 7 * 86_400,
  '30 d': 30 * 86_400,
  '1 y': 365 * 86_400,
} as const;
export type Range = keyof typeof RANGES;

const MAX_POINTS = 1000;
/** Up to these seconds, the interval behind them (@grafana/data, roundInterval). */
const ROUNDED: readonly [belowS: number, intervalS: number][] = [
  [90, 60],
  [210, 120],
  [450, 300],
  [750, 600],
  [1050, 900],
  [1500, 1200],
  [2700, 1800],
  [5400, 3600],
  [12_600, 7200],
  [30_240, 21_600],
  [86_400, 43_200],
];

/** Seconds of $__interval, no less than the panel's own. */
export function intervalOf(rangeS: number, minimum = '1m'): number {
  const wanted = Math.max(rangeS / MAX_POINTS, secondsOf(minimum));
  return ROUNDED.find(([below]) => wanted < below)?.[1] ?? 86_400;
}

export function secondsOf(duration: string): number {
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[duration.at(-1) ?? ''];
  if (unit === undefined) throw new Error(`${duration} is no duration`);
  return Number(duration.slice(0, -1)) * unit;
}
