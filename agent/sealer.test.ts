import { describe, expect, it, vi } from 'vitest';
import type { SyncRequest } from '#contract/sync.ts';
import type { Queue } from './queue/queue.ts';
import { makeSealer } from './sealer.ts';

const identity = { version: '1.2.3', boot: 'boot' };
const log = { error: () => undefined, info: () => undefined };
const sample = (index: number) => ({
  ip_address: `10.0.${index >> 8}.${index & 255}`,
  timestamp: 't',
});
const report = {
  started_at: 't',
  finished_at: 't',
  ranges: [],
  addresses: 0,
  identified: 0,
  unknown: 0,
  silent: 0,
  refused: 0,
  excluded: 0,
  unknown_devices: [],
};
const cycle = { at: 't', duration_ms: 5, miners: 0, reachable: 0 };

function setUp(append: (body: SyncRequest) => Promise<void> = async () => undefined) {
  const kept: SyncRequest[] = [];
  const lost: SyncRequest[] = [];
  const sealed: number[] = [];
  const queue = {
    async append(body: SyncRequest) {
      await append(body);
      return { seq: kept.push(body), sha256: '' };
    },
    async lost(bodies: readonly SyncRequest[]) {
      lost.push(...bodies);
    },
  } as Pick<Queue, 'append' | 'lost'> as Queue;
  const sealer = makeSealer({ queue, identity, log, onSealed: (seq) => sealed.push(seq) });
  return { sealer, kept, lost, sealed };
}

describe('sealer', () => {
  it('makes one batch of a cycle, with its report', async () => {
    const { sealer, kept, sealed } = setUp();
    sealer.sample(sample(1));
    sealer.sample(sample(2));
    sealer.cycleEnd(cycle);
    await sealer.close(1000);
    expect(kept).toEqual([
      {
        discovered_miners: [],
        miner_stats: [sample(1), sample(2)],
        agent: { ...identity, cycle },
      },
    ]);
    expect(sealed).toEqual([1]);
  });

  it('seals an empty cycle too: it says that the agent is alive', async () => {
    const { sealer, kept } = setUp();
    sealer.cycleEnd(cycle);
    await sealer.close(1000);
    expect(kept).toHaveLength(1);
  });

  it('splits a large cycle and a large scan, and leaves samples out of the scan', async () => {
    const { sealer, kept } = setUp();
    for (let index = 0; index < 2500; index += 1) sealer.sample(sample(index));
    const found = Array.from({ length: 1500 }, (_, index) => ({ ip_address: `10.1.0.${index}` }));
    sealer.scanEnd(found, report);
    sealer.cycleEnd(cycle);
    await sealer.close(1000);
    expect(kept.map((body) => body.miner_stats?.length)).toEqual([1000, 1000, 0, 0, 500]);
    expect(kept.map((body) => body.discovered_miners?.length)).toEqual([0, 0, 1000, 500, 0]);
    expect(kept.map((body) => body.scan !== undefined)).toEqual([false, false, true, false, false]);
  });

  it('seals what is open when it closes', async () => {
    const { sealer, kept } = setUp();
    sealer.sample(sample(1));
    await sealer.close(1000);
    expect(kept[0]?.miner_stats).toEqual([sample(1)]);
  });

  it('keeps batches in memory while the disk refuses, counts what does not fit, and recovers', async () => {
    vi.useFakeTimers();
    try {
      let refusing = true;
      const { sealer, kept, lost } = setUp(async () => {
        if (refusing) throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
      });
      for (let minute = 0; minute < 60; minute += 1) {
        sealer.sample(sample(minute));
        sealer.cycleEnd(cycle);
      }
      await vi.advanceTimersByTimeAsync(5000);
      expect(kept).toEqual([]);
      refusing = false;
      await vi.advanceTimersByTimeAsync(60_000);
      await sealer.close(1000);
      expect(kept).toHaveLength(50);
      expect(lost).toHaveLength(10);
      expect(lost[0]?.miner_stats).toEqual([sample(0)]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not wait for a dead disk for ever when it closes', async () => {
    const { sealer, lost } = setUp(async () => {
      throw new Error('dead disk');
    });
    sealer.sample(sample(1));
    sealer.cycleEnd(cycle);
    await expect(sealer.close(20)).resolves.toBeUndefined();
    // A gap takes less room than a batch.
    expect(lost.map(({ miner_stats }) => miner_stats)).toEqual([[sample(1)]]);
  });
});
