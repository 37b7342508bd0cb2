import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { add, count, countedSince, nothingAdded, nothingCounted } from './counters.ts';

type Reading = [timeS: number, uptime: number | null, accepted: number | null];

/** Accepted shares and restarts of these readings together. */
function total(readings: readonly Reading[]): { accepted: number | null; restarts: number | null } {
  const counted = nothingCounted();
  const sum = nothingAdded();
  for (const [timeS, uptime, accepted] of readings) {
    add(
      sum,
      count(counted, { timeS, uptime, restarted: false, counters: [accepted, null, null, null] }),
    );
  }
  return { accepted: sum[0] ?? null, restarts: sum[4] ?? null };
}

test('a first reading adds nothing that could be known', () => {
  expect(total([[0, 500, 7]])).toEqual({ accepted: null, restarts: null });
});

test('a counter that fell began at zero', () => {
  expect(
    total([
      [0, null, 100],
      [60, null, 130],
      [120, null, 4],
      [180, null, 9],
    ]),
  ).toEqual({
    accepted: 30 + 4 + 5,
    restarts: null,
  });
});

test('a miner that restarted and has counted further than before has counted all of it', () => {
  expect(
    total([
      [0, 5000, 10],
      [900, 600, 200],
    ]),
  ).toEqual({ accepted: 200, restarts: 1 });
});

test('the agent’s word that it has restarted counts without an uptime', () => {
  const counted = nothingCounted();
  const of = (timeS: number, restarted: boolean, accepted: number) =>
    count(counted, { timeS, restarted, uptime: null, counters: [accepted, null, null, null] });
  of(0, false, 10);
  expect(of(60, true, 30)).toEqual([30, null, null, null, 1]);
  expect(of(120, false, 34)).toEqual([4, null, null, null, null]);
});

test('uptime that is a poll behind is no restart', () => {
  expect(
    total([
      [0, 5, 0],
      [60, 20, 1],
      [120, 100, 3],
    ]),
  ).toEqual({ accepted: 3, restarts: 0 });
});

test('readings that are missing in between cost nothing', () => {
  expect(
    total([
      [0, 100, 10],
      [60, null, null],
      [120, 220, 16],
    ]),
  ).toEqual({ accepted: 6, restarts: 0 });
});

test('readings of an earlier hour than the last one are forgotten', () => {
  const counted = nothingCounted();
  count(counted, { timeS: 3000, uptime: 10, restarted: false, counters: [5, 1, null, null] });
  count(counted, { timeS: 3900, uptime: 910, restarted: false, counters: [8, null, null, null] });
  const kept = countedSince(counted, 3600);
  expect(
    count(kept, { timeS: 3960, restarted: false, uptime: 970, counters: [9, 4, null, null] }),
  ).toEqual([1, null, null, null, 0]);
});

test('whatever restarts there are: what was added is what was done since the first reading', () => {
  const step = fc.record({
    shares: fc.integer({ min: 0, max: 50 }),
    restarted: fc.boolean(),
    read: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      let timeS = 0;
      let uptime = 100_000;
      let accepted = 70_000;
      const sum = { accepted: 0, restarts: 0 };
      let unread = { accepted: 0, restarts: 0 };
      const readings: Reading[] = [[timeS, uptime, accepted]];
      for (const { shares, restarted, read } of steps) {
        timeS += 60;
        uptime += 60;
        if (restarted) {
          // It takes three minutes to start; what it had done before and nobody has read is gone.
          timeS += 180;
          uptime = 0;
          accepted = 0;
          unread = { accepted: 0, restarts: 1 };
        }
        accepted += shares;
        unread.accepted += shares;
        if (!read) continue;
        readings.push([timeS, uptime, accepted]);
        sum.accepted += unread.accepted;
        sum.restarts += unread.restarts;
        unread = { accepted: 0, restarts: 0 };
      }
      const isRead = readings.length > 1;
      expect(total(readings)).toEqual(isRead ? sum : { accepted: null, restarts: null });
    }),
  );
});
