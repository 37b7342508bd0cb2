import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable.ts';
import { emptyFolder, readHeld } from './folder.ts';
import type { HeldList } from './held.ts';
import { ownFolder } from './owner.ts';
import { openSequence } from './sequence.ts';
import type { Sequence } from './sequence.ts';

/** A queue's folder and its name. Every step can be done again when the disk has refused it. */
export interface Home {
  /** Does what is not done yet: makes the folders, owns them, clears `tmp/`, reads what is held, settles the id. */
  prepare(): Promise<void>;
  /** Reads what is held, once: also when nothing can be written, it can be sent. */
  readIn(): Promise<void>;
  /** Stands from the first `prepare` that resolves. */
  id(): string;
  renewId(): Promise<void>;
  nextSeq(): Promise<number>;
  close(): Promise<void>;
}

export function openHome(options: { dir: string; list: HeldList; report: () => object }): Home {
  const { dir, list } = options;
  const at = (name: string): string => join(dir, name);
  let owner: Awaited<ReturnType<typeof ownFolder>> | null = null;
  let isCleared = false;
  let isRead = false;
  let id: string = randomUUID();
  let sequence: Sequence | null = null;

  async function readIn(): Promise<void> {
    if (isRead) return;
    list.addOlder(await readHeld(dir));
    isRead = true;
  }

  async function renewId(): Promise<void> {
    const fresh: string = randomUUID();
    await writeDurably(at('queue-id'), `${fresh}\n`, at('tmp'));
    id = fresh;
  }

  async function prepare(): Promise<Sequence> {
    for (const name of ['tmp', 'dead', 'damaged', 'odd']) {
      await mkdir(at(name), { recursive: true, mode: 0o700 });
    }
    owner ??= await ownFolder(dir, options.report);
    if (!isCleared) await emptyFolder(at('tmp'));
    isCleared = true;
    await readIn();
    if (sequence) return sequence;
    const { batches } = list.onDisk();
    const opened = await openSequence(dir, at('tmp'), list.all()[batches - 1]?.seq ?? 0);
    const stored = (await readFile(at('queue-id'), 'utf8').catch(() => '')).trim();
    if (/^[0-9a-f-]{36}$/.test(stored) && opened.isContinued) id = stored;
    else await renewId();
    sequence = opened;
    return opened;
  }

  return {
    async prepare() {
      await prepare();
    },
    readIn,
    id: () => id,
    renewId,
    nextSeq: async () => (sequence ?? (await prepare())).next(),
    async close() {
      await sequence?.close().catch(() => undefined);
      await owner?.release();
    },
  };
}
