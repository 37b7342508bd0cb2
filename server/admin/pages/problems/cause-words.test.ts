import { expect, test } from 'vitest';
import { CAUSES, type Cause, type ProblemView } from '../../data/problems.ts';
import { makeFormat } from '../../format.ts';
import { en } from '../../i18n/en.ts';
import { makeTranslate } from '../../i18n/messages.ts';
import { detailOf } from './cause-words.ts';

const t = makeTranslate('en', en);
const words = { t, format: makeFormat('en', t) };
const problem = (cause: Cause, detail: ProblemView['detail']): ProblemView => ({
  id: '1',
  cause,
  severity: 'warning',
  since: '2026-11-22T07:12:00.000Z',
  miner: null,
  agent: null,
  site: null,
  detail,
  acknowledged: null,
});

test.each<[Cause, ProblemView['detail'], string]>([
  ['agent_silent', { miners: 1 }, '1 miner in an unknown state'],
  ['miner_offline', { reason: 'timeout' }, 'It did not answer in time.'],
  ['miner_offline', { reason: 'new_reason' }, 'new_reason'],
  ['hashrate_low', { hash_rate: 60, expected_hash_rate: 104 }, '60 TH/s of 104 TH/s'],
  ['chip_hot', { temp_chip: 96.4 }, '96 °C'],
  ['fan_stopped', { fans: [0, 5_400] }, 'rpm: 0, 5,400'],
  ['board_missing', { boards: 2, usual: 3, dead: [] }, '2 of 3 boards'],
  ['board_missing', { boards: 3, usual: 3, dead: [1] }, '3 of 3 boards; nothing from slot 1'],
  ['rejected_high', { accepted: 900, rejected: 100 }, '10% of 1,000 shares'],
  ['clock_wrong', { clock_error_ms: -95_000 }, '-95s'],
])('%s with %j', (cause, detail, expected) => {
  expect(detailOf(problem(cause, detail), words)).toBe(expected);
});

test.each(CAUSES)('%s without what it should say does not break the page', (cause) => {
  expect(() => detailOf(problem(cause, {}), words)).not.toThrow();
});
