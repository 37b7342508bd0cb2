import type { FastifyBaseLogger } from 'fastify';
import { Failure } from '../../failures.ts';
import { InfluxError } from '../../influx/influx.ts';

/** An error of ours for one of InfluxDB's; anything else is thrown on. */
export function asUnavailable(error: unknown, log: FastifyBaseLogger): Failure {
  const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
  if (!timedOut && !(error instanceof InfluxError)) throw error;
  if (error instanceof InfluxError && error.kind === 'misconfigured') {
    log.error({ err: error }, 'InfluxDB refuses to store: check INFLUX_* and the databases');
  }
  // Spread out, so that the agents do not come back all at once.
  const retryAfterS =
    (error instanceof InfluxError ? error.retryAfterS : undefined) ??
    15 + Math.floor(Math.random() * 30);
  return new Failure(
    'metrics_unavailable',
    'InfluxDB does not store now; keep the batch and send it again later',
    { retryAfterS: Math.ceil(retryAfterS), cause: error },
  );
}
