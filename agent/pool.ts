/**
 * Runs `work` over `items` with at most `width` at once, in the order given. Rejects with the first
 * error once the works under way have ended.
 */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  let failure: unknown;
  async function worker(): Promise<void> {
    for (let next = iterator.next(); !next.done && !failed; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        failure ??= error;
      }
    }
  }
  await Promise.all(Array.from({ length: width }, worker));
  if (failed) throw failure;
}
