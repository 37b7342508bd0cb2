import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeBreaker } from './breaker.ts';
import { InfluxError } from './influx.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const unavailable = () => Promise.reject(new InfluxError('unavailable', 'down'));
const rejected = () => Promise.reject(new InfluxError('rejected', 'bad line'));
const stored = () => Promise.resolve('stored');

/** A breaker that counts what reaches InfluxDB, and says how each call ended. */
function counting() {
  const breaker = makeBreaker(pino({ level: 'silent' }));
  let asked = 0;
  const call = async (work: () => Promise<string>) =>
    breaker(() => {
      asked++;
      return work();
    }).catch((error: InfluxError) => error.message);
  return { breaker, call, asked: () => asked };
}

async function open({ call }: ReturnType<typeof counting>) {
  for (let i = 0; i < 5; i++) expect(await call(unavailable)).toBe('down');
}

test('after five failures in a row nobody waits for InfluxDB, and each hears when to come back', async () => {
  const influx = counting();
  await open(influx);
  for (let i = 0; i < 50; i++) {
    const error: unknown = await influx.breaker(stored).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ name: 'InfluxError', kind: 'unavailable' });
    const { retryAfterS } = error as { retryAfterS: number };
    expect(retryAfterS).toBeGreaterThanOrEqual(5);
    expect(retryAfterS).toBeLessThanOrEqual(15);
  }
  expect(influx.asked()).toBe(5);
});

test('a success or a refusal in between is an answer: it counts anew', async () => {
  const influx = counting();
  for (const answer of [stored, rejected]) {
    for (let i = 0; i < 4; i++) await influx.call(unavailable);
    await influx.call(answer);
  }
  for (let i = 0; i < 4; i++) await influx.call(unavailable);
  expect(await influx.call(stored)).toBe('stored');
  // Refusals alone never open it.
  for (let i = 0; i < 20; i++) expect(await influx.call(rejected)).toBe('bad line');
});

test('after five seconds one request tries; the others do not wait for it', async () => {
  const influx = counting();
  await open(influx);
  vi.advanceTimersByTime(4_900);
  await influx.call(stored);
  expect(influx.asked()).toBe(5);
  vi.advanceTimersByTime(200);
  const probe = Promise.withResolvers<string>();
  const trying = influx.call(() => probe.promise);
  expect(await influx.call(stored)).toMatch('not asked now');
  expect(influx.asked()).toBe(6);
  probe.reject(new InfluxError('unavailable', 'still down'));
  expect(await trying).toBe('still down');
  expect(await influx.call(stored)).toMatch('not asked now');

  vi.advanceTimersByTime(5_100);
  // It is there again as soon as it answers anything.
  expect(await influx.call(rejected)).toBe('bad line');
  expect(await influx.call(stored)).toBe('stored');
  expect(influx.asked()).toBe(8);
});
