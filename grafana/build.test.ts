import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { build, outdated } from './build.ts';

test('two builds are equal', () => {
  expect([...build()]).toEqual([...build()]);
});

test('the committed files are what the sources make', async () => {
  expect(await outdated()).toEqual([]);
});

test('an edited, a missing and a left-over file are found', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hashyard-dashboards-'));
  const dashboards = join(dir, 'provisioning/dashboards/hashyard');
  try {
    for (const folder of ['provisioning', 'contact-points']) {
      await cp(new URL(folder, import.meta.url), join(dir, folder), { recursive: true });
    }
    expect(await outdated(pathToFileURL(`${dir}/`))).toEqual([]);
    await rm(join(dashboards, 'miner.json'));
    await writeFile(join(dashboards, 'fleet.json'), '{}\n');
    await writeFile(join(dashboards, 'old.json'), '{}\n');
    await writeFile(join(dir, 'contact-points/email/contact-point.json'), '{}\n');
    expect(await outdated(pathToFileURL(`${dir}/`))).toEqual([
      'contact-points/email/contact-point.json',
      'provisioning/dashboards/hashyard/fleet.json',
      'provisioning/dashboards/hashyard/miner.json',
      'provisioning/dashboards/hashyard/old.json',
    ]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
