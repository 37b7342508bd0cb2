import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildAgent } from '../../agent/build.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Builds the page and the agent that it hands out to where the server takes them from. Files are put in place one by
 * one and whole: another worker's server may be reading them.
 */
export async function buildPage(): Promise<void> {
  await mkdir(join(ROOT, 'dist'), { recursive: true });
  const made = await mkdtemp(join(ROOT, 'dist/new-'));
  try {
    const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
    const admin = join(made, 'admin');
    // The test runner's NODE_ENV would make it a development build.
    const env = { ...process.env, NODE_ENV: 'production' };
    const args = [vite, 'build', 'server/admin', '--outDir', admin, '--logLevel', 'warn'];
    await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
    await buildAgent(join(made, 'agent'));
    await putInPlace(made, join(ROOT, 'dist'));
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** What names others comes last. */
const last = (name: string) => Number(name === 'index.html' || name === 'package.json');

async function putInPlace(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  for (const file of files.toSorted((a, b) => last(a.name) - last(b.name))) {
    const path = join(file.parentPath, file.name);
    const target = join(to, path.slice(from.length));
    await mkdir(dirname(target), { recursive: true });
    await rename(path, target);
  }
}
