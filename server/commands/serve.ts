import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { startServer } from '../start.ts';
import { CommandError, configFor, explain, type Terminal } from './command.ts';

/** Work under way at a signal has this long to finish. */
const GRACE_MS = 15_000;

/** Runs the server until a signal. Throws `CommandError` when it cannot start. */
export async function serve(terminal: Terminal): Promise<void> {
  const config = configFor(terminal);
  const log = pino({ level: config.logLevel });
  const server = await startServer(config, log).catch((error: unknown) => {
    const sentence = explain(error, config, terminal.say);
    throw sentence === undefined ? error : new CommandError(sentence);
  });
  closeWithGrace({ delay: GRACE_MS, logger: false }, async ({ signal, err }) => {
    if (err) log.fatal({ err }, 'stopping after an error nobody handled');
    else log.info({ signal }, 'stopping');
    await server.close();
    log.info('stopped');
  });
}
