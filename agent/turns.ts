/**
 * One conversation per device: polls and scans of the same host wait for each other. Most miners
 * serve one connection at a time, and some web servers on them die of two.
 */
export interface Turns {
  /** Runs `work` when every earlier work for `host` has ended, however it ended. */
  take<T>(host: string, work: () => Promise<T>): Promise<T>;
}

export function makeTurns(): Turns {
  const tails = new Map<string, Promise<unknown>>();
  return {
    take(host, work) {
      const turn = (tails.get(host) ?? Promise.resolve()).then(work);
      const tail = turn
        .catch(() => undefined)
        .finally(() => {
          if (tails.get(host) === tail) tails.delete(host);
        });
      tails.set(host, tail);
      return turn;
    },
  };
}
