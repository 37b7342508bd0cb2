import { infoAnswer } from '#contract/agent.ts';
import { problem } from '#contract/refusals.ts';
import { syncAnswer } from '#contract/sync.ts';
import type { SyncAnswer } from '#contract/sync.ts';

/** What a batch is called: queue id, number, SHA-256 of its JSON. */
export interface BatchName {
  queue: string;
  seq: number;
  sha256: string;
}

/** An answer as it came off the wire. */
export interface RawAnswer {
  status: number;
  /** Header as sent, if any. */
  retryAfter: string | null;
  body: string;
}

/** What an answer that does not acknowledge asks for. */
export type Refusal =
  /** Keep and try again. `waitMs`: not before. `isOverload`: the server has too much to do, of this kind. */
  | { kind: 'later'; why: string; waitMs: number; isOverload: boolean }
  /** Our 401/403: keep everything; people must put the key right. */
  | { kind: 'key_refused'; why: string }
  /** The server no longer understands this agent: keep everything; people must install a newer one. */
  | { kind: 'upgrade'; why: string }
  | { kind: 'too_large'; why: string }
  /** Our server says that this very body can never be stored. */
  | { kind: 'invalid'; why: string }
  /** The server knows other content under this queue and number. */
  | { kind: 'seq_reused'; why: string };

/** What to do with the batch that was sent. */
export type Verdict = { kind: 'acknowledged'; answer: SyncAnswer } | Refusal;

/**
 * Reads an answer. Only a 200 that names the batch acknowledges it, and only a problem in our own
 * form is final: captive portals and proxies speak every other status, 200 included.
 */
export function judge(sent: BatchName, raw: RawAnswer, now: Date): Verdict {
  const body = parsed(raw.body);
  if (raw.status === 200) {
    const answer = syncAnswer.safeParse(body);
    if (!answer.success) return later('200 that does not name the batch: not our server?', 0);
    const { batch } = answer.data;
    if (batch.queue !== sent.queue || batch.seq !== sent.seq || batch.sha256 !== sent.sha256) {
      return later('200 that names another batch', 0);
    }
    return { kind: 'acknowledged', answer: answer.data };
  }
  return refusalOf(raw, body, now);
}

/** Reads an answer of `GET /api/agent/info`, for the server's time (ms since 1970). */
export function judgeInfo(
  raw: RawAnswer & { date: string | null },
  now: Date,
): { kind: 'time'; serverMs: number } | Refusal {
  const body = parsed(raw.body);
  if (raw.status !== 200) return refusalOf(raw, body, now);
  if (!infoAnswer.safeParse(body).success) return later('200 that is not our server', 0);
  const serverMs = Date.parse(raw.date ?? '');
  return Number.isNaN(serverMs) ? later('200 without a date', 0) : { kind: 'time', serverMs };
}

function refusalOf(raw: RawAnswer, body: unknown, now: Date): Refusal {
  const refusal = problem.safeParse(body);
  const ours = refusal.success && refusal.data.status === raw.status ? refusal.data : null;
  const why = refusal.success
    ? `${raw.status} ${refusal.data.code}: ${refusal.data.detail}`
    : `${raw.status}`;
  if (ours && (raw.status === 401 || raw.status === 403)) return { kind: 'key_refused', why };
  switch (ours?.code) {
    case 'too_large':
      return { kind: 'too_large', why };
    // Not invalid_json: what was read from the disk is JSON, so the way to the server damaged it.
    case 'invalid_body':
      return { kind: 'invalid', why };
    case 'seq_reused':
      return { kind: 'seq_reused', why };
    case 'upgrade':
      return raw.status === 426 ? { kind: 'upgrade', why } : later(why, 0);
    default:
  }
  const isOverload = ours?.code === 'slow_down' || ours?.code === 'busy';
  return { ...later(why, retryAfterMs(raw.retryAfter, now)), isOverload };
}

const later = (why: string, waitMs: number): Refusal & { kind: 'later' } => ({
  kind: 'later',
  why,
  waitMs,
  isOverload: false,
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const LONGEST_WAIT_MS = 3_600_000;

/** `Retry-After` is seconds or an HTTP date (RFC 9110 §10.2.3). */
export function retryAfterMs(header: string | null, now: Date): number {
  if (header === null) return 0;
  const wait = /^\d+$/.test(header.trim())
    ? Number(header) * 1000
    : Date.parse(header) - now.getTime();
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_WAIT_MS) : 0;
}
