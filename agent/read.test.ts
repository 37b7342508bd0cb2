import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { KnownMiner } from './miner.ts';
import { memoryOf } from './device.ts';
import { readMiner } from './read.ts';
import { makeTurns } from './turns.ts';
import { emptyReading } from './reading.ts';
import { cgminer, loopbackDevice } from './testing/loopback-device.ts';

const recorded = z.object({ replies: z.record(z.string(), z.string()) });

function repliesOf(recording: string): Record<string, string> {
  const path = join(import.meta.dirname, 'families', recording);
  return recorded.parse(JSON.parse(readFileSync(path, 'utf8'))).replies;
}

const S19 = repliesOf('antminer-stock/recordings/classic-three-boards.json');
const M30 = repliesOf('whatsminer/recordings/cgminer-envelope-four-boards.json');
const A15 = repliesOf('avalon/recordings/a15.json');

function known(family: string, port = 4028): KnownMiner {
  const { identity } = emptyReading();
  return { host: '127.0.0.1', port, family, identity, memory: new Map() };
}

/** As the firmwares join: each member a list of one whole reply, in an order of their own. */
function joining(replies: Record<string, string>): Record<string, string> {
  return new Proxy(replies, {
    get: (all, command: string) => {
      if (!command.includes('+')) return all[command];
      const refusal = '{"STATUS":[{"STATUS":"E","Code":14,"Msg":"Invalid command"}]}';
      const members = command.split('+').reverse();
      return `{${members.map((name) => `"${name}":[${all[name] ?? refusal}]`).join(',')},"id":1}`;
    },
  });
}

const POLLS = [
  ['antminer-stock', S19, 101.2505],
  ['whatsminer', M30, 111.40000025],
  ['avalon', A15, 150.9000005],
] as const;

describe.each(POLLS)('%s', (family, replies, nowThs) => {
  it('costs one connection a poll where the firmware joins', async () => {
    await using device = await loopbackDevice({ 4028: cgminer(joining(replies)) });
    const miner = known(family);
    await readMiner(miner, device.context);
    device.connections.clear();
    const read = await readMiner(miner, device.context);
    expect(read).toMatchObject({ reachable: true, reading: { hashrate: { nowThs } } });
    expect(device.connections.get(4028)).toBe(1);
  });

  it('learns that the firmware does not join, and asks singly', async () => {
    await using device = await loopbackDevice({ 4028: cgminer(replies) });
    const miner = known(family);
    await readMiner(miner, device.context);
    device.connections.clear();
    const read = await readMiner(miner, device.context);
    expect(read).toMatchObject({ reachable: true, reading: { hashrate: { nowThs } } });
    expect(device.connections.get(4028)).toBe(3);
  });

  it('keeps what the hourly requests said', async () => {
    await using device = await loopbackDevice({ 4028: cgminer(joining(replies)) });
    const miner = known(family);
    const first = await readMiner(miner, device.context);
    const second = await readMiner(miner, device.context);
    expect(second).toMatchObject({ reading: { identity: miner.identity } });
    expect(first).toMatchObject({ reading: { identity: miner.identity } });
    expect(miner.identity.model).not.toBeNull();
  });
});

it('lets a request that fails cost its own fields only', async () => {
  await using device = await loopbackDevice({
    4028: {
      tcp: (socket) => {
        socket.once('data', (bytes) => {
          const command = /"command":"([^"]+)"/.exec(bytes.toString())?.[1] ?? '';
          if (command.includes('pools')) socket.resetAndDestroy();
          else socket.end(`${S19[command] ?? ''}\0`);
        });
      },
    },
  });
  const read = await readMiner(known('antminer-stock'), device.context);
  expect(read).toMatchObject({
    reachable: true,
    reading: { hashrate: { nowThs: 101.2505 }, pools: [], quality: { partial: true } },
  });
  expect(JSON.stringify(read)).toMatch(/"problems":\["pools: /);
});

