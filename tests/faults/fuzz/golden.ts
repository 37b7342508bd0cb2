import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../../../server/features/ingest/read-json.ts';
import { mix } from '../../../simulator/random.ts';
import { PROJECT } from '../../../simulator/services/project.ts';

type Tree = Record<string, unknown>;

const FOLDER = join(PROJECT, 'contract/goldens/v1');
/** What agents really send, parsed. */
const GOLDENS = readdirSync(FOLDER).map(
  (name) => readJson(readFileSync(join(FOLDER, name))) as Tree,
);

/** How many kinds of it there are. */
export const GOLDEN_COUNT = GOLDENS.length;

/**
 * A recorded body that tells case `index` from every other: by the address of each miner and by its own batch number.
 * `at` is the time of its samples.
 */
export function goldenOf(which: number, index: number, at: Date): Tree {
  const body = structuredClone(GOLDENS[which % GOLDENS.length]!);
  for (const list of ['miner_stats', 'discovered_miners']) {
    for (const [n, item] of ((body[list] as Tree[] | undefined) ?? []).entries()) {
      item['ip_address'] = addressOf(index);
      item['port'] = portOf(index, n);
      delete item['serial'];
      if (item['mac'] !== undefined) {
        item['mac'] =
          `02ff${index.toString(16).padStart(6, '0')}${n.toString(16).padStart(2, '0')}`;
      }
      if (item['timestamp'] !== undefined) item['timestamp'] = at.toISOString();
    }
  }
  if (body['batch'] !== undefined) {
    body['batch'] = {
      queue: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
      seq: index,
    };
  }
  return body;
}

/** Never dialled: only written down. */
function addressOf(index: number): string {
  return `127.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

/** Belongs to the address, so that an address changed to that of another case is recognised. */
function portOf(index: number, n: number): number {
  return 10_000 + (mix(index, 1) % 6_000) * 8 + (n % 8);
}

/** The case whose miner this is; null: of none, a spoilt one. */
export function caseAt(address: string, port: number): number | null {
  const match = /^127\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (!match) return null;
  const [, high = 0, middle = 0, low = 0] = match.map(Number);
  const index = (high << 16) | (middle << 8) | low;
  return port - (port % 8) === portOf(index, 0) ? index : null;
}
