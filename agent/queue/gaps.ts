import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { gap } from '#contract/sync.ts';
import type { SyncRequest } from '#contract/sync.ts';
import type { AgentClock, Stamp } from '../clock.ts';
import { shiftTime, sumOf } from './batch-file.ts';
import type { Extent } from './batch-file.ts';
import { writeDurably } from './durable.ts';
import type { Reserve } from './reserve.ts';

export type Gap = NonNullable<NonNullable<SyncRequest['agent']>['gaps']>[number];
export type GapReason = 'age' | 'bytes' | 'disk' | 'damaged' | 'refused' | 'memory';
/** `unsure`: of what timeline its times are, when that is still to be put right. */
export type Loss = Extent & { reason: GapReason; unsure: Stamp | null };

/** A gap that has gone out grows no more, so a long outage makes many; all in each batch would outgrow the batches. */
const MOST_OFFERED = 32;

const stored = gap
  .extend({
    unsure: z
      .object({ boot: z.string(), wall_ms: z.number(), monotonic_ms: z.number() })
      .optional(),
  })
  .array();
type Stored = z.output<typeof stored>[number];

/** What was dropped and the server does not know yet. */
export interface Gaps {
  pending(): Gap[];
  /** Writes losses down before what they name is deleted; counts nothing and rejects when the disk refuses. */
  record(losses: readonly Loss[]): Promise<void>;
  /** Counts what is lost already; on disk when it lets us, else with the next that is written. */
  count(losses: readonly Loss[]): Promise<void>;
  /** The oldest few, to go out with a batch: they may no longer grow. Those whose time is unsure wait. */
  offered(): Gap[];
  /** The server has recorded them. */
  taken(ids: readonly string[]): Promise<void>;
  /** Writes all down; rejects when the disk refuses. */
  save(): Promise<void>;
}

/** Gaps of a queue folder. Damage to the file costs the report, never the start. */
export async function openGaps(options: {
  dir: string;
  tmpDir: string;
  reserve: Reserve;
  clock: AgentClock;
}): Promise<Gaps> {
  const { clock, reserve } = options;
  const file = join(options.dir, 'gaps.json');
  let gaps: Stored[] = [];
  const shown = new Set<string>();
  try {
    // Of any other form, it would have the server refuse every batch it goes out with.
    gaps = stored.parse(JSON.parse(await readFile(file, 'utf8')));
    for (const { id } of gaps) shown.add(id);
  } catch {
    // None yet, or unreadable after a disk fault.
  }
  const save = (): Promise<void> =>
    reserve.lend(() => writeDurably(file, JSON.stringify(gaps), options.tmpDir));

  function take({ unsure, ...loss }: Loss): void {
    // A full disk drops thousands of batches one by one: one gap, while nobody has seen it.
    const index = gaps.findLastIndex(
      (each) =>
        each.reason === loss.reason &&
        !shown.has(each.id) &&
        (each.unsure?.boot ?? null) === (unsure?.boot ?? null),
    );
    const unseen = gaps[index];
    if (unseen) gaps[index] = { ...unseen, ...sumOf([unseen, loss]) };
    else gaps.push({ id: randomUUID(), ...loss, ...(unsure ? { unsure } : {}) });
  }

  /** Puts the times right, once that can be done. */
  function settle(): void {
    if (!clock.isSure()) return;
    gaps = gaps.map(({ unsure, ...known }) => {
      const shiftMs = unsure ? (clock.shiftOf(unsure) ?? 0) : 0;
      return {
        ...known,
        from: shiftTime(known.from, shiftMs),
        to: shiftTime(known.to, shiftMs),
      };
    });
  }

  return {
    pending: () => gap.array().parse(gaps),
    async record(losses) {
      const before = [...gaps];
      for (const loss of losses) take(loss);
      try {
        await save();
      } catch (error) {
        gaps = before;
        throw error;
      }
    },
    async count(losses) {
      for (const loss of losses) take(loss);
      await save().catch(() => undefined);
    },
    offered() {
      settle();
      const oldest = gaps.filter(({ unsure }) => !unsure).slice(0, MOST_OFFERED);
      for (const { id } of oldest) shown.add(id);
      return oldest;
    },
    async taken(ids) {
      const before = gaps.length;
      gaps = gaps.filter(({ id }) => !ids.includes(id));
      // Should the disk refuse: sent once more, and taken again.
      if (gaps.length !== before) await save().catch(() => undefined);
    },
    save,
  };
}
