import { Failure } from '../../failures.ts';

/** Wrong passwords in a row that cost nothing: people mistype. */
const FREE = 5;
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 15 * 60_000;
/** Accounts remembered. Beyond it the oldest is forgotten, so that made-up names cannot fill the memory. */
const MAX_ACCOUNTS = 10_000;

/**
 * Slows down guessing at one account: after five failures in a row each further attempt must wait, from one
 * second doubling to fifteen minutes. Never a lock that only an administrator opens: anybody could then lock
 * anybody out. Unknown names are counted like known ones. Kept in memory, per process.
 */
export function makeLoginThrottle({ clock }: { clock: () => Date }) {
  const accounts = new Map<string, { failures: number; blockedUntil: number }>();
  return {
    /**
     * Counts an attempt as failed until `succeeded` says otherwise, so that attempts sent at the same time
     * count too. Throws Failure `slow_down` while the account must wait.
     */
    attempt(username: string): void {
      const account = username.toLowerCase();
      const now = clock().getTime();
      const before = accounts.get(account) ?? { failures: 0, blockedUntil: 0 };
      if (now < before.blockedUntil) {
        const retryAfterS = Math.ceil((before.blockedUntil - now) / 1000);
        throw new Failure(
          'slow_down',
          `Too many wrong passwords for this user; try again in ${retryAfterS} s`,
          { retryAfterS },
        );
      }
      const failures = before.failures + 1;
      const delay =
        failures < FREE ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (failures - FREE), MAX_DELAY_MS);
      // Deleted first: a Map keeps the order of insertion, and the oldest is the one to forget.
      accounts.delete(account);
      accounts.set(account, { failures, blockedUntil: now + delay });
      const oldest = accounts.size > MAX_ACCOUNTS ? accounts.keys().next().value : undefined;
      if (oldest !== undefined) accounts.delete(oldest);
    },

    /** The attempt came to no judgement, for want of a database: it does not count. */
    undone(username: string): void {
      const account = accounts.get(username.toLowerCase());
      if (account) Object.assign(account, { failures: account.failures - 1, blockedUntil: 0 });
    },

    succeeded(username: string): void {
      accounts.delete(username.toLowerCase());
    },
  };
}
