export type MinerState = 'hashing' | 'degraded' | 'idle' | 'offline' | 'unknown';

/** A miner hashing less than this share of what it should is degraded. */
const DEGRADED_BELOW = 0.9;

/** What is known of a miner now; `null` = not reported. */
export interface Evidence {
  /** Its agent has not been heard of for too long. */
  agentSilent: boolean;
  /** Its newest sample is too old, or there is none. */
  sampleStale: boolean;
  reachable: boolean | null;
  /** Why it gave nothing, when unreachable. */
  reason: string | null;
  hashrateThs: number | null;
  expectedThs: number | null;
  mining: boolean | null;
}

/**
 * The state and its reason. Silence is not a state of the miner: when nobody can say, it is unknown, and only an
 * agent that asked and got nothing makes a miner offline.
 */
export function stateOf(evidence: Evidence): { state: MinerState; reason: string | null } {
  const { hashrateThs, expectedThs } = evidence;
  if (evidence.agentSilent) return { state: 'unknown', reason: 'agent_silent' };
  if (evidence.sampleStale || evidence.reachable === null) {
    return { state: 'unknown', reason: 'no_sample' };
  }
  if (!evidence.reachable) return { state: 'offline', reason: evidence.reason };
  if (evidence.mining === false) return { state: 'idle', reason: 'not_mining' };
  if (hashrateThs === 0) return { state: 'idle', reason: 'no_hashrate' };
  if (hashrateThs === null) {
    return evidence.mining
      ? { state: 'hashing', reason: null }
      : { state: 'unknown', reason: 'hashrate_not_reported' };
  }
  if (expectedThs !== null && hashrateThs < DEGRADED_BELOW * expectedThs) {
    return { state: 'degraded', reason: 'below_expected' };
  }
  return { state: 'hashing', reason: null };
}
