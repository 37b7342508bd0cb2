import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { KnownMiner, MinerContext, ReadResult } from '../miner.ts';
import { emptyReading } from '../reading.ts';
import { makeTurns } from '../turns.ts';
import { makeCycle } from './cycle.ts';
import type { ReadMiner } from './cycle.ts';

const miner = (host: string): KnownMiner => ({
  host,
  port: 4028,
  family: 'f',
  identity: emptyReading().identity,
  memory: new Map(),
});
const good = (): ReadResult => ({
  reachable: true,
  reading: emptyReading(),
  durationMs: 1,
  exchanges: [],
});
const dead = (reason: 'timeout' | 'refused'): ReadResult => ({
  reachable: false,
  reason,
  detail: '',
  durationMs: 9,
  exchanges: [],
});

function setUp(read: ReadMiner, more: { intervalMs?: number; inFlight?: number } = {}) {
  const stop = new AbortController();
  const now = { ms: 0 };
  const context: MinerContext = {
    signal: stop.signal,
    dial: (host, port) => ({ host, port }),
    credentials: {},
  };
  const turns = makeTurns();
  const cycle = makeCycle({
    read,
    context,
    turns,
    intervalMs: more.intervalMs ?? 60_000,
    clock: { wall: () => 0, monotonic: () => now.ms },
    ...(more.inFlight ? { inFlight: more.inFlight } : {}),
  });
  return { cycle, stop, now, turns };
}

const silent = new Promise<never>(() => undefined);

describe('poll cycle', () => {
  it('asks a miner read over HTTP every ten seconds at most, others whenever it is time', async () => {
    const asked: string[] = [];
    const { cycle, now } = setUp(async ({ host }) => {
      asked.push(host);
      return good();
    });
    const miners = [miner('api'), { ...miner('web'), port: 80 }];
    for (const ms of [0, 2_000, 4_000, 10_000]) {
      now.ms = ms;
      await cycle(miners, () => undefined);
    }
    expect(asked.filter((host) => host === 'api')).toHaveLength(4);
    expect(asked.filter((host) => host === 'web')).toHaveLength(2);
  });

  it('yields a result for every miner, whatever each of them does', async () => {
    const { cycle } = setUp(async ({ host }) => {
      if (host === 'b') return dead('refused');
      if (host === 'c') throw new TypeError('a fault in a family');
      return good();
    });
    const results: Record<string, string> = {};
    const summary = await cycle(['a', 'b', 'c'].map(miner), ({ host }, result) => {
      results[host] = result.reachable ? 'read' : `${result.reason} ${result.detail}`;
    });
    expect(results).toEqual({
      a: 'read',
      b: 'refused ',
      c: 'not_understood f: TypeError: a fault in a family',
    });
    expect(summary).toMatchObject({ miners: 3, reachable: 1, rested: 0, skipped: 0 });
  });

  it('has no more conversations under way than it may', async () => {
    let open = 0;
    let most = 0;
    const { cycle } = setUp(
      async () => {
        open += 1;
        most = Math.max(most, open);
        await tick();
        open -= 1;
        return good();
      },
      { inFlight: 5 },
    );
    await cycle(
      Array.from({ length: 40 }, (_, i) => miner(`m${i}`)),
      () => undefined,
    );
    expect(most).toBe(5);
  });

  it('ends a conversation at its deadline, even one that ignores its signal', async () => {
    const { cycle } = setUp(() => silent, { intervalMs: 20 });
    const reasons: string[] = [];
    const onResult = (_: KnownMiner, result: ReadResult): void => {
      if (!result.reachable) reasons.push(result.detail);
    };
    const stuck = [miner('a')];
    await cycle(stuck, onResult);
    expect(reasons).toEqual(['no reading within 16 ms']);
  });

  it('starts no second conversation while the first has not ended', async () => {
    let asked = 0;
    const { cycle, now } = setUp(
      () => {
        asked += 1;
        return silent;
      },
      { intervalMs: 20 },
    );
    const stuck = [miner('a')];
    await cycle(stuck, () => undefined);
    now.ms = 60_000;
    const details: string[] = [];
    await cycle(stuck, (_, result) => {
      if (!result.reachable) details.push(result.detail);
    });
    expect(asked).toBe(1);
    expect(details).toEqual(['the last conversation with it has not ended']);
  });

  it('waits for a scan to leave the device alone', async () => {
    const { cycle, turns } = setUp(async () => good());
    const gate = Promise.withResolvers<void>();
    const scanning = turns.take('a', () => gate.promise);
    let done = false;
    const polling = cycle([miner('a')], () => (done = true));
    await tick();
    expect(done).toBe(false);
    gate.resolve();
    await Promise.all([scanning, polling]);
    expect(done).toBe(true);
  });

  it('asks a dead miner less and less often, down to every five minutes, with a sample every time', async () => {
    const askedAt: number[] = [];
    const { cycle, now } = setUp(async () => {
      askedAt.push(now.ms / 60_000);
      return dead('timeout');
    });
    const one = [miner('a')];
    let samples = 0;
    for (let slot = 0; slot < 24; slot += 1) {
      now.ms = slot * 60_000;
      await cycle(one, (_, result) => {
        expect(result.reachable).toBe(false);
        samples += 1;
      });
    }
    expect(askedAt).toEqual([0, 1, 3, 7, 12, 17, 22]);
    expect(samples).toBe(24);
  });

  it('asks a miner that refuses every time: it answers at once, and may be booting', async () => {
    let asked = 0;
    const { cycle, now } = setUp(async () => {
      asked += 1;
      return dead('refused');
    });
    const one = [miner('a')];
    for (let slot = 0; slot < 5; slot += 1) {
      now.ms = slot * 60_000;
      await cycle(one, () => undefined);
    }
    expect(asked).toBe(5);
  });

  it('says nothing of miners it had no time to ask', async () => {
    const { cycle, now } = setUp(
      async () => {
        now.ms += 10_000;
        return good();
      },
      { inFlight: 1 },
    );
    let samples = 0;
    const summary = await cycle(
      Array.from({ length: 10 }, (_, i) => miner(`m${i}`)),
      () => {
        samples += 1;
      },
    );
    expect(summary).toMatchObject({ reachable: 6, skipped: 4 });
    expect(samples).toBe(6);
  });

  it('does not call a miner unreachable because the agent is stopping', async () => {
    const { cycle, stop } = setUp((_, { signal }) => {
      stop.abort();
      return Promise.reject(signal.reason);
    });
    let samples = 0;
    const summary = await cycle([miner('a'), miner('b')], () => (samples += 1));
    expect(samples).toBe(0);
    expect(summary.skipped).toBe(2);
  });
});
