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

/** What to do with the batch that was sent. */
export type Verdict =
  | { kind: 'acknowledged'; answer: SyncAnswer }
  /** Keep and try again. `waitMs`: not before. */
  | { kind: 'later'; why: string; waitMs: number }
  /** 401/403: keep everything; people must put the key right. */
  | { kind: 'key_refused'; why: string }
  | { kind: 'too_large'; why: string }
  /** Our server says that this very body can never be stored. */
  | { kind: 'invalid'; why: string }
  /** The server knows other content under this queue and number. */
  | { kind: 'seq_reused'; why: string };

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
  const refusal = problem.safeParse(body);
  const why = refusal.success
    ? `${raw.status} ${refusal.data.code}: ${refusal.data.detail}`
    : `${raw.status}`;
  if (raw.status === 401 || raw.status === 403) return { kind: 'key_refused', why };
  if (refusal.success && refusal.data.status === raw.status) {
    switch (refusal.data.code) {
      case 'too_large':
        return { kind: 'too_large', why };
      // Not invalid_json: what was read from the disk is JSON, so the way to the server damaged it.
      case 'invalid_body':
        return { kind: 'invalid', why };
      case 'seq_reused':
        return { kind: 'seq_reused', why };
      default:
    }
  }
  return later(why, retryAfterMs(raw.retryAfter, now));
}

const later = (why: string, waitMs: number): Verdict => ({ kind: 'later', why, waitMs });

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
