import { setTimeout as sleep } from 'node:timers/promises';
import { AgentFailure, EXIT } from '../failure.ts';
import { inParallel } from '../pool.ts';
import { tryConnect } from './connect.ts';
import type { Attempt, Outcome } from './connect.ts';

/** One question to one port. */
export interface Probe {
  host: string;
  port: number;
  timeoutMs: number;
}

const FIRST_REST_MS = 50;
const LONGEST_REST_MS = 2000;
/** So long without one successful socket: the machine is broken, and a scan would only lie. */
const GIVE_UP_MS = 60_000;

/**
 * Asks every probe, `sockets` at a time. When this machine runs out of sockets all workers rest
 * and the probe is asked again: a host is never called silent for a fault of ours.
 * Throws AgentFailure after a minute of nothing but such faults, and when `signal` fires.
 */
export async function sweep(options: {
  probes: Iterable<Probe>;
  sockets: number;
  signal: AbortSignal;
  onOutcome: (probe: Probe, outcome: Outcome) => void;
  connect?: (host: string, port: number, timeoutMs: number) => Promise<Attempt>;
  rest?: (ms: number) => Promise<unknown>;
}): Promise<void> {
  const { signal, onOutcome, connect = tryConnect, rest = sleep } = options;
  let restMs = FIRST_REST_MS;
  let rested = 0;
  let resting: Promise<unknown> | null = null;

  await inParallel(options.probes, options.sockets, async (probe) => {
    for (;;) {
      signal.throwIfAborted();
      if (resting) await resting;
      const attempt = await connect(probe.host, probe.port, probe.timeoutMs);
      if (attempt !== 'exhausted') {
        restMs = FIRST_REST_MS;
        rested = 0;
        onOutcome(probe, attempt);
        return;
      }
      if (rested > GIVE_UP_MS) throw new AgentFailure((say) => say.noSockets, EXIT.failed);
      if (!resting) {
        resting = rest(restMs).finally(() => {
          resting = null;
        });
        rested += restMs;
        restMs = Math.min(restMs * 2, LONGEST_REST_MS);
      }
      await resting;
    }
  });
}
