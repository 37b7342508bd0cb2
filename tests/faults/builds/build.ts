import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PROJECT } from '../../../simulator/services/project.ts';

/** One change to the source: `find` must stand in `file` exactly once. */
export interface Patch {
  /** From the project's folder. */
  file: string;
  find: string;
  replace: string;
}

/** What a build runs; the rest of the project is not copied. */
const PARTS = ['contract', 'agent', 'server', 'migrations', 'simulator', 'tests/faults'];

/**
 * A copy of the project with some lines changed: how a protection is taken away for a negative control, how a crash
 * is put between two statements, and how waiting times are scaled, without a switch for it in the product.
 * Throws when a line to be changed is not there (any more), so that no control can come to test nothing.
 */
export async function makeBuild(dir: string, patches: readonly Patch[]): Promise<string> {
  await mkdir(dir, { recursive: true });
  for (const part of PARTS) {
    await cp(join(PROJECT, part), join(dir, part), {
      recursive: true,
      filter: (path) => !/\/(recordings|goldens|admin)$|\.test\.tsx?$/.test(path),
    });
  }
  await cp(join(PROJECT, 'package.json'), join(dir, 'package.json'));
  await symlink(join(PROJECT, 'node_modules'), join(dir, 'node_modules'));
  for (const { file, find, replace } of patches) {
    const path = join(dir, file);
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, 'utf8');
    const times = text.split(find).length - 1;
    if (times !== 1) {
      throw new Error(`${file} holds the line to be changed ${times} times, not once: ${find}`);
    }
    await writeFile(
      path,
      text.replace(find, () => replace),
    );
  }
  return dir;
}
