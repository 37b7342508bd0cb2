#!/usr/bin/env node
import './node-version.ts';
import { dirname } from 'node:path';
import { Command, CommanderError } from 'commander';
import { languageOf } from '#contract/language.ts';
import { check } from './commands/check.ts';
import type { Command as Work } from './commands/command.ts';
import { probeCommand } from './commands/probe.ts';
import { queueCommand } from './commands/queue.ts';
import { run } from './commands/run.ts';
import { scanCommand } from './commands/scan.ts';
import { complain, say as tell, warn } from './commands/terminal.ts';
import { loadConfig } from './config.ts';
import type { ConfigFlags } from './config.ts';
import { AgentFailure, EXIT } from './failure.ts';
import type { ExitCode } from './failure.ts';
import { messagesIn } from './messages.ts';
import { versionLine } from './version.ts';

const say = messagesIn(languageOf(process.env));
const stopping = new AbortController();
let interrupted = false;

/** Longer than any orderly stop: a hung disk must not hold up the machine. */
const HARD_STOP_MS = 9500;

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    interrupted = name === 'SIGINT';
    stopping.abort();
    // Not process.exit: it waits for the threads, and one of them may hang in the disk.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), HARD_STOP_MS).unref();
  });
}

// `hashyard-agent scan | head`: the reader has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

interface Flags {
  config?: string;
  serverUrl?: string;
  network?: string;
  exclude?: string;
  allow?: string;
  queueDir?: string;
  logLevel?: string;
  json?: boolean;
}

function withOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', say.optionConfig)
    .option('--server-url <url>', say.optionServer)
    .option('-n, --network <ranges>', say.optionNetwork)
    .option('--exclude <ranges>', say.optionExclude)
    .option('--allow <limits>', say.optionAllow)
    .option('--queue-dir <dir>', say.optionQueueDir)
    .option('--log-level <level>', say.optionLogLevel);
}

async function perform(
  work: Work,
  flags: Flags,
  options: { isService?: boolean } = {},
): Promise<void> {
  const config = loadConfig({
    flags: configFlags(flags),
    env: process.env,
    cwd: process.cwd(),
    programDir: dirname(process.argv[1] ?? '.'),
  });
  // The service says it in its log.
  if (!options.isService) for (const each of config.warnings) warn(say.warning(each(say)));
  const json = flags.json ?? false;
  process.exitCode = await work({ config, say, json, signal: stopping.signal });
}

function configFlags(flags: Flags): ConfigFlags {
  return {
    config: flags.config,
    server_url: flags.serverUrl,
    network_cidr: flags.network,
    exclude: flags.exclude,
    allow: flags.allow,
    queue_dir: flags.queueDir,
    log_level: flags.logLevel,
  };
}

const examples = (...lines: string[]): string =>
  `\n${say.examples}\n${lines.map((line) => `  $ hashyard-agent ${line}`).join('\n')}`;

const titles: Record<string, string> = {
  'Usage:': say.usage,
  'Options:': say.options,
  'Commands:': say.commands,
  'Arguments:': say.arguments,
};

const program = new Command('hashyard-agent')
  .description(say.about)
  .version(versionLine(), '-V, --version', say.version)
  .helpOption('-h, --help', say.help)
  .helpCommand(false)
  .exitOverride()
  .configureHelp({ styleTitle: (title) => titles[title] ?? title })
  .configureOutput({ outputError: (text) => complain(text.trimEnd()) })
  .addHelpText('after', () =>
    examples('check', 'scan --network 192.168.1.0/24', 'probe 192.168.1.20', 'run'),
  );

withOptions(program.command('run').description(say.aboutRun))
  .addHelpText('after', examples('run --config /etc/hashyard/config.json'))
  .action((flags: Flags) => perform(run, flags, { isService: true }));
withOptions(program.command('scan').description(say.aboutScan))
  .option('--json', say.optionJson)
  .option('--unknown-to <file>', say.optionUnknownTo)
  .addHelpText(
    'after',
    examples(
      'scan',
      'scan --network 10.0.0.0/22 --exclude 10.0.0.1 --json',
      'scan --unknown-to unknown.json',
    ),
  )
  .action((flags: Flags & { unknownTo?: string }) => perform(scanCommand(flags.unknownTo), flags));
withOptions(program.command('probe').description(say.aboutProbe))
  .argument('<ip>', say.argumentIp)
  .option('--json', say.optionJson)
  .addHelpText('after', examples('probe 192.168.1.20', 'probe 192.168.1.20 --json'))
  .action((ip: string, flags: Flags) => perform(probeCommand(ip), flags));
withOptions(program.command('check').description(say.aboutCheck))
  .option('--json', say.optionJson)
  .addHelpText('after', examples('check'))
  .action((flags: Flags) => perform(check, flags));
withOptions(program.command('queue').description(say.aboutQueue))
  .option('--json', say.optionJson)
  .option('--export <seq>', say.optionExport)
  .addHelpText('after', examples('queue', 'queue --json', 'queue --export 42 > batch.json'))
  .action((flags: Flags & { export?: string }) => perform(queueCommand(flags.export), flags));

/** What a failure ends with. Help and version end well. */
function conclude(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (stopping.signal.aborted) {
    tell(say.stopped);
    return interrupted ? EXIT.interrupted : EXIT.failed;
  }
  if (error instanceof AgentFailure) {
    complain(error.say(say));
    return error.exitCode;
  }
  complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failed;
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = conclude(error);
}
