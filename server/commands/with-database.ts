import { pino } from 'pino';
import type { Sql } from 'postgres';
import { openPostgres } from '../resources/postgres.ts';
import { migrateDatabase } from '../start.ts';
import { CommandError, configFor, explain, type Terminal } from './command.ts';

/** Runs `work` on the migrated database and closes it. Failures of Postgres become `CommandError`. */
export async function withDatabase(
  terminal: Terminal,
  work: (sql: Sql) => Promise<void>,
): Promise<void> {
  const config = configFor(terminal);
  const log = pino({ level: 'silent' });
  const sql = openPostgres(config.databaseUrl, log, { max: 1 });
  try {
    await migrateDatabase(config, log);
    await work(sql);
  } catch (error) {
    const sentence = explain(error, config, terminal.say);
    throw sentence === undefined ? error : new CommandError(sentence);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
