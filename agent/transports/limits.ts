/** What one conversation may cost. Times in ms, size in bytes. */
export interface Limits {
  connectMs: number;
  /** From connected to the first byte of the reply. */
  firstByteMs: number;
  /** Everything, from dialling to the last byte: a timer, so that one byte a second does not extend it. */
  totalMs: number;
  maxBytes: number;
}

/** The largest honest reply known is an Avalon rack's `stats`, 46 KB. */
export const DEFAULT_LIMITS: Limits = {
  connectMs: 3_000,
  firstByteMs: 5_000,
  totalMs: 10_000,
  maxBytes: 1024 * 1024,
};
