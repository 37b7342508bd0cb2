import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ANNOTATIONS, DASHBOARDS } from './dashboards/index.ts';
import { toText } from './parts/finish.ts';

const FOLDER = new URL('provisioning/dashboards/hashyard/', import.meta.url);

/** File name → text of every dashboard, the same on every run. */
export function build(): Map<string, string> {
  return new Map(
    Object.entries(DASHBOARDS).map(([name, dashboard]) => [
      `${name}.json`,
      toText(dashboard(), ANNOTATIONS[name] ?? []),
    ]),
  );
}

/** Names of the files that differ from what the sources make, are missing, or have no source. */
export async function outdated(folder = FOLDER): Promise<string[]> {
  const built = build();
  const present = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const differing = await Promise.all(
    present.map(async (name) =>
      (await readFile(new URL(name, folder), 'utf8')) === built.get(name) ? [] : [name],
    ),
  );
  const missing = [...built.keys()].filter((name) => !present.includes(name));
  return [...differing.flat(), ...missing].sort();
}

async function write(folder = FOLDER): Promise<void> {
  const built = build();
  await mkdir(folder, { recursive: true });
  for (const name of await outdated(folder)) {
    const text = built.get(name);
    await (text === undefined ? rm(new URL(name, folder)) : writeFile(new URL(name, folder), text));
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  if (values.check) {
    const files = await outdated();
    if (files.length > 0) {
      process.stderr.write(
        `Not what the sources in grafana/ make: ${files.join(', ')}. Run "npm run grafana:build" and commit the result.\n`,
      );
      process.exitCode = 1;
    }
  } else {
    await write();
  }
}