it('asks again what was lost on the way', async () => {
  let lost = 0;
  await using device = await loopbackDevice({
    4028: {
      tcp: (socket) => {
        socket.once('data', (bytes) => {
          const command = /"command":"([^"]+)"/.exec(bytes.toString())?.[1] ?? '';
          // Only the tail of a reply arrives, once.
          if (command === 'stats' && lost++ === 0) socket.end(',"id":1}\0');
          else socket.end(`${S19[command] ?? '{"STATUS":[{"STATUS":"E"}]}'}\0`);
        });
      },
    },
  });
  const read = await readMiner(known('antminer-stock'), device.context);
  expect(read).toMatchObject({ reading: { boards: [{}, {}, {}], quality: { partial: false } } });
});

it('marks a reading partial when a reply was cut short', async () => {
  const cut = { ...S19, stats: S19['stats']!.slice(0, -40) };
  await using device = await loopbackDevice({ 4028: cgminer(cut) });
  const read = await readMiner(known('antminer-stock'), device.context);
  expect(read).toMatchObject({ reachable: true, reading: { quality: { partial: true } } });
});

describe('says why a miner is not reachable', () => {
  it.each([
    ['refused', null],
    ['empty', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
    ['not_understood', (socket: Socket) => socket.end('Socket connect failed\n')],
    [
      'not_understood',
      (socket: Socket) => socket.end('{"STATUS":[{"STATUS":"E","Code":45,"Msg":"Access denied"}]}'),
    ],
  ])('%s', async (reason, answer) => {
    await using device = await loopbackDevice(
      answer ? { 4028: { tcp: (socket) => socket.once('data', () => answer(socket)) } } : {},
    );
    const read = await readMiner(known('antminer-stock'), device.context);
    expect(read).toMatchObject({ reachable: false, reason });
  });

  it('without hammering a port that is refused', async () => {
    await using device = await loopbackDevice({});
    const read = await readMiner(known('whatsminer'), device.context);
    expect(read.exchanges).toHaveLength(1);
  });
});

it('takes another MAC for another machine', async () => {
  const replies: Record<string, string> = { ...M30 };
  await using device = await loopbackDevice({ 4028: cgminer(joining(replies)) });
  const miner = known('whatsminer');
  await readMiner(miner, device.context);
  expect(miner.identity).toMatchObject({ mac: 'c60720000001', model: 'M30S++' });
  replies['summary'] = replies['summary']!.replace('C6:07:20:00:00:01', 'C6:07:20:00:00:02');
  const read = await readMiner(miner, device.context);
  // Nothing of the old machine's identity, and the hourly requests at the next poll.
  expect(read).toMatchObject({ reading: { identity: { mac: 'c60720000002', model: null } } });
  await readMiner(miner, device.context);
  expect(miner.identity).toMatchObject({ mac: 'c60720000002', model: 'M30S++' });
});

it('has one conversation with a device at a time', async () => {
  let inService = 0;
  const seen: number[] = [];
  await using device = await loopbackDevice({
    4028: {
      tcp: (socket) => {
        seen.push(++inService);
        socket.once('data', (bytes) => {
          const command = /"command":"([^"]+)"/.exec(bytes.toString())?.[1] ?? '';
          setTimeout(() => {
            inService--;
            socket.end(`${S19[command] ?? '{"STATUS":[{"STATUS":"E"}]}'}\0`);
          }, 5);
        });
      },
    },
  });
  const miner = known('antminer-stock');
  const turns = makeTurns();
  const read = () => readMiner(miner, device.context);
  await Promise.all([1, 2, 3, 4].map(() => turns.take(miner.host, read)));
  expect(seen.length).toBeGreaterThan(12);
  expect(new Set(seen)).toEqual(new Set([1]));
});

