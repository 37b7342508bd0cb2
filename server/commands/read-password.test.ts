import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { messagesIn } from '../messages.ts';
import type { Terminal } from './command.ts';
import { readPassword } from './read-password.ts';

/** A terminal at which somebody answers each question with the next of `answers`. */
function typing(...answers: string[]): Terminal & { shown: string[] } {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const shown: string[] = [];
  return {
    env: {},
    say: messagesIn('en'),
    stdin,
    shown,
    out: (line) => void shown.push(line),
    err: (line) => {
      shown.push(line);
      stdin.write(`${answers.shift()}\r`);
    },
  };
}

test('at a terminal the password is asked for twice and never shown', async () => {
  const terminal = typing('correct horse battery', 'correct horse battery');
  expect(await readPassword(terminal, undefined)).toBe('correct horse battery');
  expect(terminal.shown).toEqual(['Password: ', 'Again: ']);
});

test('two different answers change nothing', async () => {
  await expect(readPassword(typing('correct horse', 'correct hose'), undefined)).rejects.toThrow(
    'The two passwords differ; nothing was changed.',
  );
});
