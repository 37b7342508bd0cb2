import { describe, expect, it, vi } from 'vitest';
import type { SyncRequest } from '#contract/sync.ts';
import type { Stamp } from './clock.ts';
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
  const stamps: (Stamp | null)[] = [];
  const queue = {
    async append(body: SyncRequest, stamp: Stamp | null = null) {
      await append(body);
      stamps.push(stamp);
      return { seq: kept.push(body), sha256: '' };
    },
    async lost(bodies: readonly SyncRequest[]) {
      lost.push(...bodies);
    },
  } as Pick<Queue, 'append' | 'lost'> as Queue;
  const sealer = makeSealer({ queue, identity, log, onSealed: (seq) => sealed.push(seq) });
  return { sealer, kept, lost, sealed, stamps };
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

  it('makes one batch of a cycle that just fills it', async () => {
    const { sealer, kept } = setUp();
    for (let index = 0; index < 1000; index += 1) sealer.sample(sample(index));
    sealer.cycleEnd(cycle);
    await sealer.close(1000);
    expect(kept.map((body) => [body.miner_stats?.length, body.agent?.cycle])).toEqual([
      [1000, cycle],
    ]);
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

  it('counts what does not fit while the disk hangs, and recovers', async () => {
    const disk = Promise.withResolvers<void>();
    const { sealer, kept, lost } = setUp(() => disk.promise);
    for (let minute = 0; minute < 60; minute += 1) {
      sealer.sample(sample(minute));
      sealer.cycleEnd(cycle);
    }
    disk.resolve();
    await sealer.close(1000);
    // The first was on its way to the disk all the time: it is both kept and counted.
    expect(kept).toHaveLength(51);
    expect(lost).toHaveLength(10);
    expect(lost[0]?.miner_stats).toEqual([sample(0)]);
  });

  it('counts a batch that cannot be sealed at all, and goes on', async () => {
    let broken = true;
    const { sealer, kept, lost } = setUp(async () => {
      if (broken) throw new TypeError('a fault');
    });
    sealer.sample(sample(1));
    sealer.cycleEnd(cycle);
    await vi.waitFor(() => expect(lost).toHaveLength(1));
    broken = false;
    sealer.cycleEnd(cycle);
    await sealer.close(1000);
    expect(kept).toHaveLength(1);
  });

  it('does not wait for a hung disk for ever when it closes', async () => {
    const { sealer } = setUp(() => new Promise(() => undefined));
    sealer.sample(sample(1));
    sealer.cycleEnd(cycle);
    await expect(sealer.close(20)).resolves.toBeUndefined();
  });

  it('does not mix samples of a confirmed clock with those of one that is not', async () => {
    const { sealer, kept, stamps } = setUp();
    const stamp = { boot: 'b', wall_ms: 1, monotonic_ms: 2 };
    sealer.sample(sample(1), stamp);
    sealer.sample(sample(2), stamp);
    sealer.sample(sample(3));
    sealer.cycleEnd(cycle);
    sealer.cycleEnd(cycle, stamp);
    sealer.scanEnd([], report, stamp);
    await sealer.close(1000);
    expect(kept.map(({ miner_stats }) => miner_stats?.length)).toEqual([2, 1, 0, 0]);
    expect(stamps).toEqual([stamp, null, stamp, stamp]);
  });
});
