import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const main = fileURLToPath(new URL('main.ts', import.meta.url));

test('help in Russian is Russian down to its headings', async () => {
  const env = { PATH: process.env['PATH'], HASHYARD_LANG: 'ru' };
  for (const command of [[], ['run'], ['scan'], ['probe'], ['check'], ['queue']]) {
    const { stdout } = await run(process.execPath, [main, ...command, '--help'], { env });
    expect(stdout).toMatch(/^Использование: [^]*\nПараметры:\n[^]*\nПримеры:\n/);
    expect(stdout).not.toMatch(/display help|output the version|Usage|Options|Commands|Arguments/);
  }
});
