import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { useAdminPage } from './admin-page.ts';

useAdminPage();
const DIST = new URL('../../dist/admin/', import.meta.url);

interface Chunk {
  file: string;
  imports?: string[];
  isEntry?: boolean;
}
let manifest: Record<string, Chunk> = {};
beforeAll(async () => {
  manifest = JSON.parse(await readFile(new URL('.vite/manifest.json', DIST), 'utf8'));
});

/** The files of a chunk and of all it cannot do without. */
function filesOf(name: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[name];
  if (!chunk) throw new Error(`no chunk ${name} in the manifest`);
  if (seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const other of chunk.imports ?? []) filesOf(other, seen);
  return seen;
}

async function zipped(files: Iterable<string>): Promise<number> {
  let bytes = 0;
  for (const file of files) bytes += gzipSync(await readFile(new URL(file, DIST))).length;
  return bytes;
}

describe.each(['en', 'ru'])('in the language %s', (language) => {
  test.each(['fleet', 'parts', 'agents', 'seldom'])(
    'what the first page of "%s" waits for is at most 60 kB of JavaScript, gzipped',
    async (pages) => {
      const entry = Object.keys(manifest).find((name) => manifest[name]?.isEntry) ?? '';
      const files = new Set([
        ...filesOf(entry),
        ...filesOf(`i18n/${language}.ts`),
        ...filesOf(`pages/files/${pages}.ts`),
      ]);
      expect(files.size).toBeGreaterThanOrEqual(3);
      const bytes = await zipped(files);
      expect(bytes).toBeGreaterThan(30_000);
      expect(bytes).toBeLessThanOrEqual(60_000);
    },
  );
});
