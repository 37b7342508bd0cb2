/**
 * Waits for `work` at most `ms`, then throws what `late` makes. The work itself goes on, and a later failure
 * of it is nobody's: for drivers that can leave a promise pending for ever when a connection dies.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  const expired = Promise.withResolvers<never>();
  const timer = setTimeout(() => expired.reject(late()), ms);
  try {
    return await Promise.race([work, expired.promise]);
  } finally {
    clearTimeout(timer);
  }
}
