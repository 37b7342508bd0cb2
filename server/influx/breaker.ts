import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleType,
  isBrokenCircuitError,
} from 'cockatiel';
import type { FastifyBaseLogger } from 'fastify';
import { InfluxError } from './influx.ts';

/** Requests in a row that InfluxDB has not answered, or only to say that it cannot. */
const FAILURES = 5;
/** So long nothing is asked of it; then one request tries. */
const OPEN_MS = 5_000;
/** When those who were refused meanwhile may come back, spread out. */
const RETRY_S = { least: 5, most: 15 };

/** An answer, good or bad, as opposed to silence. */
type Answer<T> = { value: T } | { refused: InfluxError };

/**
 * Once InfluxDB is away, nobody waits for it any more: after five failures in a row requests are refused at once
 * (`InfluxError` 'unavailable'), and every five seconds a single one finds out whether it is back. A refusal of
 * what was sent, or of the credentials, is an answer: InfluxDB is there.
 */
export function makeBreaker(log: FastifyBaseLogger): <T>(work: () => Promise<T>) => Promise<T> {
  const policy = circuitBreaker(handleType(InfluxError), {
    halfOpenAfter: OPEN_MS,
    breaker: new ConsecutiveBreaker(FAILURES),
  });
  policy.onStateChange((state) => {
    if (state === CircuitState.Open) log.warn('InfluxDB is away: it is asked every five seconds');
    if (state === CircuitState.Closed) log.info('InfluxDB is back');
  });

  return async <T>(work: () => Promise<T>): Promise<T> => {
    // The library would let these wait for the outcome of the one that tries, and a hanging InfluxDB answers late.
    if (policy.state === CircuitState.HalfOpen) throw away();
    const answer = await policy
      .execute(async (): Promise<Answer<T>> => {
        try {
          return { value: await work() };
        } catch (error) {
          if (error instanceof InfluxError && error.kind !== 'unavailable') {
            return { refused: error };
          }
          throw error;
        }
      })
      .catch((error: unknown) => {
        throw isBrokenCircuitError(error) ? away() : error;
      });
    if ('refused' in answer) throw answer.refused;
    return answer.value;
  };
}

function away(): InfluxError {
  const { least, most } = RETRY_S;
  return new InfluxError('unavailable', 'InfluxDB has not answered lately and is not asked now', {
    retryAfterS: least + Math.round(Math.random() * (most - least)),
  });
}
