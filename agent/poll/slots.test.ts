import { describe, expect, it } from 'vitest';
import { makeSlots } from './slots.ts';

/** A clock that tests wind by hand. */
function handClock(start: number) {
  const now = { wall: start, monotonic: 5000 };
  return {
    clock: { wall: () => now.wall, monotonic: () => now.monotonic },
    pass(ms: number) {
      now.wall += ms;
      now.monotonic += ms;
    },
    set(ms: number) {
      now.wall += ms;
    },
  };
}

const MINUTE = 60_000;
const noon = Date.parse('2026-03-01T12:00:00Z');

describe('slots', () => {
  it('are the multiples of the interval, waited for by the monotonic clock', () => {
    const hand = handClock(noon + 12_345);
    const slot = makeSlots(MINUTE, hand.clock).next();
    expect(slot.at.toISOString()).toBe('2026-03-01T12:01:00.000Z');
    expect(slot.beginsAt).toBe(5000 + MINUTE - 12_345);
  });

  it('rise by one interval when every cycle ends in time, also when a timer fires early', () => {
    const hand = handClock(noon + 1);
    const slots = makeSlots(MINUTE, hand.clock);
    const seen: string[] = [];
    for (let cycle = 0; cycle < 4; cycle += 1) {
      const slot = slots.next();
      seen.push(slot.at.toISOString().slice(11, 19));
      // Half a millisecond too early.
      hand.pass(slot.beginsAt - hand.clock.monotonic() - 0.5);
    }
    expect(seen).toEqual(['12:01:00', '12:02:00', '12:03:00', '12:04:00']);
  });

  it('skip what an overlong cycle has covered', () => {
    const hand = handClock(noon);
    const slots = makeSlots(MINUTE, hand.clock);
    slots.next();
    hand.pass(3.5 * MINUTE);
    expect(slots.next().at.getTime()).toBe(noon + 4 * MINUTE);
  });

  it('do not repeat when the clock is put back a little', () => {
    const hand = handClock(noon);
    const slots = makeSlots(MINUTE, hand.clock);
    slots.next();
    hand.pass(MINUTE);
    hand.set(-20_000);
    const slot = slots.next();
    expect(slot.at.getTime()).toBe(noon + 2 * MINUTE);
    // Waited for in true time: the clock now says 12:00:40.
    expect(slot.beginsAt - hand.clock.monotonic()).toBe(80_000);
  });

  it('begin anew when it is put back by hours: the earlier ones were wrong', () => {
    const hand = handClock(noon);
    const slots = makeSlots(MINUTE, hand.clock);
    slots.next();
    hand.pass(MINUTE);
    hand.set(-3 * 3600_000);
    const slot = slots.next();
    expect(slot.at.getTime()).toBe(noon + 2 * MINUTE - 3 * 3600_000);
    expect(slot.beginsAt - hand.clock.monotonic()).toBe(MINUTE);
  });

  it('follow a clock that is put ahead', () => {
    const hand = handClock(noon);
    const slots = makeSlots(MINUTE, hand.clock);
    slots.next();
    hand.pass(MINUTE);
    hand.set(86_400_000);
    expect(slots.next().at).toEqual(new Date(noon + 86_400_000 + 2 * MINUTE));
  });
});
