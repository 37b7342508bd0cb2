import { setFlagsFromString } from 'node:v8';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { startServer } from '../start.ts';
import { isDatabaseUnavailable, isWriteToLostConnection } from '../resources/postgres.ts';
import { CommandError, configFor, explain, type Terminal } from './command.ts';

/** Work under way at a signal has this long to finish. */
const GRACE_MS = 15_000;

/** Runs the server until a signal. Throws `CommandError` when it cannot start. */
export async function serve(terminal: Terminal): Promise<void> {
  // V8 by default lets the heap grow to four times what lives before it collects: 470 MB where 280 do, with the young
  // generation bounded too, which only a flag at start can. Less than 100 saves little more and costs a third of
  // the processor time (npm run bench -- ingest).
  setFlagsFromString('--heap-growing-percent=100');
  const config = configFor(terminal);
  const log = pino({ level: config.logLevel });
  const server = await startServer(config, log).catch((error: unknown) => {
    const sentence = explain(error, config, terminal.say);
    throw sentence === undefined ? error : new CommandError(sentence);
  });
  if (server.setupToken !== null) {
    // Not by the log: that is kept, and sent on to places where a secret must not be.
    const url = `${config.publicUrl ?? server.url}/setup`;
    terminal.err(terminal.say.setupToken(url, server.setupToken));
  }
  let failed = false;
  const { close } = closeWithGrace(
    { delay: GRACE_MS, logger: false, skip: ['uncaughtException', 'unhandledRejection'] },
    async ({ signal }) => {
      if (!failed) log.info({ signal }, 'stopping');
      await server.close();
      log.info('stopped');
      if (failed) process.exit(1);
    },
  );
  const onError = (err: unknown) => {
    // Whoever waited for the connection has been told; this is about a query of the driver's own, a rollback say.
    if (isWriteToLostConnection(err) || isDatabaseUnavailable(err)) {
      log.warn(
        { err },
        'a connection to Postgres was lost, and something with it nobody waited for',
      );
      return;
    }
    log.fatal({ err }, 'stopping after an error nobody handled');
    failed = true;
    close();
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
}
