import type { SiteLog } from '../rig/site-log.ts';

/** How a site came back from an outage. */
export interface Recovery {
  /** Polls whose batches waited for the link. */
  held: number;
  /** Of them not stored yet. */
  leftOver: number;
  /** From the link's return until a poll of that moment or later was stored: ms, and polls begun meanwhile. */
  freshMs: number;
  freshPolls: number;
  /** Backlog batches that went out after a younger one. */
  unordered: number;
  /** Time the held polls stand for over the time until the last of them was stored. */
  drain: number;
  /** Backlog batches sent before half of the pause the server asked for was over. */
  hasty: number;
  /** Longest pause the server asked for. */
  paceMs: number;
}

/** Of a request and of a timer: both are noted in whole milliseconds. */
const ROUNDING_MS = 2;

export function recoveryOf(
  { polls, sent, stored }: SiteLog,
  { lostMs, healedMs, tickMs }: { lostMs: number; healedMs: number; tickMs: number },
): Recovery {
  const before = new Set(stored.filter(({ atMs }) => atMs < healedMs).map(({ second }) => second));
  const held = polls.filter(
    ({ second, atMs }) => atMs >= lostMs && atMs < healedMs && !before.has(second),
  );
  const waiting = new Set(held.map(({ second }) => second));
  const newest = held.at(-1)?.second ?? 0;
  const after = stored.filter(({ atMs }) => atMs >= healedMs);
  const freshAt = after.find(({ second }) => second >= newest)?.atMs ?? Infinity;
  let drainedAt = healedMs;
  for (const { second, atMs } of after) {
    if (waiting.delete(second)) drainedAt = atMs;
  }

  // A batch without samples only says that the agent is there, and is of no second.
  const backlog = sent.filter(
    ({ lane, atMs, second }) => lane === 'backlog' && atMs >= healedMs && second > 0,
  );
  let unordered = 0;
  let oldest = 0;
  for (const { second } of backlog) {
    if (second < oldest) unordered += 1;
    oldest = Math.max(oldest, second);
  }
  const paces = after.filter(({ lane, second }) => lane === 'backlog' && second > 0);
  let hasty = 0;
  for (const answer of paces) {
    const next = backlog.find(({ atMs }) => atMs >= answer.atMs);
    if (next && next.atMs - answer.atMs < answer.paceMs / 2 - ROUNDING_MS) hasty += 1;
  }
  return {
    held: held.length,
    leftOver: waiting.size,
    freshMs: freshAt - healedMs,
    freshPolls: polls.filter(({ atMs }) => atMs >= healedMs && atMs < freshAt).length,
    unordered,
    drain: (held.length * tickMs) / (drainedAt - healedMs),
    hasty,
    paceMs: Math.max(0, ...paces.map(({ paceMs }) => paceMs)),
  };
}
