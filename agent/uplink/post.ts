import { Agent, request } from 'undici';
import { LANE_HEADER } from '#contract/sync.ts';
import type { Lane } from '#contract/sync.ts';
import type { RawAnswer } from './answer.ts';

const TOTAL_MS = 30_000;
const CONNECT_MS = 10_000;
const MOST_ANSWER_BYTES = 4 * 1024 * 1024;

/** The server's HTTP API as this agent uses it. Rejects on anything that is not an HTTP answer. */
export interface Server {
  /** `lane`: lets a busy server put backlogs last. */
  sync(gz: Buffer, signal: AbortSignal, lane?: Lane): Promise<RawAnswer>;
  /** `GET /api/agent/info`; `date` is the server's clock. */
  info(signal: AbortSignal): Promise<RawAnswer & { date: string | null }>;
  close(): Promise<void>;
}

/**
 * Connections to one server. Redirects are not followed: the key goes to the configured host only.
 */
export function connectServer(options: { url: string; apiKey: string }): Server {
  const agent = new Agent({
    connect: { timeout: CONNECT_MS },
    headersTimeout: TOTAL_MS,
    bodyTimeout: TOTAL_MS,
    // Behind the server's 72 s: a connection is never reused as the other side closes it.
    keepAliveTimeout: 55_000,
    maxResponseSize: MOST_ANSWER_BYTES,
  });
  const headers = { 'x-api-key': options.apiKey, accept: 'application/json' };
  const bounded = (signal: AbortSignal): AbortSignal =>
    AbortSignal.any([signal, AbortSignal.timeout(TOTAL_MS)]);
  return {
    async sync(gz, signal, lane = 'live') {
      const answer = await request(`${options.url}/api/agent/sync`, {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-encoding': 'gzip',
          [LANE_HEADER]: lane,
        },
        body: gz,
        dispatcher: agent,
        signal: bounded(signal),
      });
      return {
        status: answer.statusCode,
        retryAfter: one(answer.headers['retry-after']),
        body: await answer.body.text(),
      };
    },
    async info(signal) {
      const answer = await request(`${options.url}/api/agent/info`, {
        headers,
        dispatcher: agent,
        signal: bounded(signal),
      });
      return {
        status: answer.statusCode,
        retryAfter: one(answer.headers['retry-after']),
        date: one(answer.headers['date']),
        body: await answer.body.text(),
      };
    },
    close: () => agent.destroy(),
  };
}

const one = (header: string | string[] | undefined): string | null =>
  (Array.isArray(header) ? header[0] : header) ?? null;
