import { commandLine, record } from '../features/audit/record.ts';
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
    const { token } = await sql.begin(async (tx) => {
      const made = await createApiToken(tx, { userId: user.id, name: options.name, expiresAt });
      const after = { user_id: user.id, expires_at: expiresAt?.toISOString() ?? null };
      const what = { action: 'token.create', id: made.id, name: options.name } as const;
      await record(tx, commandLine(), { ...what, after });
      return made;
    });
    err(say.tokenOnce);
    out(token);
  });
}
