import * as z from 'zod';

/**
 * Codes of everything the server can refuse, and what they mean to the sender.
 * `final`: sending the same again can never succeed. Everything else is worth a retry.
 */
export const REFUSALS = {
  invalid_key: { status: 401, final: false },
  /** 422, as agents in the field know it. */
  missing_key: { status: 422, final: false },
  not_logged_in: { status: 401, final: false },
  forbidden: { status: 403, final: false },
  not_found: { status: 404, final: false },
  name_taken: { status: 400, final: true },
  already_granted: { status: 400, final: true },
  not_empty: { status: 400, final: true },
  too_many_keys: { status: 400, final: true },
  invalid_json: { status: 422, final: true },
  invalid_body: { status: 422, final: true },
  seq_reused: { status: 409, final: true },
  too_large: { status: 413, final: true },
  unsupported_encoding: { status: 415, final: true },
  slow_down: { status: 429, final: false },
  busy: { status: 503, final: false },
  database_unavailable: { status: 503, final: false },
  metrics_unavailable: { status: 503, final: false },
  internal: { status: 500, final: false },
} as const satisfies Record<string, { status: number; final: boolean }>;
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
