import type { Problem, RefusalCode } from '#contract/refusals.ts';
import type { Key, Translate } from './i18n/messages.ts';

/** What went wrong with a request. `code` null: no answer, or one that is not ours (a proxy's page). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** 0: no answer at all. */
  readonly status: number;
  readonly code: string | null;
  readonly retryAfterS: number | null;

  constructor(status: number, code: string | null, detail: string, retryAfterS: number | null) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;

/** How far the server's clock is ahead of this computer's, ms. */
let clockAheadMs = 0;

/**
 * Now by the server's clock, ms since 1970. Ages are counted against it: the computers of control
 * rooms are often minutes off, and an agent must not look silent because of that.
 */
export const serverNow = (): number => Date.now() + clockAheadMs;

function readClock(response: Response): void {
  const date = Date.parse(response.headers.get('date') ?? '');
  // The header has whole seconds, so half a second is its best guess.
  if (!Number.isNaN(date)) clockAheadMs = date + 500 - Date.now();
}

/** Asks the person for the password again and sends it to the server; false: they would rather not. */
type AskPassword = () => Promise<boolean>;
let askPassword: AskPassword | null = null;

/** Who asks when the server demands the password again. */
export function setAskPassword(ask: AskPassword | null): void {
  askPassword = ask;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
interface Init {
  body?: unknown;
  signal?: AbortSignal;
}

/** As `sendOnce`; when the server demands the password again, asks for it and sends once more. */
async function send<Answer>(method: Method, path: string, init: Init): Promise<Answer> {
  try {
    return await sendOnce<Answer>(method, path, init);
  } catch (error) {
    const demanded = error instanceof ApiError && error.code === 'password_needed';
    if (!demanded || !(await askPassword?.())) throw error;
    return await sendOnce<Answer>(method, path, init);
  }
}

async function sendOnce<Answer>(method: Method, path: string, init: Init): Promise<Answer> {
  const withBody = method === 'POST' || method === 'PATCH';
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { accept: 'application/json', ...(withBody && JSON_BODY) },
      ...(withBody && { body: JSON.stringify(init.body ?? {}) }),
      ...(init.signal && { signal: init.signal }),
    });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError(0, null, 'no answer', null);
  }
  readClock(response);
  if (response.status === 204) return undefined as Answer;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as Answer;
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  throw new ApiError(
    response.status,
    isProblem(body) ? body.code : null,
    isProblem(body) ? body.detail : response.statusText,
    Number.isFinite(retryAfter) ? retryAfter : null,
  );
}

const JSON_BODY = { 'content-type': 'application/json' };

/** The server's API with the session cookie. All throw `ApiError`. */
export const api = {
  get: <Answer>(path: string, signal?: AbortSignal) =>
    send<Answer>('GET', path, signal ? { signal } : {}),
  post: <Answer>(path: string, body?: unknown) => send<Answer>('POST', path, { body }),
  patch: <Answer>(path: string, body: unknown) => send<Answer>('PATCH', path, { body }),
  delete: <Answer>(path: string) => send<Answer>('DELETE', path, {}),
};

/** In words for every code the server can refuse with: a new one fails the type check until it has some. */
const WORDS: Record<RefusalCode, Key & `error.${RefusalCode}`> = {
  invalid_key: 'error.invalid_key',
  missing_key: 'error.missing_key',
  not_logged_in: 'error.not_logged_in',
  forbidden: 'error.forbidden',
  not_found: 'error.not_found',
  name_taken: 'error.name_taken',
  already_granted: 'error.already_granted',
  not_empty: 'error.not_empty',
  too_many_keys: 'error.too_many_keys',
  last_admin: 'error.last_admin',
  password_needed: 'error.password_needed',
  changed_meanwhile: 'error.changed_meanwhile',
  invalid_json: 'error.invalid_json',
  invalid_body: 'error.invalid_body',
  seq_reused: 'error.seq_reused',
  too_large: 'error.too_large',
  unsupported_encoding: 'error.unsupported_encoding',
  slow_down: 'error.slow_down',
  busy: 'error.busy',
  database_unavailable: 'error.database_unavailable',
  metrics_unavailable: 'error.metrics_unavailable',
  internal: 'error.internal',
};
const isRefusal = (code: string): code is RefusalCode => Object.hasOwn(WORDS, code);

/** An error as a sentence in the reader's language. */
export function inWords(error: unknown, t: Translate): string {
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === 0) return t('error.unreachable');
  if (error.code === null || !isRefusal(error.code)) {
    return t('error.notUnderstood', { status: String(error.status) });
  }
  if (error.code === 'slow_down' && error.retryAfterS !== null) {
    return t('error.slow_down_for', { seconds: error.retryAfterS });
  }
  if (error.code === 'invalid_body') return t('error.invalid_body', { detail: error.message });
  return t(WORDS[error.code] as 'error.internal');
}
