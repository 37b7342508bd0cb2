import { beforeEach, expect, test } from 'vitest';
import { makeLoginThrottle } from './login-throttle.ts';

let now: number;
let throttle: ReturnType<typeof makeLoginThrottle>;
beforeEach(() => {
  now = Date.parse('2026-11-22T08:00:00Z');
  throttle = makeLoginThrottle({ clock: () => new Date(now) });
});

test('mistyping is free, guessing doubles the wait up to 15 minutes', () => {
  for (let i = 0; i < 5; i += 1) throttle.attempt('olga');
  const waits: number[] = [];
  for (let i = 0; i < 12; i += 1) {
    try {
      throttle.attempt('olga');
    } catch (error) {
      const { retryAfterS } = error as { retryAfterS: number };
      waits.push(retryAfterS);
      now += retryAfterS * 1000;
      throttle.attempt('olga');
    }
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
});

test('an attempt while waiting does not lengthen the wait', () => {
  for (let i = 0; i < 5; i += 1) throttle.attempt('olga');
  for (let i = 0; i < 20; i += 1) {
    expect(() => throttle.attempt('olga')).toThrow(/try again in 1 s/);
  }
});

test('a right password forgets the wrong ones; other users never wait', () => {
  for (let i = 0; i < 5; i += 1) throttle.attempt('Olga');
  expect(() => throttle.attempt('olga')).toThrow(/Too many wrong passwords/);
  throttle.attempt('petr');
  now += 1000;
  throttle.attempt('olga');
  throttle.succeeded('OLGA');
  throttle.attempt('olga');
});

test('made-up names push out the oldest, not the memory', () => {
  for (let i = 0; i < 5; i += 1) throttle.attempt('olga');
  for (let i = 0; i < 10_000; i += 1) throttle.attempt(`nobody-${i}`);
  expect(() => throttle.attempt('olga')).not.toThrow();
});

test('attempts nobody could judge do not count', () => {
  for (let i = 0; i < 30; i += 1) {
    throttle.attempt('olga');
    throttle.undone('Olga');
  }
  for (let i = 0; i < 5; i += 1) throttle.attempt('olga');
  expect(() => throttle.attempt('olga')).toThrow(/try again in 1 s/);
});
