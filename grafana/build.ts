import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { alertFiles } from './alerts/provision.ts';
import { ANNOTATIONS, DASHBOARDS } from './dashboards/index.ts';
import { toText } from './parts/finish.ts';

const HERE = new URL('.', import.meta.url);
const DASHBOARD_FOLDER = 'provisioning/dashboards/hashyard/';
/** Where generated files lie, and no others with these names' endings. */
const FOLDERS = [DASHBOARD_FOLDER, 'provisioning/alerting/', 'contact-points/'];

/** Name → text of every dashboard. */
export function buildDashboards(): Map<string, string> {
  return new Map(
    Object.entries(DASHBOARDS).map(([name, dashboard]) => [
      name,
      toText(dashboard(), ANNOTATIONS[name] ?? []),
    ]),
  );
}

/** File below this folder → text of every generated file, the same on every run. */
export function build(): Map<string, string> {
  return new Map([
    ...[...buildDashboards()].map(([name, text]): [string, string] => [
      `${DASHBOARD_FOLDER}${name}.json`,
      text,
    ]),
    ...alertFiles(),
  ]);
}

/** Names of the files that differ from what the sources make, are missing, or have no source. */
export async function outdated(root = HERE): Promise<string[]> {
  const built = build();
  const present = (
    await Promise.all(
      FOLDERS.map(async (folder) => {
        const names = await readdir(new URL(folder, root), { recursive: true }).catch(() => []);
        return names.filter((name) => name.endsWith('.json')).map((name) => `${folder}${name}`);
      }),
    )
  ).flat();
  const differing = await Promise.all(
    present.map(async (name) =>
      (await readFile(new URL(name, root), 'utf8')) === built.get(name) ? [] : [name],
    ),
  );
  const missing = [...built.keys()].filter((name) => !present.includes(name));
  return [...differing.flat(), ...missing].sort();
}

async function write(root = HERE): Promise<void> {
  const built = build();
  for (const name of await outdated(root)) {
    const text = built.get(name);
    const file = new URL(name, root);
    await mkdir(new URL('.', file), { recursive: true });
    await (text === undefined ? rm(file) : writeFile(file, text));
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
