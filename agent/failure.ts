import { en } from './messages.ts';
import type { Messages } from './messages.ts';

/** Exit statuses of every command, as sysexits and shells know them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  partly: 3,
  unreachable: 69,
  keyRefused: 77,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something the person at the keyboard must put right; `message` is English, `say` any language. */
export class AgentFailure extends Error {
  readonly say: (messages: Messages) => string;
  readonly exitCode: ExitCode;

  constructor(say: (messages: Messages) => string, exitCode: ExitCode = EXIT.usage) {
    super(say(en));
    this.name = 'AgentFailure';
    this.say = say;
    this.exitCode = exitCode;
  }
}
