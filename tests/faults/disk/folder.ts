import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { secondOf } from './batches.ts';

/** Samples an agent says it has lost, all from one second to another. */
export interface NamedGap {
  id: string;
  reason: string;
  fromS: number;
  toS: number;
  batches: number;
  samples: number;
}

/** What a queue folder holds, read without any code of the agent. */
export interface FolderContent {
  /** Seconds of the whole batches. */
  held: Set<number>;
  /** Files under a batch's name that are none, and why. */
  damaged: string[];
  gaps: NamedGap[];
}

/** Reads a queue folder whose batches hold `samples` samples of one second each. */
export async function readFolder(queueDir: string, samples: number): Promise<FolderContent> {
  const content: FolderContent = { held: new Set(), damaged: [], gaps: [] };
  for (const name of await readdir(queueDir)) {
    if (!name.endsWith('.json.gz')) continue;
    try {
      content.held.add(secondOf(await readFile(join(queueDir, name)), samples));
    } catch (error) {
      content.damaged.push(`${name}: ${String(error)}`);
    }
  }
  const text = await readFile(join(queueDir, 'gaps.json'), 'utf8').catch(() => '[]');
  content.gaps = gapsIn(JSON.parse(text));
  return content;
}

/** The gaps of a list as the contract has them. */
export function gapsIn(list: unknown): NamedGap[] {
  const gaps = list as (Omit<NamedGap, 'fromS' | 'toS'> & { from: string; to: string })[];
  return gaps.map(({ id, reason, from, to, batches, samples }) => ({
    id,
    reason,
    fromS: Date.parse(from) / 1000,
    toS: Date.parse(to) / 1000,
    batches,
    samples,
  }));
}

export const isNamed = (second: number, gaps: readonly NamedGap[]): boolean =>
  gaps.some(({ fromS, toS }) => fromS <= second && second <= toS);
