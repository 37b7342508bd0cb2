import * as z from 'zod';

/** Codes of everything the server can refuse. Which of them end a batch is the agent's to know (agent/uplink/answer.ts). */
export const REFUSALS = {
  invalid_key: { status: 401 },
  /** 422, as agents in the field know it. */
  missing_key: { status: 422 },
  not_logged_in: { status: 401 },
  forbidden: { status: 403 },
  not_found: { status: 404 },
  name_taken: { status: 400 },
  already_granted: { status: 400 },
  not_empty: { status: 400 },
  too_many_keys: { status: 400 },
  last_admin: { status: 400 },
  /** The password must be given again: POST /api/auth/confirm. */
  password_needed: { status: 403 },
  invalid_json: { status: 422 },
  invalid_body: { status: 422 },
  seq_reused: { status: 409 },
  /** What was asked for is no longer what was seen. */
  changed_meanwhile: { status: 409 },
  too_large: { status: 413 },
  unsupported_encoding: { status: 415 },
  slow_down: { status: 429 },
  busy: { status: 503 },
  database_unavailable: { status: 503 },
  metrics_unavailable: { status: 503 },
  internal: { status: 500 },
} as const satisfies Record<string, { status: number }>;
export type RefusalCode = keyof typeof REFUSALS;

/** Why one sample was kept aside while the rest of its batch was stored. */
export const quarantineCode = z.enum([
  'bad_address',
  'bad_timestamp',
  'bad_value',
  'clock',
  'too_old',
  'future',
  'duplicate',
  'series_limit',
  'influx_rejected',
]);
export type QuarantineCode = z.output<typeof quarantineCode>;

/** Every error body (RFC 9457). `detail` is also the old API's error field. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  /** For `invalid_body`: each field by its path, e.g. "miner_stats.3.hash_rate". */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.output<typeof problem>;
