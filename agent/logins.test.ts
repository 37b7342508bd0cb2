import { describe, expect, it } from 'vitest';
import { makeLoginAttempts } from './logins.ts';

const HOUR_MS = 3_600_000;
const [vendor, first, second, third] = ['vendor', 'first', 'second', 'third'].map((user) => ({
  user,
  password: 'x',
}));
const all = [vendor!, first!, second!, third!];

/** The logins that a device which refuses everything is shown, asked every minute for `hours`. */
function shown(logins: typeof all, hours: number): { user: string; minute: number }[] {
  const attempts = makeLoginAttempts();
  const tried: { user: string; minute: number }[] = [];
  for (let minute = 0; minute < hours * 60; minute += 1) {
    const now = minute * 60_000;
    for (let login = attempts.choose(logins, now); login; login = attempts.choose(logins, now)) {
      tried.push({ user: login.user, minute });
      attempts.refuse(login, now);
    }
  }
  return tried;
}

describe('logins of one device', () => {
  it("tries the vendor's default once, then the site's own in turn, two an hour", () => {
    expect(shown(all, 4)).toEqual([
      { user: 'vendor', minute: 0 },
      { user: 'first', minute: 0 },
      { user: 'second', minute: 60 },
      { user: 'third', minute: 60 },
      { user: 'first', minute: 120 },
      { user: 'second', minute: 120 },
      { user: 'third', minute: 180 },
    ]);
  });

  it('tries the default again after an hour where there is nothing else', () => {
    expect(shown([vendor!], 2)).toEqual([
      { user: 'vendor', minute: 0 },
      { user: 'vendor', minute: 60 },
    ]);
  });

  it('never shows a device more than two in an hour', () => {
    const minutes = shown(all, 48).map(({ minute }) => minute);
    for (const minute of minutes) {
      const within = minutes.filter((other) => other >= minute && other < minute + 60);
      expect(within.length).toBeLessThanOrEqual(2);
    }
  });

  it('stays with the one that works', () => {
    const attempts = makeLoginAttempts();
    attempts.refuse(vendor!, 0);
    expect(attempts.choose(all, 1)).toBe(first);
    attempts.accept(first!);
    expect(attempts.choose(all, 10 * HOUR_MS)).toBe(first);
    expect(attempts.works(first!)).toBe(true);
  });
});
