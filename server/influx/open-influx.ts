import { InfluxDB, setLogger, type WriteApi } from '@influxdata/influxdb-client';
import type { FastifyBaseLogger } from 'fastify';
import * as z from 'zod';
import type { ServerConfig } from '../config.ts';
import { makeBreaker } from './breaker.ts';
import { groupWrites } from './group-writes.ts';
import { failureOf, failureOfAnswer } from './influx-failure.ts';
import { InfluxError, type Influx, type Series } from './influx.ts';

/** Requests under way at once: with 1,000 to 5,000 lines each, more only adds waiting. */
const WRITES_IN_FLIGHT = 3;
const WRITE_TIMEOUT_MS = 8_000;
const QUERY_TIMEOUT_MS = 15_000;

/**
 * Opens InfluxDB 1.x, 2.x or 3.x behind one interface. All three take `/write`, `/query` and Basic
 * authentication (2.x and 3.x: a token as the password). Nothing is sent before the first call.
 */
export function openInflux(config: ServerConfig['influx'], log: FastifyBaseLogger): Influx {
  const authorization = authorizationOf(config);
  const headers = authorization === undefined ? {} : { authorization };
  // The client reports every failure to its logger besides rejecting; ours reach the caller and no other place.
  setLogger({ error: () => {}, warn: () => {} });
  const client = new InfluxDB({ url: config.url, headers, timeout: WRITE_TIMEOUT_MS });
  const breaker = makeBreaker(log);
  const slots = Array.from({ length: WRITES_IN_FLIGHT }, () => openSlot(client));
  const writes = groupWrites({
    slots: slots.map((slot) => (database, body) => breaker(() => slot.write(database, body))),
    maxLines: 5_000,
    log,
  });
  let closed = false;

  return {
    write: (database, lines) => {
      if (closed) return Promise.reject(new InfluxError('unavailable', 'InfluxDB is closed'));
      return writes(database, lines);
    },
    query: (database, influxql) => query(config, headers, database, influxql),
    ping: () => ping(config, headers),
    close: async () => {
      closed = true;
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}

/** The header all versions understand; undefined when there is no password. */
export function authorizationOf(
  config: Pick<ServerConfig['influx'], 'user' | 'password'>,
): string | undefined {
  if (config.password === '') return undefined;
  return `Basic ${Buffer.from(`${config.user}:${config.password}`).toString('base64')}`;
}

/**
 * One request at a time. The client batches, retries and logs by itself, each in a way that loses or
 * repeats data unseen, so it is held to formatting and transport: one `writeRecord` with the whole body,
 * `flush` in the same tick, no retry, and `writeFailed` taking the error before the client judges it.
 */
function openSlot(client: InfluxDB) {
  const api: WriteApi = client.getWriteApi('', '', 's', {
    // With 1 the client would flush by itself in `writeRecord` and swallow the error.
    batchSize: 2,
    maxBatchBytes: 1e9,
    flushInterval: 0,
    maxRetries: 0,
    gzipThreshold: 1000,
    writeFailed: async (error) => {
      throw error;
    },
  });
  return {
    write: async (database: string, body: string): Promise<void> => {
      api.path = `/write?db=${encodeURIComponent(database)}&precision=s`;
      api.writeRecord(body);
      try {
        await api.flush();
      } catch (error) {
        throw failureOf(error);
      }
    },
    close: () => api.close(),
  };
}

/** Only looked at from outside: an answer may have a million cells, and JSON can hold nothing else but nested ones. */
const cells = z.custom<(string | number | boolean | null)[]>(Array.isArray);
const queryAnswer = z.object({
  error: z.string().optional(),
  results: z
    .array(
      z.object({
        error: z.string().optional(),
        series: z
          .array(
            z.object({
              // Some SHOW statements answer without one.
              name: z.string().default(''),
              tags: z.record(z.string(), z.string()).optional(),
              columns: z.array(z.string()),
              values: z.array(cells).optional(),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
});

async function query(
  config: ServerConfig['influx'],
  headers: Record<string, string>,
  database: string,
  influxql: string,
): Promise<Series[]> {
  // 2.x does not run a POSTed statement that it takes for a read as reliably as a GET one, but a long
  // statement does not fit a URL: the parameters go in the body, which all versions read.
  const { status, text, retryAfter } = await request(
    `${config.url}/query`,
    {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ db: database, q: influxql, epoch: 's' }).toString(),
    },
    QUERY_TIMEOUT_MS,
  );
  if (status !== 200) throw failureOfAnswer(status, text, retryAfter);
  const answer = queryAnswer.safeParse(parsed(text));
  if (!answer.success) {
    throw new InfluxError('unavailable', 'InfluxDB answered a query with something else than JSON');
  }
  const failed = answer.data.error ?? answer.data.results?.find((result) => result.error)?.error;
  if (failed !== undefined) {
    throw new InfluxError(
      failed.includes('database not found') ? 'misconfigured' : 'rejected',
      `InfluxDB: ${failed}`,
    );
  }
  return (answer.data.results ?? [])
    .flatMap((result) => result.series ?? [])
    .map(({ name, tags, columns, values }) => ({
      name,
      tags: tags ?? {},
      columns,
      values: values ?? [],
    }));
}

async function ping(
  config: ServerConfig['influx'],
  headers: Record<string, string>,
): Promise<{ version: string }> {
  const answer = await request(`${config.url}/ping`, { headers }, 3_000);
  if (answer.status >= 300) {
    throw new InfluxError('unavailable', `InfluxDB answered ${answer.status} to /ping`);
  }
  if (answer.version === undefined) {
    throw new InfluxError('unavailable', `${config.url} answers, but not as InfluxDB does`);
  }
  return { version: answer.version };
}

/** One exchange by fetch, never following a redirect: the header carries the password. */
export async function request(url: string, init: RequestInit, timeoutMs: number) {
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return {
      status: response.status,
      text: await response.text(),
      retryAfter: response.headers.get('retry-after') ?? undefined,
      version: response.headers.get('x-influxdb-version')?.replace(/^v/, ''),
    };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw failureOf(cause);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
