import { afterAll, beforeAll, expect, test } from 'vitest';
import { minerSample } from '#contract/miner.ts';
import { deadline } from '../../agent/deadline.ts';
import { identify } from '../../agent/identify.ts';
import type { KnownMiner, MinerContext, ReadResult } from '../../agent/miner.ts';
import { makeCycle } from '../../agent/poll/cycle.ts';
import type { CycleSummary } from '../../agent/poll/cycle.ts';
import { machineClock } from '../../agent/clock.ts';
import { readMiner } from '../../agent/read.ts';
import { emptyReading } from '../../agent/reading.ts';
import { toSample } from '../../agent/sample.ts';
import { makeTurns } from '../../agent/turns.ts';
import { startFarm } from '../farm.ts';
import type { Farm } from '../farm.ts';
import { HOSTILE_KINDS, startHostile } from './index.ts';
import type { HostileFarm } from './index.ts';

const GOOD = 60;
const EACH_KIND = 1;
const WEB_PORT = 8084;
/** A device may take 80 % of it. */
const INTERVAL_MS = 10_000;
const CYCLES = 2;

const dialled = new Set<string>();
const context: MinerContext = {
  signal: new AbortController().signal,
  dial: (host, port) => {
    dialled.add(host);
    return { host, port: port === 80 ? WEB_PORT : port };
  },
  credentials: {},
};

/** The first three numbers of an own /24, beside those that `freshRange` gives out. */
const own = (block: number): string =>
  `127.${block + (process.pid & 31)}.${(process.pid >> 5) & 255}`;

let farm: Farm | undefined;
let hostile: HostileFarm;
const goodHosts = new Set<string>();
const cycles: { summary: CycleSummary; results: Map<string, ReadResult> }[] = [];
const known = new Map<string, KnownMiner>();

beforeAll(async () => {
  farm = await startFarm({ range: `${own(192)}.0/24`, miners: GOOD, seed: 1, httpPort: WEB_PORT });
  hostile = await startHostile({
    addresses: Array.from(
      { length: HOSTILE_KINDS.length * EACH_KIND },
      (_, index) => `${own(224)}.${index + 1}`,
    ),
    portOf: (port) => (port === 80 ? WEB_PORT : port),
  });

  await Promise.all([
    ...farm.miners.map(async ({ ip, make }) => {
      goodHosts.add(ip);
      const found = await identify(ip, make === null ? [4028] : [4028, 80], context);
      if (found.kind === 'miner') known.set(ip, found.miner);
    }),
    ...hostile.devices.map(async ({ kind, address }) =>
      known.set(address, await meet(kind.port, address)),
    ),
  ]);

  const cycle = makeCycle({
    read: readMiner,
    context,
    turns: makeTurns(),
    intervalMs: INTERVAL_MS,
    // Cycles follow upon each other here; for the agent an interval has gone by.
    clock: {
      wall: () => machineClock.wall(),
      monotonic: () => machineClock.monotonic() + cycles.length * INTERVAL_MS,
    },
  });
  for (let count = 0; count < CYCLES; count += 1) {
    const results = new Map<string, ReadResult>();
    const summary = await cycle([...known.values()], ({ host }, result) =>
      results.set(host, result),
    );
    cycles.push({ summary, results });
  }
}, 120_000);

afterAll(async () => {
  await farm?.close();
  await hostile?.[Symbol.asyncDispose]();
});

/** As a scan would know it; one that hides is taken for what its port says, so that it is polled all the same. */
async function meet(port: number, host: string): Promise<KnownMiner> {
  using limit = deadline(context.signal, INTERVAL_MS / 2);
  const found = await identify(host, [port], { ...context, signal: limit.signal }).catch(
    () => null,
  );
  if (found?.kind === 'miner') return found.miner;
  return {
    host,
    port,
    family: 'antminer-stock',
    identity: emptyReading().identity,
    memory: new Map(),
  };
}

test('every good miner is known and has a sample with a hashrate in every cycle', () => {
  expect([...goodHosts].filter((host) => !known.has(host))).toEqual([]);
  for (const { summary, results } of cycles) {
    expect(summary.skipped).toBe(0);
    const lost = [...goodHosts].filter((host) => {
      const result = results.get(host);
      return !result?.reachable || result.reading.hashrate.nowThs === null;
    });
    expect(lost).toEqual([]);
  }
});

test('every hostile device has a result in every cycle, and one conversation at a time', () => {
  for (const { results } of cycles) {
    expect(hostile.devices.filter(({ address }) => !results.has(address))).toEqual([]);
  }
  const crowded = hostile.devices.filter(({ mostAtOnce }) => mostAtOnce > 1);
  expect(crowded.map(({ kind }) => kind.name)).toEqual([]);
});

test('what they say becomes a sample of the contract, without a number or a text beyond its range', () => {
  const outside: string[] = [];
  for (const { results } of cycles) {
    for (const [host, result] of results) {
      const sample = toSample(known.get(host)!, new Date(), result);
      minerSample.parse(sample);
      walk(JSON.parse(JSON.stringify(sample)), (value) => {
        const isGood =
          typeof value === 'number'
            ? Math.abs(value) <= Number.MAX_SAFE_INTEGER
            : value.length <= 300 && value.isWellFormed() && !hasControls(value);
        if (!isGood) outside.push(`${host}: ${String(value).slice(0, 80)}`);
      });
    }
  }
  expect(outside).toEqual([]);
  expect(Object.prototype).not.toHaveProperty('polluted');
});

test('nobody is sent anywhere else, and a password that is refused is not shown again', () => {
  expect([...dialled].filter((host) => !known.has(host))).toEqual([]);
  const asking = hostile.devices.filter(({ kind }) => kind.name === 'asks-again');
  expect(asking.map(({ logins }) => logins)).toEqual(asking.map(() => 1));
});

const hasControls = (text: string): boolean =>
  Array.from(text).some((char) => char < ' ' || char === '\u007f');

function walk(value: unknown, see: (leaf: string | number) => void): void {
  if (typeof value === 'string' || typeof value === 'number') see(value);
  else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) walk(inner, see);
  }
}
