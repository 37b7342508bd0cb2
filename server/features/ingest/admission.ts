import type { Lane } from '#contract/sync.ts';
import { Failure } from '../../failures.ts';
import type { Pace } from './pace.ts';

/**
 * Syncs being worked on: one in this process, one in Postgres and one in InfluxDB keep all three busy. More of them only
 * hold memory, which the collector then copies (0.39 instead of 0.55 in `npm run bench -- ingest`).
 */
export const WORKING = 3;
/** Of them for backlogs: a place is left that only live batches take. */
const WORKING_BACKLOG = 2;
/** Those that have arrived besides: more would only wait and time out. */
const WAITING = 32;
const WAITING_BACKLOG = WAITING / 2;
/** With the look-up of the key an answer comes within two seconds, whatever it is. */
const WAIT_MS = 1_500;
/** An agent sends its newest batch and its backlog side by side, and may try again before a timeout is heard. */
const PER_AGENT = 4;

/** One request's way through the admission. */
export interface Permit {
  /** Waits for a place to work in, at most 1.5 s. Throws Failure `busy`, also when released meanwhile. */
  start(): Promise<void>;
  /** Gives everything back; more than once is once. A sync that was stored counts for the pace. */
  release(outcome?: 'stored'): void;
}

export interface Admission {
  /** Lets a request in before its body is read. Throws Failure `busy` or `slow_down`. */
  enter(agentId: number, lane: Lane): Permit;
}

/**
 * Takes what the server can finish and refuses the rest at once, so that it never holds more than it can bear.
 * Live batches go first, and backlogs never take all the places.
 */
export function makeAdmission(pace: Pace, now: () => number): Admission {
  const ofAgents = new Map<number, number>();
  const inside = { live: 0, backlog: 0 };
  const working = { live: 0, backlog: 0 };
  const waiting: Record<Lane, (() => void)[]> = { live: [], backlog: [] };

  const leave = (agentId: number, lane: Lane) => {
    const left = (ofAgents.get(agentId) ?? 1) - 1;
    if (left > 0) ofAgents.set(agentId, left);
    else ofAgents.delete(agentId);
    inside[lane]--;
  };
  const hasPlace = (lane: Lane) =>
    working.live + working.backlog < WORKING &&
    (lane === 'live' || working.backlog < WORKING_BACKLOG);
  const passOn = () => {
    for (const lane of ['live', 'backlog'] as const) {
      while (hasPlace(lane)) {
        const next = waiting[lane].shift();
        if (!next) break;
        working[lane]++;
        next();
      }
    }
  };
  const stop = (lane: Lane) => {
    working[lane]--;
    passOn();
  };

  const busy = (lane: Lane) =>
    new Failure('busy', 'The server has as many syncs as it can take; send again later', {
      retryAfterS: Math.ceil(pace.retryMs(lane) / 1000),
    });

  const takePlace = async (lane: Lane): Promise<void> => {
    // Whoever waits in this lane was here before.
    if (waiting[lane].length === 0 && hasPlace(lane)) {
      working[lane]++;
      return;
    }
    const turn = Promise.withResolvers<void>();
    const mine = () => turn.resolve();
    waiting[lane].push(mine);
    const timer = setTimeout(() => {
      const place = waiting[lane].indexOf(mine);
      if (place === -1) return;
      waiting[lane].splice(place, 1);
      turn.reject(busy(lane));
    }, WAIT_MS);
    try {
      await turn.promise;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    enter: (agentId, lane) => {
      pace.heard(agentId, lane);
      const ofAgent = ofAgents.get(agentId) ?? 0;
      if (ofAgent >= PER_AGENT) {
        throw new Failure(
          'slow_down',
          `${ofAgent} syncs of this agent are under way; wait for one`,
          { retryAfterS: 5 },
        );
      }
      const isFull =
        inside.live + inside.backlog >= WORKING + WAITING ||
        (lane === 'backlog' && inside.backlog >= WORKING_BACKLOG + WAITING_BACKLOG);
      if (isFull) throw busy(lane);
      ofAgents.set(agentId, ofAgent + 1);
      inside[lane]++;
      let state: 'entered' | 'working' | 'released' = 'entered';
      let startedAt = 0;
      return {
        start: async () => {
          await takePlace(lane);
          if (state === 'released') {
            stop(lane);
            throw senderGone();
          }
          state = 'working';
          startedAt = now();
        },
        release: (outcome) => {
          if (state === 'released') return;
          if (outcome === 'stored') pace.served(lane, now() - startedAt);
          if (state === 'working') stop(lane);
          state = 'released';
          leave(agentId, lane);
        },
      };
    },
  };
}

/** For the log alone: nobody is there to be answered. */
export function senderGone(): Failure {
  return new Failure('busy', 'The sender went away before its sync began');
}
