import { expect, test } from 'vitest';
import { latencyMs, mixedTransport, PLAIN } from './transport.ts';

test('a mixed farm speaks oddly in one miner of six, in every readable way', () => {
  const drawn = Array.from({ length: 1200 }, (_, index) => mixedTransport(1, index));
  const odd = drawn.filter((transport) => transport !== PLAIN);
  expect(odd.length).toBeGreaterThan(150);
  expect(odd.length).toBeLessThan(250);
  expect(new Set(odd).size).toBe(6);
  expect(odd.every((transport) => transport.sentShare === 1 && !transport.hang)).toBe(true);
});

test('a control board takes its time, and now and then seconds', () => {
  const draws = Array.from({ length: 4000 }, (_, draw) => latencyMs('whatsminer', 3, draw, 1));
  const usual = draws.filter((delay) => delay < 2000);
  expect(Math.min(...usual)).toBeGreaterThanOrEqual(35);
  expect(Math.max(...usual)).toBeLessThanOrEqual(210);
  expect(Math.max(...draws)).toBeLessThanOrEqual(5000);
  expect(draws.length - usual.length).toBeGreaterThan(20);
  expect(draws.length - usual.length).toBeLessThan(70);
});
