import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identify } from '../agent/identify.ts';
import type { KnownMiner, MinerContext } from '../agent/miner.ts';
import { readMiner } from '../agent/read.ts';
import type { Reading } from '../agent/reading.ts';
import { CUSTOM_MODELS } from './custom-models.ts';
import { startFarm } from './farm.ts';
import type { Farm, FarmMiner } from './farm.ts';
import type { Fault, FaultKind } from './faults.ts';
import { CCMINER_MODELS, MODELS } from './models.ts';
import type { Model } from './models.ts';
import { freshRange, open } from './raw-client.ts';

const NOW = new Date('2026-11-22T09:41:07Z');
const NOW_S = NOW.getTime() / 1000;
/** Web interfaces listen here, so that the test needs no privilege; the agent dials it for port 80. */
const HTTP_PORT = 8082;

const context: MinerContext = {
  signal: new AbortController().signal,
  dial: (host, port) => ({ host, port: port === 80 ? HTTP_PORT : port }),
  credentials: {},
};

/** VNish leaves it out. */
const SCHEME = /^stratum\+tcp:\/\//;

async function openPorts(host: string): Promise<number[]> {
  const open4 = await Promise.all(
    [4028, 4433, 80].map(async (port) => {
      try {
        const at = context.dial(host, port);
        (await open(at.host, at.port)).destroy();
        return [port];
      } catch {
        return [];
      }
    }),
  );
  return open4.flat();
}

async function meet(miner: FarmMiner): Promise<KnownMiner> {
  const result = await identify(miner.ip, await openPorts(miner.ip), context);
  if (result.kind !== 'miner') {
    throw new Error(`${miner.model ?? miner.family}: ${JSON.stringify(result.exchanges)}`);
  }
  return result.miner;
}

async function read(miner: FarmMiner): Promise<Reading> {
  const result = await readMiner(await meet(miner), context);
  if (!result.reachable) throw new Error(`${miner.model ?? miner.family}: ${result.detail}`);
  return result.reading;
}

/** Where a reading differs from the truth by more than the firmware's own rounding. */
function disagreements(miner: FarmMiner, reading: Reading): string[] {
  const truth = miner.at(NOW);
  const { reports } = miner;
  const found: string[] = [];
  const same = (what: string, value: unknown, expected: unknown): void => {
    if (isDeepStrictEqual(value, expected)) return;
    found.push(
      `${miner.model}: ${what} is ${JSON.stringify(value)}, not ${JSON.stringify(expected)}`,
    );
  };
  const near = (
    what: string,
    value: number | null | undefined,
    exact: number,
    by: number,
  ): void => {
    if (value == null || Math.abs(value - exact) > by) {
      found.push(`${miner.model}: ${what} is ${value}, not ${exact}`);
    }
  };
  same('problems', reading.quality.problems, []);
  same('MAC', reading.identity.mac, reports.mac ? miner.mac : null);
  same('make', reading.identity.make, miner.make);
  same('model', reading.identity.model, miner.model);
  near('hashrate', reading.hashrate.nowThs, truth.hashrateThs, 1e-3);
  if (reports.expected) near('expected', reading.hashrate.expectedThs, truth.expectedThs, 1e-3);
  // VNish tells it to the minute.
  const stepS = miner.family === 'vnish' ? 60 : 1;
  same('uptime', reading.state.uptimeS, truth.uptimeS - (truth.uptimeS % stepS));
  same(
    'fans',
    reading.fans.map((fan) => fan.rpm),
    reports.standingFans ? truth.fansRpm : truth.fansRpm.filter((rpm) => rpm > 0),
  );
  same('number of boards', reading.boards.length, truth.boards.length);
  for (const [index, board] of truth.boards.entries()) {
    near(`board ${index}`, reading.boards[index]?.hashrateThs, board.hashrateThs, 1e-3);
  }
  if (reports.chipTemp) near('chips', reading.thermal.chipMaxC, truth.chipMaxC, 0.51);
  if (reports.boardTemp) near('board sensors', reading.thermal.boardMaxC, truth.boardMaxC, 0.51);
  if (reports.ambient) near('air', reading.thermal.envC, truth.ambientC, 0.51);
  same('power', reading.power.watts, reports.power ? truth.powerW : null);
  same('accepted', reading.shares.accepted, truth.accepted);
  same('rejected', reading.shares.rejected, truth.rejected);
  same(
    'pools',
    reading.pools
      .filter(({ isDevFee }) => !isDevFee)
      .map(({ url, active, alive }) => ({ url: url?.replace(SCHEME, ''), active, alive })),
    truth.pools.map(({ url, active, alive }) => ({ url: url.replace(SCHEME, ''), active, alive })),
  );
  return found;
}

/** Reads every miner of a farm and collects what does not agree. */
async function readAll(farm: Farm): Promise<string[]> {
  const all = await Promise.all(
    farm.miners.map(async (miner) => disagreements(miner, await read(miner))),
  );
  return all.flat();
}

