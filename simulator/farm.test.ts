import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual, promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { FarmOptionError, takeAddresses } from './addresses.ts';
import { startFarm } from './farm.ts';
import type { FarmOptions } from './farm.ts';
import type { Fault } from './faults.ts';
import { ask, converse, freshRange, open } from './raw-client.ts';
import type { Behaviour } from './simulated-miner.ts';
import { listen } from './socket-server.ts';
import { TRANSPORTS } from './transport.ts';

const NOW = new Date('2026-11-22T09:41:07Z');
const HTTP_PORT = 8081;

async function withFarm(
  options: Partial<FarmOptions>,
  use: (farm: Awaited<ReturnType<typeof startFarm>>, first: string) => Promise<void>,
): Promise<void> {
  const farm = await startFarm({
    range: freshRange(),
    miners: 1,
    seed: 2,
    httpPort: HTTP_PORT,
    clock: () => NOW,
    ...options,
  });
  try {
    await use(farm, farm.miners[0]?.ip ?? '');
  } finally {
    await farm.close();
  }
}

/** Sockets open in this process; that no timer stays is shown by the command line's end. */
const openHandles = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((kind) => kind.startsWith('TCP'))
    .toSorted();

describe('a farm', () => {
  test('leaves nothing behind when it is closed, not even waiting clients', async () => {
    const before = openHandles();
    const farm = await startFarm({
      range: freshRange(),
      miners: 8,
      seed: 2,
      faults: ['vanish', 'move'],
      strangers: 2,
      httpPort: HTTP_PORT,
      latency: 'real',
    });
    const { ip } = farm.miners[0] ?? { ip: '' };
    const waiting = await Promise.all([open(ip, 4028), open(ip, 4028)]);
    const gone = waiting.map(
      (socket) =>
        new Promise((resolve) => {
          socket.on('error', () => {});
          socket.once('close', resolve);
        }),
    );
    await farm.close();
    for (const socket of waiting) socket.resume();
    await Promise.all(gone);
    await expect(open(ip, 4028)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await until(() => Promise.resolve(isDeepStrictEqual(openHandles(), before)));
  });

  test('is the same again with the same seed', async () => {
    const range = freshRange();
    const look = async (seed: number): Promise<unknown> => {
      const farm = await startFarm({ range, miners: 6, seed, httpPort: HTTP_PORT });
      const seen = farm.miners.map((miner) => [miner.ip, miner.mac, miner.at(NOW).hashrateThs]);
      await farm.close();
      return seen;
    };
    const first = await look(3);
    expect(await look(3)).toEqual(first);
    expect(await look(4)).not.toEqual(first);
  });

  test.each(['10.0.0.0/24', '127.0.0.0/4', '127.0.0.0', 'localhost'])(
    'refuses the range %s and says what to give',
    async (range) => {
      const starting = startFarm({ range, miners: 1, seed: 1 });
      await expect(starting).rejects.toThrow(FarmOptionError);
      await expect(starting).rejects.toThrow('127.20.0.0/24');
    },
  );

  test('refuses more miners than the range has room for', async () => {
    const starting = startFarm({ range: '127.9.9.0/29', miners: 50, seed: 1 });
    await expect(starting).rejects.toThrow('room for 7 devices, 50 are wanted');
  });

  test('ends what it began when a port is taken', async () => {
    const range = freshRange();
    const [, second = ''] = takeAddresses(range, 2);
    const squatter = await listen(second, 4028, (socket) => socket.destroy());
    const starting = startFarm({ range, miners: 14, seed: 1, httpPort: HTTP_PORT });
    await expect(starting).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await promisify(squatter.close.bind(squatter))();
    await withFarm({ range, miners: 14 }, async (_farm, ip) => {
      expect(await ask(ip, 'version')).toContain('VERSION');
    });
  });

  test('closes the ports of a miner that vanishes and opens them when it is back', async () => {
    let now = NOW;
    const fault: Fault = {
      kind: 'vanish',
      target: 0,
      window: { startS: NOW.getTime() / 1000 + 100, lengthS: 100 },
    };
    await withFarm({ faults: () => [fault], clock: () => now }, async (_farm, ip) => {
      expect(await ask(ip, 'version')).toContain('Antminer');
      now = new Date(NOW.getTime() + 150_000);
      await until(() => refuses(ip));
      now = new Date(NOW.getTime() + 250_000);
      await until(async () => !(await refuses(ip)));
      expect(await ask(ip, 'summary')).toContain('"Elapsed":50,');
    });
  });

  test('moves a miner to another address, MAC and all', async () => {
    let now = NOW;
    const fault: Fault = {
      kind: 'move',
      target: 0,
      window: { startS: NOW.getTime() / 1000 + 100, lengthS: 100 },
    };
    await withFarm({ faults: () => [fault], clock: () => now }, async (farm, ip) => {
      const [miner] = farm.miners;
      now = new Date(NOW.getTime() + 150_000);
      await until(() => refuses(ip));
      expect(miner?.ip).not.toBe(ip);
      expect(miner?.at(now).address).toBe(miner?.ip);
      expect(miner?.at(NOW).address).toBe(ip);
      await until(async () => !(await refuses(miner?.ip ?? '')));
    });
  });

  test('has devices that are no miners', async () => {
    await withFarm({ strangers: 2 }, async (farm) => {
      const [webServer, garbage] = farm.miners.slice(1);
      expect(webServer).toMatchObject({ identifiable: false, family: 'web-server', port: 8081 });
      expect(garbage).toMatchObject({ identifiable: false, family: 'garbage', port: 4028 });
      const page = await converse(webServer?.ip ?? '', HTTP_PORT, ['GET / HTTP/1.1\r\n\r\n']);
      expect(page.bytes.toString()).toContain('Welcome to nginx!');
      const noise = await converse(garbage?.ip ?? '', 4028, ['{"command":"version"}']);
      expect(noise.bytes[0]).toBe(0x05);
      expect(() => JSON.parse(noise.bytes.toString()) as unknown).toThrow(SyntaxError);
    });
  });
});

describe('a request', () => {
  test('in two segments is half a request', async () => {
    await withFarm({}, async (_farm, ip) => {
      const { bytes } = await converse(ip, 4028, ['{"command":', '"summary"}']);
      expect(bytes.toString()).toContain('"Code":23,"Msg":"Invalid JSON"');
    });
  });

  test('waits until the one before it is served', async () => {
    await withFarm({}, async (_farm, ip) => {
      const first = await open(ip, 4028);
      const order: string[] = [];
      const second = converse(ip, 4028, ['{"command":"version"}']).then(() => order.push('second'));
      await sleep(50);
      expect(order).toEqual([]);
      first.on('close', () => order.unshift('first'));
      first.resume();
      first.write('{"command":"version"}');
      await second;
      expect(order).toEqual(['first', 'second']);
    });
  });

  test.each([
    ['{}', 24],
    ['{"command":7}', 24],
    ['[]', 14],
    ['"x', 14],
    ['{"command":"constructor"}', 14],
    ['{"command":"config"}', 45],
  ])('%s gets code %i', async (sent, code) => {
    await withFarm({}, async (_farm, ip) => {
      const { bytes } = await converse(ip, 4028, [sent]);
      expect(bytes.toString()).toMatch(new RegExp(`Code"?[:=]${code},`));
    });
  });
});

const versionWith = async (behaviour: Partial<Behaviour>): ReturnType<typeof converse> => {
  let heard: Awaited<ReturnType<typeof converse>> | undefined;
  await withFarm({ behaviour: () => behaviour }, async (_farm, ip) => {
    heard = await converse(ip, 4028, ['{"command":"version"}'], 300);
  });
  if (heard === undefined) throw new Error('nothing was heard');
  return heard;
};

describe('a reply', () => {
  test('ends with one NUL and a close', async () => {
    const { bytes, ended } = await versionWith({});
    expect(bytes.toString()).toMatch(/"id":1\}\0$/);
    expect(ended).toBe('close');
  });

  test('may end with two, or none', async () => {
    const two = await versionWith({ transport: TRANSPORTS['two-nuls'] });
    expect(two.bytes.toString()).toMatch(/\}\0\0$/);
    const none = await versionWith({ transport: TRANSPORTS['no-nul'] });
    expect(none.bytes.toString()).toMatch(/\}$/);
  });

  test('may leave the connection open', async () => {
    const { bytes, ended } = await versionWith({ transport: TRANSPORTS['keep-open'] });
    expect(bytes.toString()).toContain('VERSION');
    expect(ended).toBe('silence');
  });

  test('may come in parts, late, or in drips, and is whole', async () => {
    const { bytes: whole } = await versionWith({});
    for (const name of ['split', 'drip'] as const) {
      expect((await versionWith({ transport: TRANSPORTS[name] })).bytes).toEqual(whole);
    }
    const late = await versionWith({
      transport: { ...TRANSPORTS['slow-first-byte'], firstByteDelayMs: 100 },
    });
    expect(late.bytes).toEqual(whole);
  });

  test('may be cut, reset, or never come', async () => {
    const cut = await versionWith({ transport: TRANSPORTS.truncated });
    expect(cut.ended).toBe('close');
    expect(() => JSON.parse(cut.bytes.toString()) as unknown).toThrow(SyntaxError);
    expect((await versionWith({ transport: TRANSPORTS.reset })).ended).toBe('reset');
    const silence = await versionWith({ transport: TRANSPORTS.hang });
    expect(silence).toMatchObject({ ended: 'silence', bytes: Buffer.alloc(0) });
  });

  test('may be spoilt, always or now and then', async () => {
    const spoilt = await versionWith({ defect: 'trailing-bytes' });
    expect(spoilt.bytes.toString()).toMatch(/"id":1\}"\}\0$/);
    await withFarm(
      { behaviour: () => ({ defect: 'trailing-bytes', defectShare: 0.5 }) },
      async (_farm, ip) => {
        const replies: string[] = [];
        for (let turn = 0; turn < 24; turn += 1) replies.push(await ask(ip, 'version'));
        const bad = replies.filter((reply) => reply.endsWith('"}')).length;
        expect(bad).toBeGreaterThan(3);
        expect(bad).toBeLessThan(21);
      },
    );
  });
});

async function refuses(ip: string): Promise<boolean> {
  try {
    (await open(ip, 4028)).destroy();
    return false;
  } catch (error) {
    // A connection that came between two looks of the farm is reset: it is closing, but not closed.
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error('it never came true');
}
