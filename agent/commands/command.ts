import type { AgentConfig } from '../config.ts';
import type { ExitCode } from '../failure.ts';
import type { Messages } from '../messages.ts';

/** What every command gets. `signal` fires on Ctrl-C and SIGTERM. */
export interface CommandContext {
  config: AgentConfig;
  say: Messages;
  json: boolean;
  signal: AbortSignal;
}

export type Command = (context: CommandContext) => Promise<ExitCode>;
