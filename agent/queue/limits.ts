import type { AgentClock } from '../clock.ts';
import type { QueueLimits } from './folder.ts';
import type { GapReason } from './gaps.ts';
import type { Held, HeldList } from './held.ts';

const DISK_BLOCK = 4096;
const blocksOf = (bytes: number): number => Math.ceil(bytes / DISK_BLOCK);

/** The oldest on disk whose files make room for one of `bytes`, and a block for its name. */
export function oldestFor(bytes: number, list: HeldList): Held[] {
  let wanted = blocksOf(bytes) + 1;
  const victims: Held[] = [];
  for (const batch of list.all()) {
    if (batch.gz || wanted <= 0) break;
    victims.push(batch);
    wanted -= blocksOf(batch.bytes);
  }
  return victims;
}

/** What of the oldest on disk is beyond a limit, by reason; never the newest. `shortBytes`: missing on the disk for others. */
export function beyond(
  limits: QueueLimits,
  { list, clock, shortBytes }: { list: HeldList; clock: AgentClock; shortBytes: number },
): Map<GapReason, Held[]> {
  const { batches, bytes } = list.onDisk();
  const victims = new Map<GapReason, Held[]>();
  // Until the server has said the time, a wrong clock must not age anything.
  const agedBefore = clock.isSure() ? clock.wall() - limits.maxAgeMs : Number.NEGATIVE_INFINITY;
  let left = bytes;
  function reasonFor({ unsure, sealedAt }: Held): GapReason | null {
    if (!unsure && sealedAt.getTime() < agedBefore) return 'age';
    if (left > limits.maxBytes) return 'bytes';
    return left > limits.keepBytes && bytes - left < shortBytes ? 'disk' : null;
  }
  for (const [index, batch] of list.all().entries()) {
    const reason = index < batches - 1 ? reasonFor(batch) : null;
    if (reason === null) break;
    victims.set(reason, [...(victims.get(reason) ?? []), batch]);
    left -= batch.bytes;
  }
  return victims;
}
