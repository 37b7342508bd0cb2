import { Failure } from '../../failures.ts';

/**
 * Syncs being worked on: one in this process, one in Postgres and one in InfluxDB keep all three busy. More of them only
 * hold memory, which the collector then copies (0.39 instead of 0.55 in `npm run bench -- ingest`).
 */
const WORKING = 3;
/** Those that have arrived besides: more would only wait and time out. */
const WAITING = 32;
const WAIT_MS = 2_000;
/** An agent sends its newest batch and its backlog side by side, and may try again before a timeout is heard. */
const PER_AGENT = 4;

/** One request's way through the admission. */
export interface Permit {
  /** Waits for a place to work in, at most 2 s. Throws Failure `busy`, also when released meanwhile. */
  start(): Promise<void>;
  /** Gives everything back; more than once is once. */
  release(): void;
}

export interface Admission {
  /** Lets a request in before its body is read. Throws Failure `busy` or `slow_down`. */
  enter(agentId: number): Permit;
  /** Requests inside, for the pace agents are told. */
  load(): number;
}

/** Takes what the server can finish and refuses the rest at once, so that it never holds more than it can bear. */
export function makeAdmission(): Admission {
  const inside = new Map<number, number>();
  const queue: (() => void)[] = [];
  let total = 0;
  let working = 0;

  const leave = (agentId: number) => {
    const left = (inside.get(agentId) ?? 1) - 1;
    if (left > 0) inside.set(agentId, left);
    else inside.delete(agentId);
    total--;
  };
  const stop = () => {
    const next = queue.shift();
    // The place passes on, so `working` stays.
    if (next) next();
    else working--;
  };

  const takePlace = async (): Promise<void> => {
    if (working < WORKING) {
      working++;
      return;
    }
    const turn = Promise.withResolvers<void>();
    const mine = () => turn.resolve();
    queue.push(mine);
    const timer = setTimeout(() => {
      const place = queue.indexOf(mine);
      if (place === -1) return;
      queue.splice(place, 1);
      turn.reject(busy());
    }, WAIT_MS);
    try {
      await turn.promise;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    load: () => total,
    enter: (agentId) => {
      const ofAgent = inside.get(agentId) ?? 0;
      if (ofAgent >= PER_AGENT) {
        throw new Failure(
          'slow_down',
          `${ofAgent} syncs of this agent are under way; wait for one`,
          {
            retryAfterS: 5,
          },
        );
      }
      if (total >= WORKING + WAITING) throw busy();
      inside.set(agentId, ofAgent + 1);
      total++;
      let state: 'entered' | 'working' | 'released' = 'entered';
      return {
        start: async () => {
          await takePlace();
          if (state === 'released') {
            stop();
            throw senderGone();
          }
          state = 'working';
        },
        release: () => {
          if (state === 'released') return;
          if (state === 'working') stop();
          state = 'released';
          leave(agentId);
        },
      };
    },
  };
}

/** For the log alone: nobody is there to be answered. */
export function senderGone(): Failure {
  return new Failure('busy', 'The sender went away before its sync began');
}

function busy(): Failure {
  return new Failure('busy', 'The server has as many syncs as it can take; send again later', {
    retryAfterS: 5,
  });
}
