import { commandLine, record } from '../features/audit/record.ts';
import type { Role } from '../features/people/permissions.ts';
import { hashPassword, PASSWORD_LENGTH, passwordProblem } from '../features/people/password.ts';
import { insertUser } from '../features/people/store.ts';
import { CommandError, type Terminal } from './command.ts';
import { readPassword } from './read-password.ts';
import { withDatabase } from './with-database.ts';

/** Adds a user. Throws `CommandError`: the name is taken, the password will not do. */
export async function adminCreate(
  terminal: Terminal,
  username: string,
  options: { role: Role; passwordFile?: string },
): Promise<void> {
  const { say, out } = terminal;
  const password = await readPassword(terminal, options.passwordFile);
  const { min, max } = PASSWORD_LENGTH;
  const problem = passwordProblem(username, password);
  if (problem === 'length') throw new CommandError(say.passwordLength(min, max));
  if (problem === 'is_name') throw new CommandError(say.passwordIsName);
  await withDatabase(terminal, async (sql) => {
    const passwordHash = await hashPassword(password);
    const { role } = options;
    await sql.begin(async (tx) => {
      const id = await insertUser(tx, { username, role, passwordHash });
      if (id === undefined) throw new CommandError(say.userTaken(username));
      const what = { action: 'user.create', id, name: username } as const;
      await record(tx, commandLine(), { ...what, after: { role } });
    });
    out(say.userCreated(username, options.role));
  });
}
