import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { pollEverySlot } from './polling.ts';
import { machineClock, makeClock } from '../clock.ts';

describe('polling', () => {
  it('runs one cycle a slot, never two at once, and counts the slots a long one covers', async () => {
    const stop = new AbortController();
    const slots: number[] = [];
    let overrun = 0;
    let running = 0;
    await pollEverySlot({
      intervalMs: 20,
      clock: machineClock,
      signal: stop.signal,
      async cycle({ at }) {
        running += 1;
        expect(running).toBe(1);
        slots.push(at.getTime());
        if (slots.length === 2) await sleep(70);
        if (slots.length === 5) stop.abort();
        running -= 1;
      },
      onOverrun: (missed) => (overrun += missed),
      onError: (error) => expect.unreachable(String(error)),
    });
    expect(slots.every((slot) => slot % 20 === 0)).toBe(true);
    expect(new Set(slots).size).toBe(5);
    expect(overrun).toBeGreaterThanOrEqual(2);
    expect(((slots.at(-1) ?? 0) - (slots[0] ?? 0)) / 20).toBe(4 + overrun);
  });

  it('goes on after a cycle that fails, and ends while it waits', async () => {
    const stop = new AbortController();
    const errors: unknown[] = [];
    let cycles = 0;
    const polling = pollEverySlot({
      intervalMs: 10,
      clock: machineClock,
      signal: stop.signal,
      async cycle() {
        cycles += 1;
        if (cycles === 1) throw new Error('broken');
        setImmediate(() => stop.abort());
      },
      onOverrun: () => undefined,
      onError: (error) => errors.push(error),
    });
    await polling;
    expect(errors).toHaveLength(1);
    expect(cycles).toBeGreaterThanOrEqual(2);
  });

  it('takes the true slot when the clock learns that it was wrong while it waits', async () => {
    const stop = new AbortController();
    const log = { warn: () => undefined };
    const lateMs = 86_400_000 + 7;
    const clock = makeClock({
      log,
      system: { wall: () => Date.now() - lateMs, monotonic: () => performance.now() },
    });
    const cycles: { at: number; unsure: boolean }[] = [];
    let overrun = 0;
    await pollEverySlot({
      intervalMs: 20,
      clock,
      signal: stop.signal,
      async cycle({ at, unsure }) {
        cycles.push({ at: at.getTime(), unsure: unsure !== null });
        // In the middle of the wait for the third.
        if (cycles.length === 2) setTimeout(() => clock.learn(Date.now(), 0), 5);
        if (cycles.length === 4) stop.abort();
      },
      onOverrun: (missed) => (overrun += missed),
      onError: (error) => expect.unreachable(String(error)),
    });
    expect(cycles.map(({ unsure }) => unsure)).toEqual([true, true, false, false]);
    const [, wrong = 0, right = 0] = cycles.map(({ at }) => at);
    expect(right - wrong).toBeGreaterThan(86_000_000);
    expect(cycles.every(({ at }) => at % 20 === 0)).toBe(true);
    expect(overrun).toBeLessThan(1000);
  });
});
