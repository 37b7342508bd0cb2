import { setFlagsFromString } from 'node:v8';
import pino from 'pino';
import { EXIT } from '../failure.ts';
import { en } from '../messages.ts';
import { runAgent } from '../run.ts';
import type { Command } from './command.ts';

/** `hashyard-agent run`: JSON lines on stdout, for journald. */
export const run: Command = async ({ config, signal }) => {
  // Left alone, V8 lets the heap grow to several times what lives before it collects; a site box has
  // little memory. The systemd unit bounds the young generation too, which only a flag at start can.
  setFlagsFromString('--heap-growing-percent=50');
  const log = pino(
    { level: config.logLevel, base: null, redact: ['apiKey', 'api_key', '*.password'] },
    // In this thread: a worker transport loses its last lines when the process is killed.
    pino.destination({ dest: 1, sync: true }),
  );
  for (const warning of config.warnings) log.warn({ event: 'config' }, warning(en));
  await runAgent(config, { log, signal });
  return EXIT.ok;
};
