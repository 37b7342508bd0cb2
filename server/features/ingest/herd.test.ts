import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Lane } from '#contract/sync.ts';
import type { Failure } from '../../failures.ts';
import { makeAdmission, WORKING } from './admission.ts';
import { makePace } from './pace.ts';

/** A fixed course of chance, so that a failure can be looked at again. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockImplementation(mulberry32(1));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const AGENTS = 1_000;
const BACKLOG = 60;
const MINUTE_MS = 60_000;
const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/**
 * A thousand agents with an hour of backlog each return in the same two seconds, and then poll in the same second of
 * each minute. They wait as ours do: Retry-After and up to a fifth more, half to one and a half of the pace.
 */
async function herd(serviceMs: number, minutes: number) {
  const pace = makePace(WORKING, Date.now);
  const admission = makeAdmission(pace, Date.now);
  const startedAt = Date.now();
  const over = () => Date.now() - startedAt >= minutes * MINUTE_MS;
  const count = { sent: 0, refused: 0, stored: { live: 0, backlog: 0 } };
  const freshAfterMs: number[] = [];

  /** Until it is stored. */
  const deliver = async (agent: number, lane: Lane): Promise<void> => {
    while (!over()) {
      count.sent++;
      try {
        const permit = admission.enter(agent, lane);
        await permit.start().catch((error: unknown) => {
          permit.release();
          throw error;
        });
        await sleep(serviceMs * (0.5 + Math.random()));
        permit.release('stored');
        count.stored[lane]++;
        return;
      } catch (error) {
        count.refused++;
        await sleep(((error as Failure).retryAfterS ?? 0) * 1_000 * (1 + Math.random() / 5));
      }
    }
  };
  const live = async (agent: number) => {
    let spreadMs = 2_000;
    for (let minute = 1; !over(); minute++) {
      await sleep(Math.random() * spreadMs);
      await deliver(agent, 'live');
      freshAfterMs[agent] ??= Date.now() - startedAt;
      spreadMs = pace.liveMs();
      await sleep(Math.max(0, startedAt + minute * MINUTE_MS - Date.now()));
    }
  };
  const backlog = async (agent: number) => {
    await sleep(Math.random() * 2_000);
    for (let i = 0; i < BACKLOG && !over(); i++) {
      await deliver(agent, 'backlog');
      await sleep(pace.backlogMs() * (0.5 + Math.random()));
    }
  };
  const all = Promise.all(
    Array.from({ length: AGENTS }, (_, agent) => Promise.all([live(agent), backlog(agent)])),
  );
  while (!over()) await vi.advanceTimersByTimeAsync(1_000);
  // Whoever sleeps sees that it is over.
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  await all;
  return { ...count, freshAfterMs, wasted: count.refused / count.sent };
}

test.each([
  // A hundred a second, and fifty, when live batches alone are sixteen.
  [30, 10],
  [60, 10],
])(
  'a herd at %i ms a sync: few requests are wasted, and each is fresh within 90 s',
  async (serviceMs, minutes) => {
    const { wasted, freshAfterMs, stored } = await herd(serviceMs, minutes);
    expect(freshAfterMs).toHaveLength(AGENTS);
    expect(Math.max(...freshAfterMs)).toBeLessThan(90_000);
    expect(wasted).toBeLessThan(0.15);
    expect(stored.live).toBeGreaterThanOrEqual(AGENTS * (minutes - 1));
    // No place stands empty for it: backlogs get a third of what there is.
    expect(stored.backlog).toBeGreaterThan((minutes * MINUTE_MS * WORKING) / serviceMs / 3);
  },
  120_000,
);
