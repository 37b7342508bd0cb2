import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { CommandError, type Terminal } from './command.ts';

/**
 * A password from a file's first line, from standard input ("-", or when that is no terminal), or asked for
 * twice unseen. Never from the arguments: those are in the shell's history and in every process list.
 */
export async function readPassword(terminal: Terminal, path: string | undefined): Promise<string> {
  const { say, stdin } = terminal;
  if (path !== undefined && path !== '-') {
    const content = await readFile(path, 'utf8').catch(() => {
      throw new CommandError(say.passwordFileUnreadable(path));
    });
    return firstLine(content);
  }
  if (path === '-' || !stdin.isTTY) return firstLine(await text(stdin));
  const password = await ask(terminal, say.password);
  if ((await ask(terminal, say.passwordAgain)) !== password) {
    throw new CommandError(say.passwordsDiffer);
  }
  return password;
}

function firstLine(content: string): string {
  return content.split(/\r?\n/, 1)[0] ?? '';
}

async function ask({ stdin, err }: Terminal, question: string): Promise<string> {
  err(question);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: stdin, output: unseen, terminal: true });
  try {
    return await prompt.question('');
  } finally {
    prompt.close();
  }
}
