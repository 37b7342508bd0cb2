import { createApiToken } from '../features/people/api-tokens.ts';
import { findLogin } from '../features/people/store.ts';
import { CommandError, type Terminal } from './command.ts';
import { withDatabase } from './with-database.ts';

const DAY_MS = 86_400_000;

/** Prints a new API token alone on standard output, so that a script can take it. Throws `CommandError`. */
export async function tokenCreate(
  terminal: Terminal,
  username: string,
  options: { name: string; days?: number },
): Promise<void> {
  const { say, out, err } = terminal;
  await withDatabase(terminal, async (sql) => {
    const user = await findLogin(sql, username);
    if (!user) throw new CommandError(say.userMissing(username));
    const expiresAt =
      options.days === undefined ? null : new Date(Date.now() + options.days * DAY_MS);
    const token = await createApiToken(sql, { userId: user.id, name: options.name, expiresAt });
    err(say.tokenOnce);
    out(token);
  });
}
