import { pino } from 'pino';
import { migrationStatus } from '../../migrations/migrate.ts';
import { openPostgres } from '../resources/postgres.ts';
import { migrateDatabase } from '../start.ts';
import { CommandError, configFor, explain, type Terminal } from './command.ts';

/** Applies what is pending, or only says so. Throws `CommandError`. */
export async function migrateCommand(
  terminal: Terminal,
  options: { status?: boolean; dryRun?: boolean },
): Promise<void> {
  const { say, out } = terminal;
  const config = configFor(terminal);
  const log = pino({ level: 'silent' });
  try {
    if (!options.status && !options.dryRun) {
      const { applied } = await migrateDatabase(config, log);
      out(applied.length > 0 ? say.migrationsApplied(applied.join(', ')) : say.migrationsCurrent);
      return;
    }
    const sql = openPostgres(config.databaseUrl, log, { max: 1 });
    try {
      const { applied, pending } = await migrationStatus(sql);
      if (options.status) {
        for (const one of applied) out(say.migrationDone(one.name, one.appliedAt.toISOString()));
        for (const name of pending) out(say.migrationPending(name));
      } else {
        out(pending.length > 0 ? say.migrationsWould(pending.join(', ')) : say.migrationsCurrent);
      }
    } finally {
      await sql.end({ timeout: 1 });
    }
  } catch (error) {
    const sentence = explain(error, config, say);
    throw sentence === undefined ? error : new CommandError(sentence);
  }
}
