/** A stretch of time that happens once or comes back; all times are seconds since 1970. */
export interface Window {
  startS: number;
  lengthS: number;
  /** Distance from one start to the next; absent = happens once. */
  everyS?: number;
}

/** Start of the last occurrence that has begun by `timeS`; null when none has. */
export function lastStart(window: Window, timeS: number): number | null {
  if (window.everyS === undefined) return timeS >= window.startS ? window.startS : null;
  return window.startS + Math.floor((timeS - window.startS) / window.everyS) * window.everyS;
}

/** Start of the occurrence that `timeS` lies in; null when it lies in none. */
export function current(window: Window, timeS: number): number | null {
  const start = lastStart(window, timeS);
  return start !== null && timeS < start + window.lengthS ? start : null;
}

/** End of the last occurrence that is over by `timeS`; null when none is. */
export function lastEnd(window: Window, timeS: number): number | null {
  const start = lastStart(window, timeS - window.lengthS);
  return start === null ? null : start + window.lengthS;
}

/** The parts of `[fromS, toS)` that lie in occurrences, oldest first. */
export function overlaps(window: Window, fromS: number, toS: number): [number, number][] {
  const parts: [number, number][] = [];
  const stepS = window.everyS ?? Infinity;
  let start = lastStart(window, fromS) ?? window.startS;
  while (start < toS) {
    const from = Math.max(fromS, start);
    const to = Math.min(toS, start + window.lengthS);
    if (from < to) parts.push([from, to]);
    start += stepS;
  }
  return parts;
}
