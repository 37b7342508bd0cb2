import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { families } from '../agent/families/index.ts';
import { agentOn, disagreements } from './agreement.ts';
import { ALL_MODELS } from './all-models.ts';
import { startFarm } from './farm.ts';
import type { Farm } from './farm.ts';
import type { Fault, FaultKind } from './faults.ts';
import { needsWeb, websOf } from './families/index.ts';
import { FORK_MODELS } from './fork-models.ts';
import { ask, converse, freshRange, open } from './raw-client.ts';
import { WEB_MODELS } from './web-models.ts';

const NOW = new Date('2026-11-22T09:41:07Z');
const NOW_S = NOW.getTime() / 1000;
const HTTP_PORT = 8083;
const OTHERS = [...FORK_MODELS, ...WEB_MODELS];

const agent = agentOn(HTTP_PORT);

const farmOf = (faults?: (index: number) => Fault[]): Promise<Farm> =>
  startFarm({
    range: freshRange(32),
    miners: OTHERS.length,
    seed: 6,
    models: (index) => OTHERS[index]!,
    ...(faults ? { faults } : {}),
    httpPort: HTTP_PORT,
    clock: () => NOW,
  });

test('every family the agent knows has a simulated model', () => {
  const simulated = new Set<string>(ALL_MODELS.map(({ family }) => family));
  expect(families.map(({ id }) => id).filter((id) => !simulated.has(id))).toEqual([]);
});

test('without port 80 these are not to be identified', () => {
  expect(ALL_MODELS.filter(needsWeb).map(({ type }) => type)).toEqual([
    'BM1370 602',
    'NerdQAxe++',
    'DG1+',
    'Rig',
    'Apollo II',
    'B8',
    'DWM_BTC1000',
    'M1',
    'SC1 Slim',
  ]);
});

describe('the agent, before the rarer families', () => {
  let farm: Farm;
  beforeAll(async () => {
    farm = await farmOf();
  });
  afterAll(() => farm.close());

  test.each(OTHERS.map((model, index) => [`${model.family} ${model.type}`, index] as const))(
    'reads what is true of %s',
    async (_name, index) => {
      const miner = farm.miners[index]!;
      expect(disagreements(miner, await agent.read(miner), miner.at(NOW))).toEqual([]);
    },
  );

  test('has changed nothing', () => {
    expect(farm.writes).toEqual([]);
  });

  test('finds nothing on 4028 of a Bitaxe', async () => {
    const bitaxe = farm.miners.find(({ family }) => family === 'bitaxe')!;
    await expect(open(bitaxe.ip, 4028)).rejects.toThrow(/ECONNREFUSED/);
  });

  const locked = OTHERS.flatMap((model, index) =>
    websOf(model).flatMap((web) => (web.session ? [[model.family, index, web] as const] : [])),
  );
  test.each(locked)('%s shows nothing to who has no session', async (_family, index, web) => {
    const { ip } = farm.miners[index]!;
    const { body, status = 200 } = web.session!.wanted;
    const response = await fetch(`http://${ip}:${web.port ?? HTTP_PORT}/api/of/no/name`, {
      headers: { token: 'made up', authorization: 'Bearer made-up', cookie: 'sid=made-up' },
      redirect: 'manual',
    });
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  test('answers cgminer as a web server does, where it is one: ePIC', async () => {
    const epic = farm.miners.find(({ family }) => family === 'epic')!;
    const { bytes } = await converse(epic.ip, 4028, ['{"command":"version"}']);
    expect(bytes.toString()).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('answers lines on one connection and refuses to write: IceRiver', async () => {
    const iceriver = farm.miners.find(({ family }) => family === 'iceriver')!;
    const { bytes } = await converse(
      iceriver.ip,
      4111,
      ['{"id":"boardpow"}\n{"id":', '"fan"}\n{"id":"reboot"}\n'],
      200,
    );
    const [power, fan, reboot] = bytes.toString().split('\n');
    expect(JSON.parse(power!)).toMatchObject({
      id: 'boardpow',
      ret: { code: 0, rtpow: `${(iceriver.at(NOW).hashrateThs * 1e3).toFixed(2)}G` },
    });
    expect(JSON.parse(fan!)).toMatchObject({ ret: { fans: iceriver.at(NOW).fansRpm } });
    expect(JSON.parse(reboot!)).toEqual({ id: 'reboot', ret: { code: 1 } });
    expect(farm.writes).toEqual([{ ip: iceriver.ip, request: '{"id":"reboot"}' }]);
  });

  test('a client that breaks off hurts nobody: IceRiver', async () => {
    const { ip } = farm.miners.find(({ family }) => family === 'iceriver')!;
    const rude = await open(ip, 4111);
    rude.write('{"id":"bo');
    await sleep(50);
    rude.resetAndDestroy();
    await sleep(50);
    const { bytes } = await converse(ip, 4111, ['{"id":"fan"}\n'], 200);
    expect(bytes.toString()).toContain('"fans":');
  });

  test('does not believe the five-second rate of a SealMiner', async () => {
    const sealminer = farm.miners.find(({ family }) => family === 'sealminer')!;
    const summary = JSON.parse(await ask(sealminer.ip, 'summary')) as {
      SUMMARY: { 'MHS 5s': number }[];
    };
    const truth = sealminer.at(NOW);
    expect(summary.SUMMARY[0]!['MHS 5s'] / 1e6).toBeGreaterThan(1.3 * truth.hashrateThs);
  });
});

test.each(['board-missing', 'fan', 'pool'] as const)(
  'the agent reads what is true of the rarer families in trouble: %s',
  async (kind: FaultKind) => {
    const farm = await farmOf((index) =>
      // Without its only board a stick under cgminer says nothing.
      kind === 'board-missing' && OTHERS[index]?.boards === 1
        ? []
        : [{ kind, target: 1, window: { startS: NOW_S - 1500, lengthS: 3600 } }],
    );
    try {
      expect(await agent.readAll(farm, NOW)).toEqual([]);
      expect(farm.writes).toEqual([]);
    } finally {
      await farm.close();
    }
  },
);
