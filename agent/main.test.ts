import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const main = fileURLToPath(new URL('main.ts', import.meta.url));

async function help(language: string, ...command: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HASHYARD_LANG: language };
  return (await run(process.execPath, [main, ...command, '--help'], { env })).stdout;
}

test('help says everything in the language asked for, with examples', async () => {
  for (const command of [[], ['run'], ['scan'], ['probe'], ['check'], ['queue']]) {
    expect(await help('en', ...command)).toMatch(/^Usage: [^]*\nOptions:\n[^]*\nExamples:\n/);
    const russian = await help('ru', ...command);
    expect(russian).toMatch(/^Использование: [^]*\nПараметры:\n[^]*\nПримеры:\n/);
    expect(russian).not.toMatch(/display help|output the version|Usage|Options|Commands|Arguments/);
  }
});
