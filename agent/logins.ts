import type { Family, Login } from './families/family.ts';
import type { MinerContext } from './miner.ts';

/** Some firmwares lock an account: so many refused logins a device is given in an hour, whoever asks. */
const MOST_FAILURES = 2;
const HOUR_MS = 60 * 60 * 1_000;

/** Which logins one device has refused. Kept over cycles and scans. */
export interface LoginAttempts {
  /** The login to use now; null: none may be tried for the time being, or there is none. */
  choose(logins: readonly Login[], now: number): Login | null;
  /** It was refused. */
  refuse(login: Login, now: number): void;
  /** It opened a page. */
  accept(login: Login): void;
  /** It has opened a page before: another page that is forbidden to it is no wrong password. */
  works(login: Login): boolean;
}

/** By `dial`, which says what a host is: callers make contexts of their own around it. */
const ledgers = new WeakMap<MinerContext['dial'], Map<string, LoginAttempts>>();

export function loginAttempts(host: string, { dial }: MinerContext): LoginAttempts {
  let hosts = ledgers.get(dial);
  if (!hosts) ledgers.set(dial, (hosts = new Map()));
  let attempts = hosts.get(host);
  if (!attempts) hosts.set(host, (attempts = makeLoginAttempts()));
  return attempts;
}

export function makeLoginAttempts(): LoginAttempts {
  let failures: number[] = [];
  const refused = new Set<Login>();
  const accepted = new Set<Login>();
  return {
    choose(logins, now) {
      failures = failures.filter((at) => at > now - HOUR_MS);
      if (failures.length >= MOST_FAILURES) return null;
      const untried = logins.find((login) => !refused.has(login));
      if (untried || failures.length > 0) return untried ?? null;
      // All were refused, the last an hour ago: the site's own once more, for it is they that change.
      const again = logins.length > 1 ? logins.slice(1) : logins;
      for (const login of again) refused.delete(login);
      return again[0] ?? null;
    },
    refuse(login, now) {
      failures.push(now);
      refused.add(login);
      accepted.delete(login);
    },
    accept: (login) => void accepted.add(login),
    works: (login) => accepted.has(login),
  };
}

/** The vendor's default, then the site's own in their order. */
export function loginsFor(family: Family, { credentials }: MinerContext): readonly Login[] {
  return [...(family.login ? [family.login] : []), ...(credentials[family.id] ?? [])];
}
