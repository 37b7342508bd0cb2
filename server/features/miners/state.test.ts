import { expect, test } from 'vitest';
import { stateOf, type Evidence } from './state.ts';

const well: Evidence = {
  agentSilent: false,
  sampleStale: false,
  reachable: true,
  reason: null,
  hashrateThs: 100,
  expectedThs: 100,
  mining: true,
};

test.each<[string, Partial<Evidence>, string, string | null]>([
  ['all is well', {}, 'hashing', null],
  ['nothing is expected of it', { expectedThs: null, hashrateThs: 3 }, 'hashing', null],
  ['it does not say whether it mines', { mining: null }, 'hashing', null],
  ['exactly at the margin', { hashrateThs: 90 }, 'hashing', null],
  ['below the margin', { hashrateThs: 89.9 }, 'degraded', 'below_expected'],
  ['it reports zero', { hashrateThs: 0 }, 'idle', 'no_hashrate'],
  ['it says it does not mine', { mining: false }, 'idle', 'not_mining'],
  ['it reports no hashrate but mines', { hashrateThs: null }, 'hashing', null],
  ['it reports neither', { hashrateThs: null, mining: null }, 'unknown', 'hashrate_not_reported'],
  ['the agent could not reach it', { reachable: false, reason: 'timeout' }, 'offline', 'timeout'],
  ['the agent is silent', { agentSilent: true }, 'unknown', 'agent_silent'],
  [
    'silent, and was unreachable before',
    { agentSilent: true, reachable: false },
    'unknown',
    'agent_silent',
  ],
  ['the agent no longer speaks of it', { sampleStale: true }, 'unknown', 'no_sample'],
  ['there was never a sample', { reachable: null, sampleStale: true }, 'unknown', 'no_sample'],
])('when %s', (_when, evidence, state, reason) => {
  expect(stateOf({ ...well, ...evidence })).toEqual({ state, reason });
});
