import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeAdmission, type Admission, type Permit } from './admission.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** As many agents as permits: the limit of a single one does not interfere. */
function enterMany(admission: Admission, count: number, firstAgent = 1): Permit[] {
  return Array.from({ length: count }, (_, i) => admission.enter(firstAgent + i));
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
  const permits = enterMany(makeAdmission(), 5);
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

test('who waits two seconds in vain is told to come back, and takes no place later', async () => {
  const admission = makeAdmission();
  const permits = enterMany(admission, 4);
  const starts = permits.map(started);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(starts[3]?.state()).toBe('busy');
  permits[3]?.release();
  permits[0]?.release();
  const late = started(admission.enter(9));
  await settle();
  expect(late.state()).toBe('working');
});

test('beyond those who work and wait, a sync is refused before its body is read', () => {
  const admission = makeAdmission();
  enterMany(admission, 35);
  expect(admission.load()).toBe(35);
  expect(() => admission.enter(99)).toThrow(expect.objectContaining({ code: 'busy' }) as Error);
});

test('one agent has four syncs inside at most; giving one back twice is once', () => {
  const admission = makeAdmission();
  const [first] = Array.from({ length: 4 }, () => admission.enter(7));
  expect(() => admission.enter(7)).toThrow(expect.objectContaining({ code: 'slow_down' }) as Error);
  first?.release();
  first?.release();
  expect(admission.load()).toBe(3);
  admission.enter(7);
  expect(() => admission.enter(7)).toThrow(expect.objectContaining({ code: 'slow_down' }) as Error);
});

test('a sender that goes away while it waits gives its place to the next', async () => {
  const permits = enterMany(makeAdmission(), 5);
  const starts = permits.map(started);
  await settle();
  permits[3]?.release();
  permits[0]?.release();
  await settle();
  expect(starts[3]?.state()).toBe('busy');
  expect(starts[4]?.state()).toBe('working');
});
