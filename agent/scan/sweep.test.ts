import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { tryConnect } from './connect.ts';
import type { Attempt, Outcome } from './connect.ts';
import { sweepSockets } from './open-files.ts';
import { sweep } from './sweep.ts';

const probes = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ host: `h${index}`, port: 1, timeoutMs: 1 }));

describe('sweep', () => {
  it('tells an open port from a refused and an unreachable one', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await tryConnect('127.0.0.1', port, 1000)).toBe('open');
    await new Promise((resolve) => server.close(resolve));
    expect(await tryConnect('127.0.0.1', port, 1000)).toBe('refused');
    // Broadcast without SO_BROADCAST: the kernel itself says no.
    expect(await tryConnect('255.255.255.255', port, 1000)).toBe('unreachable');
  });

  it('calls a port silent when nothing comes in time', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const asked = tryConnect('127.0.0.1', port, 1);
    // This thread sleeps past the time-out before it can see the connection: the timer comes first.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    expect(await asked).toBe('silent');
    await new Promise((resolve) => server.close(resolve));
  });

  it('never has more sockets open than it may', async () => {
    let open = 0;
    let most = 0;
    let outcomes = 0;
    await sweep({
      probes: probes(100),
      sockets: 7,
      signal: new AbortController().signal,
      onOutcome: () => (outcomes += 1),
      async connect() {
        open += 1;
        most = Math.max(most, open);
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
        return 'silent';
      },
    });
    expect({ most, outcomes }).toEqual({ most: 7, outcomes: 100 });
  });

  it('rests and asks again when this machine runs out of sockets, and loses no host', async () => {
    const heard = new Map<string, Outcome>();
    const rests: number[] = [];
    let left = 25;
    await sweep({
      probes: probes(50),
      sockets: 10,
      signal: new AbortController().signal,
      onOutcome: ({ host }, outcome) => heard.set(host, outcome),
      async connect(): Promise<Attempt> {
        await Promise.resolve();
        left -= 1;
        return left >= 0 ? 'exhausted' : 'open';
      },
      async rest(ms) {
        rests.push(ms);
      },
    });
    expect(heard.size).toBe(50);
    expect(new Set(heard.values())).toEqual(new Set(['open']));
    expect(rests[0]).toBe(50);
    expect(rests[1]).toBe(100);
  });

  it('gives up rather than call a whole network silent', async () => {
    const heard: string[] = [];
    const sweeping = sweep({
      probes: probes(5),
      sockets: 5,
      signal: new AbortController().signal,
      onOutcome: ({ host }) => heard.push(host),
      connect: async () => 'exhausted',
      rest: async () => undefined,
    });
    await expect(sweeping).rejects.toThrow(/gives out no sockets/);
    expect(heard).toEqual([]);
  });

  it('stops at once when it is told to', async () => {
    const stop = new AbortController();
    let asked = 0;
    const sweeping = sweep({
      probes: probes(1000),
      sockets: 2,
      signal: stop.signal,
      onOutcome: () => undefined,
      async connect() {
        asked += 1;
        if (asked === 10) stop.abort();
        return 'silent';
      },
    });
    await expect(sweeping).rejects.toThrow(/abort/i);
    expect(asked).toBeLessThan(15);
  });
});

const limits = (soft: string) =>
  `Limit Soft Hard Units\nMax open files            ${soft}       4096 files\n`;

describe('limit of open files', () => {
  it('keeps the sweep below it', () => {
    expect(sweepSockets(limits('1024'))).toBe(504);
    expect(sweepSockets(limits('20000'))).toBe(1024);
    expect(sweepSockets(limits('256'))).toBe(32);
    expect(sweepSockets(limits('unlimited'))).toBe(1024);
    expect(sweepSockets()).toBeGreaterThanOrEqual(32);
  });
});