it('tries the vendor login, then the configured one, then leaves the account alone', async () => {
  const tried: string[] = [];
  await using device = await loopbackDevice({
    80: {
      http: (request, response) => {
        const user = /username="([^"]+)"/.exec(request.headers.authorization ?? '')?.[1];
        if (user) tried.push(user);
        const challenge = 'Digest realm="antMiner Configuration", nonce="1", qop="auth"';
        response.writeHead(401, { 'www-authenticate': challenge }).end();
      },
    },
  });
  const context = {
    ...device.context,
    credentials: {
      'antminer-stock': ['farm', 'never'].map((user) => ({ user, password: 'x' })),
    },
  };
  const miner = known('antminer-stock', 80);
  expect(await readMiner(miner, context)).toMatchObject({ reachable: false, reason: 'auth' });
  expect(await readMiner(miner, context)).toMatchObject({ reachable: false, reason: 'auth' });
  expect(new Set(tried)).toEqual(new Set(['root', 'farm']));
  expect(tried.length).toBeLessThanOrEqual(4);
});

it('asks a machine that stands still why', async () => {
  const still = {
    ...S19,
    summary: S19['summary']!.replace('"GHS 5s": 101250.5', '"GHS 5s": 0'),
  };
  const pages: string[] = [];
  await using device = await loopbackDevice({
    4028: cgminer(still),
    80: {
      http: (request, response) => {
        pages.push(request.url ?? '');
        if (request.url === '/cgi-bin/get_miner_conf.cgi') {
          response.end('{"bitmain-fan-ctrl" : ,"bitmain-work-mode":"1"}');
        } else response.writeHead(404).end();
      },
    },
  });
  const miner = known('antminer-stock');
  expect(await readMiner(miner, device.context)).toMatchObject({
    reading: { hashrate: { nowThs: 0 }, state: { mining: false, text: 'sleeping' } },
  });
  expect(pages).toContain('/cgi-bin/get_miner_conf.cgi');
});

it('reads what is open to everybody where the password was changed', async () => {
  const web = repliesOf('vnish/recordings/web-mining.json');
  let attempts = 0;
  await using device = await loopbackDevice({
    80: {
      http: (request, response) => {
        const path = request.url ?? '';
        if (path === '/api/v1/unlock') attempts++;
        const page = /unlock|settings/.test(path) ? undefined : web[path];
        response.writeHead(page === undefined ? 403 : 200).end(page ?? '{}');
      },
    },
  });
  const miner = known('vnish', 80);
  for (const _ of [1, 2, 3]) {
    const read = await readMiner(miner, device.context);
    expect(read).toMatchObject({ reachable: true, reading: { hashrate: { nowThs: 197 } } });
  }
  expect(attempts).toBe(1);
});

describe('tells a restart', () => {
  const MINUTE_MS = 60_000;

  /** The readings of a machine that says these uptimes, a minute between them. */
  async function restarts(uptimes: readonly number[]): Promise<(boolean | null)[]> {
    const told: (boolean | null)[] = [];
    let uptimeS = 0;
    await using device = await loopbackDevice({
      4028: {
        tcp: (socket) =>
          socket.once('data', (bytes) => {
            const command = /"command":"([^"]+)"/.exec(bytes.toString())?.[1] ?? '';
            const reply = S19[command] ?? '{"STATUS":[{"STATUS":"E","Code":14,"Msg":"x"}]}';
            socket.end(`${reply.replaceAll(/"Elapsed": ?\d+/g, `"Elapsed": ${uptimeS}`)}\0`);
          }),
      },
    });
    const miner = known('antminer-stock');
    for (const each of uptimes) {
      uptimeS = each;
      const read = await readMiner(miner, device.context);
      told.push(read.reachable ? read.reading.state.restarted : null);
      // The minute that goes by.
      const memory = memoryOf(miner.memory);
      if (memory.readAt !== null) memory.readAt -= MINUTE_MS;
    }
    return told;
  }

  it('when it runs for a shorter time than before, once', async () => {
    expect(await restarts([5_000, 5_060, 20, 80])).toEqual([null, false, true, false]);
  });

  it('not when the number only comes from another clock', async () => {
    expect(await restarts([90_000, 5_000, 5_060])).toEqual([null, false, false]);
  });
});
