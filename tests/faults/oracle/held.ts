import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { SyncRequest } from '../../../contract/sync.ts';

export interface HeldSamples {
  /** "<miner> <second>". */
  samples: Set<string>;
  /** Gaps the server has not taken yet. */
  gaps: { id: string; fromS: number; toS: number; samples: number }[];
}

/**
 * What lies in a queue folder, read without any code of the agent. Batches set aside are not held: the agent says
 * that they are lost.
 */
export async function heldIn(queueDir: string): Promise<HeldSamples> {
  const samples = new Set<string>();
  for (const name of await readdir(queueDir).catch(() => [])) {
    if (!name.endsWith('.json.gz')) continue;
    try {
      const body = JSON.parse(
        gunzipSync(await readFile(join(queueDir, name))).toString(),
      ) as SyncRequest;
      for (const { mac, timestamp } of body.miner_stats ?? []) {
        samples.add(`${Number.parseInt((mac ?? '').slice(4), 16)} ${Date.parse(timestamp) / 1000}`);
      }
    } catch {
      // Damaged: it holds nothing.
    }
  }
  const text = await readFile(join(queueDir, 'gaps.json'), 'utf8').catch(() => '[]');
  const gaps = JSON.parse(text) as {
    id: string;
    from: string;
    to: string;
    samples: number;
  }[];
  return {
    samples,
    gaps: gaps.map((gap) => ({
      id: gap.id,
      fromS: Date.parse(gap.from) / 1000,
      toS: Date.parse(gap.to) / 1000,
      samples: gap.samples,
    })),
  };
}
