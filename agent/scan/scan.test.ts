import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Exchange, IdentifyResult, KnownMiner, MinerContext } from '../miner.ts';
import { planAddresses } from '../ranges.ts';
import { memoryOf } from '../device.ts';
import { emptyReading } from '../reading.ts';
import { makeTurns } from '../turns.ts';
import { tryConnect } from './connect.ts';
import { makeScanMemory } from './scan-memory.ts';
import { scan } from './scan.ts';
import type { Identify } from './scan.ts';

const RANGE = '127.83.4.0/28';
const addresses = planAddresses({
  networks: [RANGE],
  exclude: ['127.83.4.1'],
  allow: ['loopback'],
});

/** Real listeners on loopback; ports above 1024 stand for the privileged ones. */
async function listening(places: [host: string, port: number][]): Promise<AsyncDisposable> {
  const servers = await Promise.all(
    places.map(
      ([host, port]) =>
        new Promise<Server>((resolve, reject) => {
          const server = createServer((socket) => socket.destroy());
          server.once('error', reject);
          server.listen(dial(host, port).port, host, () => resolve(server));
        }),
    ),
  );
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((each) => new Promise((resolve) => each.close(resolve))));
    },
  };
}

const dial = (host: string, port: number) => ({ host, port: 41_000 + (port % 1000) });
const context = (): MinerContext => ({
  signal: new AbortController().signal,
  dial,
  credentials: {},
});
const exchange = (error: string | null, reply: string | null = null): Exchange => ({
  request: '4028 version',
  durationMs: 1,
  reply,
  error,
});
const miner = (host: string): IdentifyResult => ({
  kind: 'miner',
  evidence: [],
  exchanges: [],
  miner: {
    host,
    port: 4028,
    family: 'f',
    identity: emptyReading().identity,
    memory: new Map(),
  },
});

/** A miner of the roster, as the last poll left it. */
const known = (host: string, readAgoMs: number): KnownMiner => {
  const { miner: one } = miner(host) as { miner: KnownMiner };
  Object.assign(memoryOf(one.memory), {
    readAt: Date.now() - readAgoMs,
    identifiedAt: Date.now() - 60_000,
  });
  return one;
};

describe('scan', () => {
  it('accounts for every address: miners, strangers, refused and silent', async () => {
    await using _ = await listening([
      ['127.83.4.2', 4028],
      ['127.83.4.2', 80],
      ['127.83.4.3', 80],
      ['127.83.4.4', 4433],
    ]);
    const silent = new Set(['127.83.4.6', '127.83.4.7']);
    const asked: string[] = [];
    const identify: Identify = async (host, openPorts) => {
      asked.push(`${host} ${[...openPorts].join(',')}`);
      if (host !== '127.83.4.3') return miner(host);
      return {
        kind: 'unknown',
        host,
        openPorts: [80],
        exchanges: [exchange(null, 'HTTP/1.1\r\n\tPrinter')],
      };
    };
    const result = await scan({
      addresses,
      ports: [4028, 80, 4433],
      sockets: 64,
      identify,
      context: context(),
      turns: makeTurns(),
      connect: async (host, port, ms) => (silent.has(host) ? 'silent' : tryConnect(host, port, ms)),
    });
    expect(asked.sort()).toEqual(['127.83.4.2 4028,80', '127.83.4.3 80', '127.83.4.4 4433']);
    expect(result.report).toMatchObject({
      ranges: [RANGE],
      addresses: 13,
      identified: 2,
      unknown: 1,
      silent: 2,
      refused: 8,
      excluded: 1,
      unknown_devices: [
        {
          ip_address: '127.83.4.3',
          open_ports: [80],
          heard: '4028 version: HTTP/1.1 Printer',
        },
      ],
    });
    expect(result.miners.map(({ host }) => host).sort()).toEqual(['127.83.4.2', '127.83.4.4']);
  });

  it('looks a second time at hosts that were cut short, never at those that spoke', async () => {
    await using _ = await listening([
      ['127.83.4.2', 4028],
      ['127.83.4.3', 4028],
      ['127.83.4.4', 4028],
    ]);
    const looks = new Map<string, number>();
    const result = await scan({
      addresses,
      ports: [4028, 80],
      sockets: 64,
      context: context(),
      turns: makeTurns(),
      async identify(host) {
        const look = (looks.get(host) ?? 0) + 1;
        looks.set(host, look);
        if (host === '127.83.4.2' && look === 2) return miner(host);
        if (host === '127.83.4.4') throw new Error('a fault in a family');
        const exchanges = [host === '127.83.4.2' ? exchange('timeout') : exchange(null, 'hello')];
        return { kind: 'unknown', host, openPorts: [4028], exchanges };
      },
    });
    expect(Object.fromEntries(looks)).toEqual({
      '127.83.4.2': 2,
      '127.83.4.3': 1,
      '127.83.4.4': 2,
    });
    expect(result.report).toMatchObject({ identified: 1, unknown: 2 });
  });

  it('leaves alone the miners that polls read, and asks a printer again only after a while', async () => {
    await using _ = await listening([
      ['127.83.4.2', 4028],
      ['127.83.4.3', 4028],
      ['127.83.4.4', 80],
    ]);
    const touched: string[] = [];
    const looks: string[] = [];
    const memory = makeScanMemory();
    const once = (readAgoMs: number) =>
      scan({
        addresses,
        ports: [4028, 80],
        sockets: 64,
        context: context(),
        turns: makeTurns(),
        known: [known('127.83.4.2', 5_000), known('127.83.4.3', readAgoMs)],
        memory,
        connect: (host, port, ms) => {
          touched.push(host);
          return tryConnect(host, port, ms);
        },
        identify: async (host) => {
          looks.push(host);
          if (host !== '127.83.4.4') return miner(host);
          const exchanges = [exchange(null, 'HTTP 200\n\nPrinter of 192.168.7.9')];
          return { kind: 'unknown', host, openPorts: [80], exchanges };
        },
      });
    const first = await once(3_600_000);
    expect(touched).not.toContain('127.83.4.2');
    expect(looks.sort()).toEqual(['127.83.4.3', '127.83.4.4']);
    expect(first.report).toMatchObject({ addresses: 13, identified: 2, unknown: 1 });
    expect(first.report.unknown_file?.devices).toMatchObject([
      {
        name: 'device-1',
        open_ports: [80],
        replies: [{ reply: expect.stringContaining('Printer of 192.0.2.1') }],
      },
    ]);
    looks.length = 0;
    const second = await once(5_000);
    expect(looks).toEqual([]);
    expect(second.report).toMatchObject({ identified: 2, unknown: 1 });
    // The server has it.
    expect(second.report.unknown_file).toBeUndefined();
  });

  it('ends when it is told to', async () => {
    await using _ = await listening([['127.83.4.2', 4028]]);
    const stop = new AbortController();
    const scanning = scan({
      addresses,
      ports: [4028, 80],
      sockets: 64,
      context: { ...context(), signal: stop.signal },
      turns: makeTurns(),
      identify: (_host, _ports, { signal }) => {
        stop.abort();
        return Promise.reject(signal.reason);
      },
    });
    await expect(scanning).rejects.toThrow(/abort/i);
  });
});
