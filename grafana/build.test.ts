import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { build, outdated } from './build.ts';

const COMMITTED = new URL('provisioning/dashboards/hashyard/', import.meta.url);

test('two builds are equal', () => {
  expect([...build()]).toEqual([...build()]);
});

test('the committed files are what the sources make', async () => {
  expect(await outdated()).toEqual([]);
});

test('an edited, a missing and a left-over file are found', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hashyard-dashboards-'));
  try {
    const names = (await readdir(COMMITTED)).filter((name) => name !== 'miner.json');
    for (const name of names) await copyFile(new URL(name, COMMITTED), join(dir, name));
    await writeFile(join(dir, 'fleet.json'), '{}\n');
    await writeFile(join(dir, 'old.json'), '{}\n');
    expect(await outdated(pathToFileURL(`${dir}/`))).toEqual([
      'fleet.json',
      'miner.json',
      'old.json',
    ]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
