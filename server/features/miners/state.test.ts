import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../../../tests/support/database.ts';
import { reasonOf, stateOf, stateOfSample } from './state.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

/** What is known of a miner now; null = not reported. */
const well = {
  agentSilent: false,
  sampleStale: false,
  reachable: true as boolean | null,
  reason: null as string | null,
  hashrateThs: 100 as number | null,
  expectedThs: 100 as number | null,
  byHandThs: null as number | null,
  mining: true as boolean | null,
};

test.each<[string, Partial<typeof well>, string, string | null]>([
  ['all is well', {}, 'hashing', null],
  ['nothing is expected of it', { expectedThs: null, hashrateThs: 3 }, 'hashing', null],
  ['it does not say whether it mines', { mining: null }, 'hashing', null],
  ['exactly at the margin', { hashrateThs: 90 }, 'hashing', null],
  ['below the margin', { hashrateThs: 89.9 }, 'degraded', 'below_expected'],
  ['below what people say', { byHandThs: 120 }, 'degraded', 'below_expected'],
  ['as people say', { hashrateThs: 70, byHandThs: 75 }, 'hashing', null],
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
])('when %s', async (_when, evidence, state, reason) => {
  const { sql } = database;
  const known = { ...well, ...evidence };
  const silence = {
    agentSilent: sql`${known.agentSilent}::boolean`,
    sampleStale: sql`${known.sampleStale}::boolean`,
  };
  const [row] = await sql`
    select ${stateOf(sql, silence)} as state, ${reasonOf(sql, silence)} as reason
    from (select ${known.byHandThs}::float8 as expected_ths) as miners
      cross join (select ${known.reachable}::boolean as reachable, ${known.reason}::text as reason,
        ${known.hashrateThs}::float8 as hashrate_ths, ${known.expectedThs}::float8 as expected_ths,
        ${known.mining}::boolean as mining) as latest`;
  expect(row).toEqual({ state, reason });
});

test('one sample alone is judged as Postgres judges it', async () => {
  const { sql } = database;
  const hashrates = [null, 0, 89.9, 90, 100];
  for (const reachable of [true, false]) {
    for (const hashrateThs of hashrates) {
      for (const expectedThs of [null, 0, 100]) {
        for (const mining of [null, true, false]) {
          const evidence = { reachable, hashrateThs, expectedThs, mining };
          const silence = { agentSilent: sql`false`, sampleStale: sql`false` };
          const [row] = await sql`
            select ${stateOf(sql, silence)} as state
            from (select null::float8 as expected_ths) as miners
              cross join (select ${reachable}::boolean as reachable, ${hashrateThs}::float8 as hashrate_ths,
                ${expectedThs}::float8 as expected_ths, ${mining}::boolean as mining) as latest`;
          expect({ ...evidence, state: stateOfSample(evidence) }).toEqual({ ...evidence, ...row });
        }
      }
    }
  }
});
