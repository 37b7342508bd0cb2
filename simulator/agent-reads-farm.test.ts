import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentOn, disagreements } from './agreement.ts';
import { CUSTOM_MODELS } from './custom-models.ts';
import { startFarm } from './farm.ts';
import type { Farm } from './farm.ts';
import type { Fault, FaultKind } from './faults.ts';
import { CCMINER_MODELS, MODELS } from './models.ts';
import type { Model } from './models.ts';
import { freshRange } from './raw-client.ts';

const NOW = new Date('2026-11-22T09:41:07Z');
const NOW_S = NOW.getTime() / 1000;
/** Web interfaces listen here, so that the test needs no privilege; the agent dials it for port 80. */
const HTTP_PORT = 8082;

const agent = agentOn(HTTP_PORT);

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
      expect(disagreements(miner, await agent.read(miner), miner.at(NOW))).toEqual([]);
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
      expect(await agent.readAll(farm, NOW)).toEqual([]);
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
        const reading = await agent.read(miner);
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
      expect(await agent.readAll(farm, NOW)).toEqual([]);
      for (const miner of farm.miners) {
        const { nowThs } = (await agent.read(miner)).hashrate;
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
      expect(await agent.readAll(farm, NOW)).toEqual([]);
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
      expect(await agent.readAll(farm, NOW)).toEqual([]);
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
        const result = await agent.identify(ip);
        expect(result.kind).toBe('unknown');
      }
    } finally {
      await farm.close();
    }
  });
});
