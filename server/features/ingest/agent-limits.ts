import { Failure } from '../../failures.ts';

const MINUTE_MS = 60_000;
/** What one agent may send in a minute: far more than any farm has to say, and less than the server can bear. */
const SYNCS = 600;
/** Of bodies after inflating. */
const BYTES = 240_000_000;

interface Budget {
  syncs: number;
  bytes: number;
  at: number;
}

/** Keeps one agent from using up the server: budgets that fill up evenly again. In memory, `now` in ms. */
export interface AgentLimits {
  /** Counts one more sync. Throws Failure `slow_down` when it is one too many, or too many bytes came before. */
  enter(agentId: number): void;
  /** The body of a sync that was let in; what it takes too much is what the next ones wait for. */
  took(agentId: number, bytes: number): void;
}

export function makeAgentLimits(now: () => number): AgentLimits {
  const budgets = new Map<number, Budget>();
  const budgetOf = (agentId: number): Budget => {
    const at = now();
    const budget = budgets.get(agentId);
    if (!budget) {
      const full = { syncs: SYNCS, bytes: BYTES, at };
      budgets.set(agentId, full);
      return full;
    }
    const minutes = (at - budget.at) / MINUTE_MS;
    budget.syncs = Math.min(SYNCS, budget.syncs + minutes * SYNCS);
    budget.bytes = Math.min(BYTES, budget.bytes + minutes * BYTES);
    budget.at = at;
    return budget;
  };

  return {
    enter: (agentId) => {
      const budget = budgetOf(agentId);
      if (budget.syncs < 1) throw tooMany(`${SYNCS} syncs`, (1 - budget.syncs) / SYNCS);
      if (budget.bytes <= 0) throw tooMany(`${BYTES / 1e6} MB`, -budget.bytes / BYTES);
      budget.syncs -= 1;
    },
    took: (agentId, bytes) => {
      budgetOf(agentId).bytes -= bytes;
    },
  };
}

function tooMany(what: string, minutes: number): Failure {
  return new Failure('slow_down', `This agent has sent more than ${what} a minute; send slower`, {
    retryAfterS: Math.max(1, Math.ceil(minutes * 60)),
  });
}