describe('the agent', () => {
  let farm: Farm;
  beforeAll(async () => {
    farm = await startFarm({
      range: freshRange(),
      miners: MODELS.length,
      seed: 6,
      httpPort: HTTP_PORT,
      clock: () => NOW,
    });
  });
  afterAll(() => farm.close());

  test.each(MODELS.map((model, index) => [model.type, index] as const))(
    'reads what is true of a healthy %s',
    async (_type, index) => {
      const miner = farm.miners[index];
      if (miner === undefined) throw new Error('no such miner');
      expect(disagreements(miner, await read(miner))).toEqual([]);
    },
  );

  test('has changed nothing', () => {
    expect(farm.writes).toEqual([]);
  });
});

const faultsOf = (kind: FaultKind) => (): Fault[] => [
  { kind, target: 1, window: { startS: NOW_S - 1500, lengthS: 3600 } },
];

describe('the agent, before a miner in trouble', () => {
  const kinds: FaultKind[] = ['board-missing', 'board-dead', 'fan', 'chips', 'overheat', 'pool'];
  test.each(kinds)('reads what is true: %s', async (kind) => {
    const farm = await startFarm({
      range: freshRange(),
      miners: MODELS.length,
      seed: 6,
      faults: faultsOf(kind),
      httpPort: HTTP_PORT,
      clock: () => NOW,
    });
    try {
      expect(await readAll(farm)).toEqual([]);
    } finally {
      await farm.close();
    }
  });

  test('sees that one sleeps', async () => {
    const sleepers: readonly Model[] = MODELS.filter(
      (model) => model.family === 'whatsminer' || model.family === 'avalon',
    );
    const farm = await startFarm({
      range: freshRange(),
      miners: sleepers.length,
      seed: 6,
      models: (index) => sleepers[index] ?? sleepers[0]!,
      faults: faultsOf('sleep'),
      httpPort: HTTP_PORT,
      clock: () => NOW,
    });
    try {
      for (const miner of farm.miners) {
        const reading = await read(miner);
        expect(reading.state.mining).toBe(false);
        expect(reading.hashrate.nowThs).toBe(0);
      }
    } finally {
      await farm.close();
    }
  });
});

describe('the agent, before machines of other algorithms', () => {
  const kinds: (FaultKind | null)[] = [null, 'board-missing', 'board-dead', 'fan', 'pool'];
  test.each(kinds)('reads what is true of Hammer, VolcMiner and Blackminer: %s', async (kind) => {
    const farm = await startFarm({
      range: freshRange(),
      miners: CCMINER_MODELS.length,
      seed: 6,
      models: (index) => CCMINER_MODELS[index] ?? CCMINER_MODELS[0]!,
      ...(kind === null ? {} : { faults: faultsOf(kind) }),
      httpPort: HTTP_PORT,
      clock: () => NOW,
    });
    try {
      expect(await readAll(farm)).toEqual([]);
      for (const miner of farm.miners) {
        const { nowThs } = (await read(miner)).hashrate;
        const exact = miner.at(NOW).hashrateThs;
        expect(Math.abs((nowThs ?? 0) - exact)).toBeLessThanOrEqual(exact * 1e-3);
      }
      expect(farm.writes).toEqual([]);
    } finally {
      await farm.close();
    }
  });
});

describe('the agent, before Antminers under custom firmware', () => {
  const kinds: (FaultKind | null)[] = [null, 'board-missing', 'board-dead', 'fan', 'chips', 'pool'];
  test.each(kinds)('reads what is true: %s', async (kind) => {
    const farm = await startFarm({
      range: freshRange(),
      miners: CUSTOM_MODELS.length,
      seed: 6,
      models: (index) => CUSTOM_MODELS[index] ?? CUSTOM_MODELS[0]!,
      ...(kind === null ? {} : { faults: faultsOf(kind) }),
      httpPort: HTTP_PORT,
      clock: () => NOW,
    });
    try {
      expect(await readAll(farm)).toEqual([]);
      expect(farm.writes).toEqual([]);
    } finally {
      await farm.close();
    }
  });
});

describe('the agent, before odd replies', () => {
  test('reads through every readable oddity and defect', async () => {
    const farm = await startFarm({
      range: freshRange(),
      miners: MODELS.length,
      seed: 6,
      behaviour: 'mixed',
      httpPort: HTTP_PORT,
      clock: () => NOW,
    });
    try {
      expect(await readAll(farm)).toEqual([]);
    } finally {
      await farm.close();
    }
  });

  test('takes no stranger for a miner', async () => {
    const farm = await startFarm({
      range: freshRange(),
      miners: 0,
      strangers: 2,
      seed: 6,
      httpPort: HTTP_PORT,
      clock: () => NOW,
    });
    try {
      for (const { ip } of farm.miners) {
        const result = await identify(ip, await openPorts(ip), context);
        expect(result.kind).toBe('unknown');
      }
    } finally {
      await farm.close();
    }
  });
});
