/** One column set of an InfluxQL answer: `values` rows run along `columns`; times are epoch seconds. */
export interface Series {
  name: string;
  tags: Record<string, string>;
  columns: string[];
  values: (string | number | boolean | null)[][];
}

/** What the server needs of InfluxDB 1.x, 2.x or 3.x; made by `openInflux`. */
export interface Influx {
  /**
   * Writes line protocol (second precision) in one request; resolves only on 204 = durable.
   * Throws `InfluxError`: `kind: 'unavailable'` (worth a retry), `'rejected'` (these lines, never again),
   * `'too_large'` or `'misconfigured'` (credentials, missing database).
   */
  write(database: string, lines: readonly string[]): Promise<void>;
  /** One InfluxQL statement of the portable subset. Throws `InfluxError`. */
  query(database: string, influxql: string): Promise<Series[]>;
  /** Answers with the server's version, or throws `InfluxError` kind 'unavailable'. */
  ping(): Promise<{ version: string }>;
  close(): Promise<void>;
}

/** Why InfluxDB did not do what was asked. */
export class InfluxError extends Error {
  override readonly name = 'InfluxError';
  readonly kind: 'unavailable' | 'rejected' | 'too_large' | 'misconfigured';
  readonly retryAfterS: number | undefined;

  constructor(
    kind: InfluxError['kind'],
    message: string,
    more: { retryAfterS?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.kind = kind;
    this.retryAfterS = more.retryAfterS;
  }
}
