import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openQueue } from '../../../agent/queue/queue.ts';
import { batchOf } from './batches.ts';
import { readFolder } from './folder.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Starts the queue on a folder that a crash has left, with no hand helping, and says what is wrong: each batch in
 * `held` must be loaded, and the batch of `firstS`, a new one, be kept.
 */
export async function judgeNextStart(
  queueDir: string,
  { held, samples, firstS }: { held: ReadonlySet<number>; samples: number; firstS: number },
): Promise<string[]> {
  const wrong: string[] = [];
  try {
    const queue = await openQueue({ dir: queueDir, log: silent });
    await queue.append(batchOf(firstS, samples));
    // A list of its own: what cannot be loaded leaves the queue's.
    for (const seq of queue.held().map((batch) => batch.seq)) {
      if (!(await queue.load(seq))) wrong.push(`the next start cannot load batch ${seq}`);
    }
    await queue.close();
    const after = await readFolder(queueDir, samples);
    const gone = [...held].filter((second) => !after.held.has(second));
    if (gone.length > 0) wrong.push(`lost by the next start: ${gone.join()}`);
    if (!after.held.has(firstS)) wrong.push('the next start keeps nothing');
    const leftovers = await readdir(join(queueDir, 'tmp'));
    if (leftovers.length > 0) wrong.push(`the next start leaves ${leftovers.length} files in tmp/`);
  } catch (error) {
    wrong.push(`the next start fails: ${String(error)}`);
  }
  return wrong;
}
