import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findChromium } from './chromium.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hashyard-path-'));
});
afterEach(() => rm(dir, { recursive: true }));

const program = async (name: string) => {
  const path = join(dir, name);
  await symlink(process.execPath, path);
  return path;
};

test('CHROMIUM is taken before what is on PATH', async () => {
  const named = await program('mine');
  await program('chromium');
  expect(await findChromium({ CHROMIUM: named, PATH: dir })).toBe(named);
});

test('a CHROMIUM that cannot be run is an error, not a reason to look further', async () => {
  await program('chromium');
  const named = join(dir, 'text');
  await writeFile(named, '');
  await chmod(named, 0o644);
  const missing = join(dir, 'missing');
  await expect(findChromium({ CHROMIUM: named, PATH: dir })).rejects.toThrow(
    `CHROMIUM is ${named}`,
  );
  await expect(findChromium({ CHROMIUM: missing, PATH: dir })).rejects.toThrow(
    `CHROMIUM is ${missing}`,
  );
});

test('on PATH, Chromium is preferred to Chrome', async () => {
  const chrome = await program('google-chrome');
  expect(await findChromium({ PATH: dir })).toBe(chrome);
  const chromium = await program('chromium');
  expect(await findChromium({ PATH: `/nowhere::${dir}` })).toBe(chromium);
});
