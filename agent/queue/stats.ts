import type { SyncRequest } from '#contract/sync.ts';
import type { Gap } from './gaps.ts';

type AgentReport = NonNullable<SyncRequest['agent']>;

export interface QueueStats {
  /** On disk and in memory. */
  batches: number;
  bytes: number;
  oldest: Date | null;
  newest: Date | null;
  gaps: Gap[];
  /** `memory` while the disk refuses. */
  state: 'disk' | 'memory';
  inMemory: { batches: number; bytes: number };
  /** Files set aside: refused by the server, damaged. */
  dead: number;
  damaged: number;
  /** What last went wrong with the disk or the server, and when. */
  lastError: { at: Date; text: string } | null;
}

/** How the queue is, as it goes out with each batch. */
export function reportOf(
  stats: QueueStats,
  gaps: Gap[],
  clockErrorMs: number | null,
): Pick<AgentReport, 'backlog' | 'gaps' | 'clock_error_ms' | 'queue'> {
  const { batches, bytes, oldest, state, inMemory, dead, damaged, lastError } = stats;
  return {
    backlog: { batches, bytes, oldest: oldest?.toISOString() ?? null },
    ...(gaps.length > 0 ? { gaps } : {}),
    clock_error_ms: clockErrorMs,
    queue: {
      state,
      in_memory: inMemory.batches,
      dead,
      damaged,
      last_error: lastError && `${lastError.at.toISOString()} ${lastError.text}`,
    },
  };
}
