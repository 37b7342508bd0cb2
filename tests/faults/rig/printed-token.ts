import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './until.ts';

/** The set-up token a server printed when it started last; it is ready a moment before it says so. */
export async function printedToken(serverDir: string): Promise<string> {
  let token: string | undefined;
  await until('a set-up token is printed', 10_000, async () => {
    const log = await readFile(join(serverDir, 'server.log'), 'utf8');
    token = [...log.matchAll(/One-time token: ([0-9a-f]{64})$/gm)].at(-1)?.[1];
    return token !== undefined;
  });
  return token!;
}
