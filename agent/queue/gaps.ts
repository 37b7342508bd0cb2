import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gap } from '#contract/sync.ts';
import type { SyncRequest } from '#contract/sync.ts';
import { sumOf } from './batch-file.ts';
import { writeDurably } from './durable.ts';

export type Gap = NonNullable<NonNullable<SyncRequest['agent']>['gaps']>[number];
export type GapReason = 'age' | 'bytes' | 'disk' | 'damaged' | 'refused' | 'memory';
export type Loss = Omit<Gap, 'id' | 'reason'> & { reason: GapReason };

/** A gap that has gone out grows no more, so a long outage makes many; all in each batch would outgrow the batches. */
const MOST_OFFERED = 32;

/** What was dropped and the server does not know yet. */
export interface Gaps {
  pending(): Gap[];
  /** Counts a loss; on disk before this resolves, and counted also when the disk refuses. */
  add(loss: Loss): Promise<void>;
  /** The oldest few, to go out with a batch: they may no longer grow. */
  offered(): Gap[];
  /** The server has recorded them. */
  taken(ids: readonly string[]): Promise<void>;
}

/** Gaps of a queue folder. Damage to the file costs the report, never the start. */
export async function openGaps(dir: string, tmpDir: string): Promise<Gaps> {
  const file = join(dir, 'gaps.json');
  let gaps: Gap[] = [];
  const shown = new Set<string>();
  try {
    // Of any other form, it would have the server refuse every batch it goes out with.
    gaps = gap.array().parse(JSON.parse(await readFile(file, 'utf8')));
    for (const { id } of gaps) shown.add(id);
  } catch {
    // None yet, or unreadable after a disk fault.
  }
  const save = (): Promise<void> => writeDurably(file, JSON.stringify(gaps), tmpDir);

  return {
    pending: () => [...gaps],
    async add(loss) {
      // A full disk drops thousands of batches one by one: one gap, while nobody has seen it.
      const unseen = gaps.findLast(({ id, reason }) => reason === loss.reason && !shown.has(id));
      if (unseen) {
        Object.assign(unseen, sumOf([unseen, loss]));
      } else {
        gaps.push({ id: randomUUID(), ...loss });
      }
      await save();
    },
    offered() {
      const oldest = gaps.slice(0, MOST_OFFERED);
      for (const { id } of oldest) shown.add(id);
      return oldest;
    },
    async taken(ids) {
      const before = gaps.length;
      gaps = gaps.filter(({ id }) => !ids.includes(id));
      if (gaps.length !== before) await save();
    },
  };
}
