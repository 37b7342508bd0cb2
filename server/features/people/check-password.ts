import type { Deps } from '../../deps.ts';
import { makeLoginThrottle } from './login-throttle.ts';
import { verifyPassword } from './password.ts';
import { findLogin } from './store.ts';

export type PasswordCheck = (
  username: string,
  password: string,
) => Promise<{ right: boolean; userId: number | null }>;

/**
 * Whether a password is that of an active user; `userId` also of a wrong one, when there is such a user. However it is
 * asked (login, password again), the attempts of an account are counted together.
 * Throws Failure `slow_down` and `busy`, and the database's errors.
 */
export function makePasswordCheck({ sql, clock }: Pick<Deps, 'sql' | 'clock'>): PasswordCheck {
  const throttle = makeLoginThrottle({ clock });
  return async (username, password) => {
    throttle.attempt(username);
    const user = await findLogin(sql, username).catch((error: unknown) => {
      throttle.undone(username);
      throw error;
    });
    const known = user?.isActive ? user : undefined;
    const matches = await verifyPassword(password, known?.passwordHash ?? null);
    const right = known !== undefined && matches;
    if (right) throttle.succeeded(username);
    return { right, userId: user?.id ?? null };
  };
}
