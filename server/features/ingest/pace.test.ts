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
  for (let i = 0; i < 200; i++) pace.served('backlog', ms);
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
  expect(pace.liveMs()).toBeCloseTo(20_000, -2);
  hear(1_000, 'live');
  expect(pace.liveMs()).toBe(45_000);
  nowMs += 301_000;
  expect(pace.liveMs()).toBe(0);
});

test('backlogs get what live batches leave, and a tenth at least', () => {
  measured();
  hear(100, 'backlog');
  // Six a second of the eight that are planned with; it takes some minutes until all of them are counted.
  for (let i = 0; i < 6 * 300; i++) {
    nowMs += 1_000 / 6;
    pace.served('live', 300);
  }
  hear(100, 'backlog');
  const left = 100 / (pace.backlogMs() / 1000);
  expect(left).toBeGreaterThan(1.9);
  expect(left).toBeLessThan(2.2);
  for (let i = 0; i < 12 * 300; i++) {
    nowMs += 1_000 / 12;
    pace.served('live', 300);
  }
  hear(100, 'backlog');
  expect(pace.backlogMs()).toBeCloseTo(100_000, -2);
});

test('refused live batches are called back one by one, as fast as the server takes them', () => {
  measured();
  const calls = Array.from({ length: 400 }, () => pace.retryMs('live'));
  expect(calls[0]).toBeCloseTo(1_125, -1);
  for (const [i, ms] of calls.entries()) expect(ms).toBeCloseTo(1_000 + (i + 1) * 125, -1);
  // Beyond a minute it is anybody's guess, but not everybody's the same.
  const late = Array.from({ length: 200 }, () => pace.retryMs('live')).slice(100);
  expect(Math.max(...late)).toBeLessThanOrEqual(60_000);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(30_000);
  expect(new Set(late).size).toBe(100);
  nowMs += 120_000;
  expect(pace.retryMs('live')).toBeCloseTo(1_125, -1);
});

test('an agent that says it holds no backlog is none of those the pace is made for', () => {
  measured();
  for (let agent = 1; agent <= 100; agent++) pace.reported(agent, true);
  expect(pace.backlogMs()).toBeCloseTo(20_000, -2);
  for (let agent = 1; agent <= 90; agent++) pace.reported(agent, false);
  expect(pace.backlogMs()).toBeCloseTo(2_000, -2);
});

test('agents that are expected back count from the start, for as long as it takes them', () => {
  measured();
  pace.expected(Array.from({ length: 100 }, (_, i) => i + 1));
  expect([pace.liveMs(), pace.backlogMs()]).toEqual(
    [20_000, 20_000].map((ms) => expect.closeTo(ms, -2)),
  );
  pace.reported(1, true);
  nowMs += 61_000;
  expect(pace.backlogMs()).toBe(50);
});
