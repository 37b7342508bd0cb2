import type { Fragment, ISql } from 'postgres';

export const MINER_STATES = ['hashing', 'degraded', 'idle', 'offline', 'unknown'] as const;
export type MinerState = (typeof MINER_STATES)[number];

/** A miner hashing less than this share of what it should is degraded. */
const DEGRADED_BELOW = 0.9;

/** SQL booleans: nobody has heard of its agent for too long; its newest sample is too old, or there is none. */
export interface Silence {
  agentSilent: Fragment;
  sampleStale: Fragment;
}

/**
 * SQL text, where `miners` and its `latest` (perhaps absent) are joined: its state. Silence is not a state of the
 * miner: when nobody can say, it is unknown, and only an agent that asked and got nothing makes a miner offline.
 * The view grafana.miners (migrations/) has the same rule.
 */
export function stateOf(sql: ISql, { agentSilent, sampleStale }: Silence): Fragment {
  return sql`case
    when ${agentSilent} or ${sampleStale} or latest.reachable is null then 'unknown'
    when not latest.reachable then 'offline'
    when latest.mining is false or latest.hashrate_ths = 0 then 'idle'
    when latest.hashrate_ths is null then case when latest.mining then 'hashing' else 'unknown' end
    when latest.hashrate_ths < ${DEGRADED_BELOW} * ${expectedThs(sql)} then 'degraded'
    else 'hashing' end`;
}

/** What one sample says; null: not reported. `expectedThs` is what the miner itself reports. */
export interface SampleEvidence {
  reachable: boolean;
  hashrateThs: number | null;
  expectedThs: number | null;
  mining: boolean | null;
}

/** The same rule for a sample of any time, of which silence is no question. */
export function stateOfSample(sample: SampleEvidence): MinerState {
  const { reachable, hashrateThs, expectedThs, mining } = sample;
  if (!reachable) return 'offline';
  if (mining === false || hashrateThs === 0) return 'idle';
  if (hashrateThs === null) return mining ? 'hashing' : 'unknown';
  return expectedThs !== null && hashrateThs < DEGRADED_BELOW * expectedThs
    ? 'degraded'
    : 'hashing';
}

/** SQL text: why the state is what it is; null when it is hashing. */
export function reasonOf(sql: ISql, { agentSilent, sampleStale }: Silence): Fragment {
  return sql`case
    when ${agentSilent} then 'agent_silent'
    when ${sampleStale} or latest.reachable is null then 'no_sample'
    when not latest.reachable then latest.reason
    when latest.mining is false then 'not_mining'
    when latest.hashrate_ths = 0 then 'no_hashrate'
    when latest.hashrate_ths is null then case when latest.mining then null else 'hashrate_not_reported' end
    when latest.hashrate_ths < ${DEGRADED_BELOW} * ${expectedThs(sql)} then 'below_expected' end`;
}

/** SQL: what the miner should do, TH/s; what people say outweighs what it says itself. */
export function expectedThs(sql: ISql): Fragment {
  return sql`coalesce(miners.expected_ths, latest.expected_ths)`;
}
