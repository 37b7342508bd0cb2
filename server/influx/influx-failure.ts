import { HttpError } from '@influxdata/influxdb-client';
import { InfluxError } from './influx.ts';

/**
 * What an answer of InfluxDB means. The body's text goes before the status: 1.x reports a line it dropped
 * as 400, 2.x as 422 (and refuses the whole batch for one unparsable line), and 1.x reports a missing
 * retention policy, which is a mistake in the set-up, as 500.
 */
export function failureOfAnswer(
  status: number,
  body: string,
  retryAfter: string | undefined,
): InfluxError {
  const said = `InfluxDB answered ${status}: ${messageIn(body)}`;
  if (body.includes('partial write')) return new InfluxError('rejected', said);
  if (body.includes('retention policy not found')) return new InfluxError('misconfigured', said);
  // 1.x answers "timeout" and "engine is closed" with 500, which falls through to 'unavailable'.
  switch (status) {
    case 400:
    case 422:
      return new InfluxError('rejected', said);
    case 401:
    case 403:
    case 404:
      return new InfluxError('misconfigured', said);
    case 413:
      return new InfluxError('too_large', said);
    default: {
      const retryAfterS = secondsOf(retryAfter);
      return new InfluxError('unavailable', said, retryAfterS === undefined ? {} : { retryAfterS });
    }
  }
}

/** Any error of the transport as an `InfluxError`. */
export function failureOf(error: unknown): InfluxError {
  if (error instanceof InfluxError) return error;
  if (error instanceof HttpError) {
    const retryAfter = error.headers?.['retry-after'];
    return failureOfAnswer(
      error.statusCode,
      error.body ?? error.message,
      typeof retryAfter === 'string' ? retryAfter : undefined,
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new InfluxError('unavailable', `InfluxDB cannot be reached: ${reason}`, { cause: error });
}

/** `Retry-After` in seconds: a number or an HTTP date (RFC 9110 §10.2.3). The client library takes it for milliseconds. */
function secondsOf(retryAfter: string | undefined): number | undefined {
  if (!retryAfter) return undefined;
  const seconds = Number(retryAfter);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

/** 1.x: {"error": …}; 2.x: {"code": …, "message": …}; proxies: anything. */
function messageIn(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) {
      const text: unknown = Reflect.get(parsed, 'error') ?? Reflect.get(parsed, 'message');
      if (typeof text === 'string') return text.slice(0, 500);
    }
  } catch {
    // Not JSON: shown as it is.
  }
  return body.trim().slice(0, 500) || '(no text)';
}
