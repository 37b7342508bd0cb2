import { describe, expect, it } from 'vitest';
import { makeClock } from './clock.ts';

const START = Date.parse('2026-03-01T12:00:00Z');

/** A machine whose clocks tests wind by hand. */
function machine(wall: number) {
  const now = { wall, monotonic: 5000 };
  const events: unknown[] = [];
  const clock = makeClock({
    log: { warn: ({ event, ms }: Record<string, unknown>) => void events.push([event, ms]) },
    system: { wall: () => now.wall, monotonic: () => now.monotonic },
    boot: 'this-boot',
  });
  return {
    clock,
    events,
    pass: (ms: number): void => {
      now.wall += ms;
      now.monotonic += ms;
    },
    set: (ms: number): void => {
      now.wall += ms;
    },
  };
}

describe('clock', () => {
  it('is not sure until the server has said the time, and then corrects what is more than two seconds off', () => {
    const { clock, events } = machine(START - 3600_000);
    expect([clock.isSure(), clock.errorMs(), clock.wall()]).toEqual([
      false,
      null,
      START - 3600_000,
    ]);
    clock.learn(START, 0);
    expect([clock.isSure(), clock.errorMs(), clock.wall()]).toEqual([true, -3600_000, START]);
    expect(events).toEqual([['clock_set', 3600_000]]);
    expect(clock.moves()).toBe(1);
  });

  it('leaves a clock alone that is two seconds off, and says by how much', () => {
    const { clock } = machine(START + 1900);
    clock.learn(START, 0);
    expect([clock.errorMs(), clock.wall(), clock.moves()]).toEqual([1900, START + 1900, 0]);
  });

  it('counts half of the way, and does not trust a slow answer more than it can', () => {
    const { clock } = machine(START);
    clock.learn(START - 5000, 10_000);
    expect([clock.errorMs(), clock.moves()]).toEqual([0, 0]);
    clock.learn(START - 11_000, 10_000);
    expect(clock.moves()).toBe(0);
    clock.learn(START - 20_000, 10_000);
    expect(clock.wall()).toBe(START - 15_000);
  });

  it('keeps an offset that is still good, so that times have no seams', () => {
    const { clock, pass } = machine(START - 60_000);
    clock.learn(START, 0);
    pass(60_000);
    clock.learn(START + 61_000, 0);
    expect([clock.wall(), clock.moves()]).toEqual([START + 60_000, 1]);
  });

  it('goes on when somebody sets the wall clock, and believes the server that it was set right', () => {
    const { clock, events, pass, set } = machine(START - 60_000);
    clock.learn(START, 0);
    pass(1000);
    set(60_000);
    expect(clock.wall()).toBe(START + 1000);
    expect(events.at(-1)).toEqual(['clock_jumped', 60_000]);
    expect(clock.errorMs()).toBe(0);
    clock.learn(START + 1000, 0);
    expect([clock.wall(), clock.moves()]).toEqual([START + 1000, 1]);
  });

  it('follows a clock that is set a little at a time', () => {
    const { clock, set } = machine(START);
    for (let second = 0; second < 5; second += 1) {
      set(1000);
      clock.wall();
    }
    expect(clock.wall()).toBe(START + 5000);
  });

  it('knows how far off a stamp of this boot is, in whole seconds and never too late', () => {
    const { clock, pass } = machine(START - 86_400_000);
    const stamp = clock.stamp();
    pass(30_000);
    clock.learn(START + 30_700, 0);
    expect(stamp && clock.shiftOf(stamp)).toBe(86_400_000);
    expect(clock.stamp()).toBeNull();
    const other = { boot: 'another', wall_ms: 0, monotonic_ms: 0 };
    expect(clock.shiftOf(other)).toBeNull();
  });

  it('shifts nothing by two seconds or less', () => {
    const { clock } = machine(START);
    const stamp = clock.stamp();
    clock.learn(START + 2000, 0);
    expect(stamp && clock.shiftOf(stamp)).toBe(0);
  });

  it('knows the shift of what was stamped before the wall clock was set right', () => {
    const { clock, set, pass } = machine(START - 86_400_000);
    const stamp = clock.stamp();
    pass(1000);
    set(86_400_000);
    pass(1000);
    expect(clock.stamp()?.wall_ms).toBe(START - 86_400_000 + 2000);
    clock.learn(START + 2000, 0);
    expect(clock.wall()).toBe(START + 2000);
    expect(stamp && clock.shiftOf(stamp)).toBe(86_400_000);
  });

  it('has a monotonic clock that two processes of a boot share', () => {
    const { clock } = machine(START);
    expect(clock.monotonic()).toBe(5000);
    const real = makeClock({ log: { warn: () => undefined } });
    const hrtimeMs = Number(process.hrtime.bigint()) / 1e6;
    expect(Math.abs(real.monotonic() - hrtimeMs)).toBeLessThan(60_000);
  });
});
