import { beforeEach, expect, test } from 'vitest';
import { makePace, type Pace } from './pace.ts';

let nowMs = 0;
let pace: Pace;
beforeEach(() => {
  nowMs = 1_000_000;
  pace = makePace(3, () => nowMs);
});

/** Three places and 300 ms a sync: ten a second. */
function measured(ms = 300) {
  for (let i = 0; i < 200; i++) pace.served(ms);
}
function hear(count: number, lane: 'live' | 'backlog', first = 1) {
  for (let i = 0; i < count; i++) pace.heard(first + i, lane);
}

test('nobody is there: live at once, backlog as fast as may be', () => {
  expect([pace.liveMs(), pace.backlogMs()]).toEqual([0, 50]);
});

test('all backlogs together get half of what the server can do', () => {
  measured();
  hear(100, 'backlog');
  // A hundred agents at 5 a second.
  expect(pace.backlogMs()).toBeCloseTo(20_000, -2);
  hear(100, 'backlog', 50);
  expect(pace.backlogMs()).toBeCloseTo(29_800, -2);
  // The same agents, refused and back again, are not more.
  hear(149, 'backlog');
  expect(pace.backlogMs()).toBeCloseTo(29_800, -2);
});

test('a server that has become slower asks for a slower pace, five minutes at most', () => {
  measured();
  hear(100, 'backlog');
  const before = pace.backlogMs();
  measured(600);
  expect(pace.backlogMs()).toBeCloseTo(2 * before, -2);
  hear(5_000, 'backlog');
  expect(pace.backlogMs()).toBe(300_000);
});

test('a backlog counts until it has not come for a minute, or for twice the time it was told to wait', () => {
  measured();
  hear(10, 'backlog');
  nowMs += 59_000;
  expect(pace.backlogMs()).toBeCloseTo(2_000, -2);
  nowMs += 2_000;
  expect(pace.backlogMs()).toBe(50);

  hear(1_000, 'backlog');
  // The last was told 200 s.
  nowMs += 390_000;
  expect(pace.backlogMs()).toBeGreaterThan(50);
  nowMs += 20_000;
  expect(pace.backlogMs()).toBe(50);
});

test('live batches of all agents heard lately are spread over the time the server needs for them', () => {
  measured();
  hear(1, 'live');
  expect(pace.liveMs()).toBe(0);
  hear(100, 'live');
  expect(pace.liveMs()).toBeCloseTo(15_000, -2);
  hear(1_000, 'live');
  expect(pace.liveMs()).toBe(30_000);
  nowMs += 301_000;
  expect(pace.liveMs()).toBe(0);
});
