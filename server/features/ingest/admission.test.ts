import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Lane } from '#contract/sync.ts';
import { makeAdmission, WORKING, type Admission, type Permit } from './admission.ts';
import { makePace, type Pace } from './pace.ts';

let pace: Pace;
let admission: Admission;
beforeEach(() => {
  vi.useFakeTimers();
  pace = makePace(WORKING, Date.now);
  admission = makeAdmission(pace, Date.now);
});
afterEach(() => void vi.useRealTimers());

/** As many agents as permits: the limit of a single one does not interfere. */
function enterMany(count: number, lane: Lane = 'live', firstAgent = 1): Permit[] {
  return Array.from({ length: count }, (_, i) => admission.enter(firstAgent + i, lane));
}

function refused(code: string) {
  return expect.objectContaining({ code }) as Error;
}

/** Starts without waiting; tells later whether it was let in. */
function started(permit: Permit): { state: () => string } {
  let state = 'waiting';
  permit.start().then(
    () => (state = 'working'),
    (error: { code?: string }) => (state = error.code ?? 'failed'),
  );
  return { state: () => state };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

test('three work, the next waits for a place and gets the first that is given back', async () => {
  const permits = enterMany(5);
  const starts = permits.map(started);
  await settle();
  expect(starts.map(({ state }) => state())).toEqual([
    'working',
    'working',
    'working',
    'waiting',
    'waiting',
  ]);
  permits[1]?.release();
  await settle();
  expect(starts[3]?.state()).toBe('working');
  expect(starts[4]?.state()).toBe('waiting');
});

test('who waits a second and a half in vain is told to come back, and takes no place later', async () => {
  const permits = enterMany(4);
  const starts = permits.map(started);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(starts[3]?.state()).toBe('busy');
  permits[3]?.release();
  permits[0]?.release();
  const late = started(admission.enter(9, 'live'));
  await settle();
  expect(late.state()).toBe('working');
});

test('beyond those who work and wait, a sync is refused before its body is read', () => {
  enterMany(35);
  expect(() => admission.enter(99, 'live')).toThrow(refused('busy'));
});

test('one agent has four syncs inside at most; giving one back twice is once', () => {
  const [first] = Array.from({ length: 4 }, () => admission.enter(7, 'live'));
  expect(() => admission.enter(7, 'live')).toThrow(refused('slow_down'));
  first?.release();
  first?.release();
  admission.enter(7, 'live');
  expect(() => admission.enter(7, 'live')).toThrow(refused('slow_down'));
});

test('a sender that goes away while it waits gives its place to the next', async () => {
  const permits = enterMany(5);
  const starts = permits.map(started);
  await settle();
  permits[3]?.release();
  permits[0]?.release();
  await settle();
  expect(starts[3]?.state()).toBe('busy');
  expect(starts[4]?.state()).toBe('working');
});

test('backlogs work in two places at most; a free one is first of all for live batches', async () => {
  const backlogs = enterMany(4, 'backlog', 100);
  const starts = backlogs.map(started);
  await settle();
  expect(starts.map(({ state }) => state())).toEqual(['working', 'working', 'waiting', 'waiting']);
  const live = enterMany(2, 'live', 200);
  const liveStarts = live.map(started);
  await settle();
  expect(liveStarts.map(({ state }) => state())).toEqual(['working', 'waiting']);
  // It came last and is the first to go in.
  backlogs[0]?.release();
  await settle();
  expect(liveStarts[1]?.state()).toBe('working');
  expect(starts[2]?.state()).toBe('waiting');
  live[0]?.release();
  await settle();
  expect(starts[2]?.state()).toBe('working');
  // A third backlog finds the last place closed.
  live[1]?.release();
  await settle();
  expect(starts[3]?.state()).toBe('waiting');
});

test('backlogs leave half of the waiting room to live batches', () => {
  enterMany(18, 'backlog', 100);
  expect(() => admission.enter(99, 'backlog')).toThrow(refused('busy'));
  enterMany(17, 'live', 200);
  expect(() => admission.enter(99, 'live')).toThrow(refused('busy'));
});

function retryAfterOf(lane: Lane): number {
  try {
    admission.enter(1, lane);
  } catch (error) {
    return (error as { retryAfterS: number }).retryAfterS;
  }
  throw new Error('it was let in');
}

test('who is refused hears when to come: a backlog at its pace, a live batch soon', () => {
  enterMany(35);
  const soon = Array.from({ length: 20 }, () => retryAfterOf('live'));
  expect(Math.min(...soon)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...soon)).toBeLessThanOrEqual(3);
  // Those refused count: a thousand backlogs come at a thousandth of half the capacity.
  for (let i = 0; i < 1_000; i++) {
    expect(() => admission.enter(500 + i, 'backlog')).toThrow(refused('busy'));
  }
  expect(pace.backlogMs()).toBeGreaterThan(60_000);
  for (let i = 0; i < 50; i++) {
    expect(retryAfterOf('backlog')).toBeGreaterThanOrEqual(pace.backlogMs() / 1000);
  }
});

/** Fifty syncs of one backlog, one after another, three seconds each. */
async function syncs(outcome?: 'stored') {
  for (let i = 0; i < 50; i++) {
    const permit = admission.enter(1, 'backlog');
    await permit.start();
    vi.advanceTimersByTime(3_000);
    permit.release(outcome);
  }
}

test('only syncs that were stored are measured, from the start of the work', async () => {
  await syncs();
  expect(pace.backlogMs()).toBeLessThan(100);
  await syncs('stored');
  // One agent, one sync a second, half of them for backlogs.
  expect(pace.backlogMs()).toBeCloseTo(2_000, -2);
});
