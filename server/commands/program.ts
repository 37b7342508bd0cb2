import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import type { Role } from '../features/people/permissions.ts';
import { adminCreate } from './admin-create.ts';
import { check } from './check.ts';
import { CommandError, type Terminal } from './command.ts';
import { migrateCommand } from './migrate.ts';
import { serve } from './serve.ts';
import { tokenCreate } from './token-create.ts';

const ROLES: readonly Role[] = ['admin', 'operator', 'viewer', 'accountant', 'client'];

/**
 * Runs `hashyard` with the arguments after the program's name and resolves to the exit status: 0 done ·
 * 1 it did not work, and a sentence has said why · 2 the command line is wrong. `serve` goes on after that,
 * until a signal. Anything unforeseen is thrown.
 */
export async function runProgram(terminal: Terminal, args: string[]): Promise<number> {
  const outcome = { status: 0 };
  try {
    await makeProgram(terminal, outcome).parseAsync(args, { from: 'user' });
    return outcome.status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CommandError)) throw error;
    terminal.err(error.message);
    return 1;
  }
}

function makeProgram(terminal: Terminal, outcome: { status: number }): Command {
  const { say, out, err } = terminal;
  const titles: Record<string, string> = {
    'Usage:': say.usage,
    'Options:': say.options,
    'Commands:': say.commands,
    'Arguments:': say.arguments,
  };
  const program = new Command('hashyard')
    .description(say.program)
    .version(packageJson.version, '-V, --version', say.version)
    .helpOption('-h, --help', say.help)
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError()
    .configureHelp({ styleTitle: (title) => titles[title] ?? title })
    .configureOutput({
      writeOut: (text) => out(text.trimEnd()),
      writeErr: (text) => err(text.trimEnd()),
    });

  const examples = (command: Command, ...lines: string[]) =>
    command.addHelpText('after', `\n${say.examples}\n${lines.map((l) => `  ${l}`).join('\n')}`);

  examples(
    program,
    'hashyard check',
    'hashyard admin create olga',
    'hashyard serve',
    'hashyard token create olga --name backup-script --days 365',
  );

  examples(
    program.command('serve').description(say.serve),
    'hashyard serve',
    'HOST=0.0.0.0 PORT=8080 hashyard serve',
  ).action(() => serve(terminal));

  examples(
    program
      .command('migrate')
      .description(say.migrate)
      .addOption(new Option('--status', say.migrateStatus).conflicts('dryRun'))
      .option('--dry-run', say.migrateDryRun),
    'hashyard migrate --dry-run',
    'hashyard migrate',
  ).action((options: { status?: boolean; dryRun?: boolean }) => migrateCommand(terminal, options));

  examples(
    program
      .command('admin')
      .description(say.admin)
      .command('create')
      .description(say.adminCreate)
      .argument('<username>', say.username)
      .addOption(new Option('--role <role>', say.role).choices(ROLES).default('admin'))
      .option('--password-file <path>', say.passwordFile),
    'hashyard admin create olga',
    'hashyard admin create olga --password-file /run/secrets/olga',
    'hashyard admin create tenant --role client < password.txt',
  ).action((username: string, options: { role: Role; passwordFile?: string }) =>
    adminCreate(terminal, username, options),
  );

  examples(
    program
      .command('token')
      .description(say.token)
      .command('create')
      .description(say.tokenCreate)
      .argument('<username>', say.username)
      .requiredOption('--name <name>', say.tokenName)
      .option('--days <days>', say.tokenDays, wholeDays),
    'hashyard token create olga --name backup-script --days 365',
  ).action((username: string, options: { name: string; days?: number }) =>
    tokenCreate(terminal, username, options),
  );

  examples(program.command('check').description(say.check), 'hashyard check').action(async () => {
    if (!(await check(terminal))) outcome.status = 1;
  });

  return program;
}

function wholeDays(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 36_500) {
    throw new InvalidArgumentError('expected a whole number of days from 1 to 36500');
  }
  return days;
}
