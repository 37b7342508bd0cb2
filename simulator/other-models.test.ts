import { afterAll, beforeAll, expect, test } from 'vitest';
import { identify } from '../agent/identify.ts';
import type { MinerContext } from '../agent/miner.ts';
import { readMiner } from '../agent/read.ts';
import type { Reading } from '../agent/reading.ts';
import { startFarm } from './farm.ts';
import type { Farm, FarmMiner } from './farm.ts';
import { OTHER_MODELS } from './other-models.ts';
import { ask, freshRange, open } from './raw-client.ts';

const NOW = new Date('2026-11-22T09:41:07Z');
const HTTP_PORT = 8083;

const context: MinerContext = {
  signal: new AbortController().signal,
  dial: (host, port) => ({ host, port: port === 80 ? HTTP_PORT : port }),
  credentials: {},
};

let farm: Farm;
beforeAll(async () => {
  farm = await startFarm({
    range: freshRange(),
    miners: OTHER_MODELS.length,
    seed: 6,
    models: (index) => OTHER_MODELS[index] ?? OTHER_MODELS[0]!,
    httpPort: HTTP_PORT,
    clock: () => NOW,
  });
});
afterAll(() => farm.close());

async function read(miner: FarmMiner): Promise<Reading> {
  const result = await identify(miner.ip, [miner.port], context);
  if (result.kind !== 'miner') throw new Error(`unknown: ${JSON.stringify(result.exchanges)}`);
  expect(result.miner).toMatchObject({ family: miner.family, port: miner.port });
  const said = await readMiner(result.miner, context);
  if (!said.reachable) throw new Error(said.detail);
  return said.reading;
}

test.each(OTHER_MODELS.map((model, index) => [model.family, index] as const))(
  'the agent reads what is true of a %s',
  async (_family, index) => {
    const miner = farm.miners[index]!;
    const truth = miner.at(NOW);
    const reading = await read(miner);
    const { identity, hashrate, boards, fans, power, shares, state, thermal } = reading;
    expect(reading.quality.problems).toEqual([]);
    expect(identity).toMatchObject({ mac: miner.mac, make: miner.make, model: miner.model });
    expect(hashrate.nowThs).toBeCloseTo(truth.hashrateThs, 4);
    expect(hashrate.expectedThs).toBeCloseTo(truth.expectedThs, 4);
    expect(boards.map(({ chips }) => chips)).toEqual(truth.boards.map(({ chips }) => chips));
    expect(fans.map(({ rpm }) => rpm)).toEqual(truth.fansRpm);
    expect(power.watts).toBe(truth.powerW);
    expect(Math.abs((thermal.chipMaxC ?? 0) - truth.chipMaxC)).toBeLessThan(0.51);
    expect(state.uptimeS).toBe(truth.uptimeS);
    expect(shares).toMatchObject({ accepted: truth.accepted, rejected: truth.rejected });
    expect(farm.writes).toEqual([]);
  },
);

test('a Bitaxe has no cgminer API', async () => {
  const bitaxe = farm.miners.find(({ family }) => family === 'bitaxe')!;
  await expect(open(bitaxe.ip, 4028)).rejects.toThrow(/ECONNREFUSED/);
});

test('the five-second rate of a SealMiner is not to be believed', async () => {
  const sealminer = farm.miners.find(({ family }) => family === 'sealminer')!;
  const summary = JSON.parse(await ask(sealminer.ip, 'summary')) as {
    SUMMARY: { 'MHS 5s': number }[];
  };
  const truth = sealminer.at(NOW);
  expect(summary.SUMMARY[0]!['MHS 5s'] / 1e6).toBeGreaterThan(1.3 * truth.hashrateThs);
});
