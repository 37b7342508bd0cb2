import { beforeEach, expect, test } from 'vitest';
import { makeAgentLimits, type AgentLimits } from './agent-limits.ts';

let nowMs = 0;
let limits: AgentLimits;
beforeEach(() => {
  nowMs = 5_000;
  limits = makeAgentLimits(() => nowMs);
});

function slowDown(retryAfterS: number) {
  return expect.objectContaining({ code: 'slow_down', retryAfterS }) as Error;
}

test('600 syncs at once, then one more each tenth of a second; others are not concerned', () => {
  for (let i = 0; i < 600; i++) limits.enter(1);
  expect(() => limits.enter(1)).toThrow(slowDown(1));
  limits.enter(2);
  nowMs += 100;
  limits.enter(1);
  expect(() => limits.enter(1)).toThrow(slowDown(1));
  nowMs += 3_600_000;
  for (let i = 0; i < 600; i++) limits.enter(1);
  expect(() => limits.enter(1)).toThrow(slowDown(1));
});

test('240 MB at once; the body that goes beyond is taken, the next waits until they are made up for', () => {
  for (let i = 0; i < 30; i++) {
    limits.enter(1);
    limits.took(1, 8_000_000);
  }
  limits.took(1, 8_000_000);
  expect(() => limits.enter(1)).toThrow(slowDown(2));
  nowMs += 2_001;
  limits.enter(1);
});
