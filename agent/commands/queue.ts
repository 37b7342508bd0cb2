import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '../failure.ts';
import { seqOf } from '../queue/batch-file.ts';
import type { Gap } from '../queue/gaps.ts';
import type { Command } from './command.ts';
import { print, printJson, sizeText } from './terminal.ts';

/** `hashyard-agent queue`: what is held. Only looks, so it may run beside the agent that owns the folder. */
export const queueCommand: Command = async ({ config, say, json }) => {
  const dir = config.queueDir;
  const names = await readdir(dir).catch(() => null);
  if (names === null) {
    if (json) printJson({ dir, queue: null, batches: 0, bytes: 0, oldest: null, newest: null });
    else print(say.queueNone(dir));
    return EXIT.ok;
  }
  const files = [];
  for (const name of names.filter((each) => seqOf(each) !== null).sort()) {
    // Acknowledged between the listing and now: not held any more.
    const file = await stat(join(dir, name)).catch(() => null);
    if (file) files.push(file);
  }
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const [dead = 0, damaged = 0] = await Promise.all(
    ['dead', 'damaged'].map(async (folder) => {
      const inside = await readdir(join(dir, folder)).catch(() => []);
      return inside.length;
    }),
  );
  const gaps = await readGaps(join(dir, 'gaps.json'));
  const oldest = files[0]?.mtime.toISOString() ?? null;
  const newest = files.at(-1)?.mtime.toISOString() ?? null;
  if (json) {
    const id = (await readFile(join(dir, 'queue-id'), 'utf8').catch(() => '')).trim() || null;
    printJson({
      dir,
      queue: id,
      batches: files.length,
      bytes,
      oldest,
      newest,
      dead,
      damaged,
      gaps,
    });
    return EXIT.ok;
  }
  if (oldest === null || newest === null) print(say.queueEmpty);
  else
    print(
      `${say.queueHeld(files.length, sizeText(bytes, say.sizeUnits))}\n${say.queueSpan(oldest, newest)}`,
    );
  if (dead + damaged > 0) print(say.queueAside(dead, damaged));
  if (gaps.length > 0) {
    const sum = (key: 'batches' | 'samples'): number =>
      gaps.reduce((total, gap) => total + gap[key], 0);
    print(say.queueGaps(sum('batches'), sum('samples')));
  }
  return EXIT.ok;
};

async function readGaps(file: string): Promise<Gap[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Gap[];
  } catch {
    return [];
  }
}
