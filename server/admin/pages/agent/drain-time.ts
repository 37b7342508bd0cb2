import { useRef } from 'react';
import { serverNow } from '../../api.ts';

/** How much of a backlog there was at a moment, ms. */
export interface Level {
  at: number;
  batches: number;
}

/** Before that much time has passed, a rate is a guess. */
const MIN_MS = 15_000;

/** When the backlog will be gone at the pace between two levels, ms from the second; null: it does not shrink, or not enough is known. */
export function drainTime(first: Level, last: Level): number | null {
  const drained = first.batches - last.batches;
  const took = last.at - first.at;
  if (last.batches === 0 || drained <= 0 || took < MIN_MS) return null;
  return (last.batches * took) / drained;
}

/** As `drainTime`, from what this page has seen since it was opened, or since the backlog last grew. */
export function useDrainTime(batches: number | null): number | null {
  const first = useRef<Level | null>(null);
  const last = useRef<Level | null>(null);
  if (batches === null) return null;
  if (last.current === null || last.current.batches !== batches) {
    const level = { at: serverNow(), batches };
    if (first.current === null || batches > (last.current?.batches ?? 0)) first.current = level;
    last.current = level;
  }
  return first.current && drainTime(first.current, last.current);
}
