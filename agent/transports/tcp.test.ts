import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { loopbackDevice } from '../testing/loopback-device.ts';
import type { LoopbackDevice } from '../testing/loopback-device.ts';
import { askCgminer, makeEndDetector } from './cgminer-tcp.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { Limits } from './limits.ts';
import { readTextMode } from './text-mode.ts';
import { askWhatsminerV3, frame } from './whatsminer-v3-tcp.ts';

const REPLY = '{"STATUS":[{"STATUS":"S","Code":11}],"SUMMARY":[{"Elapsed":10}],"id":1}';

function ask(device: LoopbackDevice, limits: Partial<Limits> = {}) {
  return askCgminer({
    ...device.context.dial(device.host, 4028),
    request: '{"command":"summary"}',
    limits: { ...DEFAULT_LIMITS, ...limits },
    signal: device.context.signal,
  });
}

const answering = (answer: (socket: Socket) => void) =>
  loopbackDevice({ 4028: { tcp: (socket) => socket.once('data', () => answer(socket)) } });

describe('cgminer over TCP', () => {
  it('sends the request whole and does not half-close', async () => {
    const heard: string[] = [];
    await using device = await loopbackDevice({
      4028: {
        tcp: (socket) => {
          socket.once('end', () => heard.push('half-closed'));
          socket.on('data', (bytes) => {
            heard.push(bytes.toString());
            setTimeout(() => socket.end(`${REPLY}\0`), 20);
          });
        },
      },
    });
    await ask(device);
    expect(heard).toEqual(['{"command":"summary"}']);
  });

  it.each([
    ['a NUL, though the socket stays open', (socket: Socket) => socket.write(`${REPLY}\0`)],
    ['a NUL after text mode', (socket: Socket) => socket.write('STATUS=S,Code=11|\0')],
    ['a complete value, without a NUL', (socket: Socket) => socket.write(REPLY)],
    ['the end of the stream', (socket: Socket) => socket.end('STATUS=S,Code=11|')],
    [
      'a value in many segments',
      (socket: Socket) => {
        for (const char of REPLY) socket.write(char);
      },
    ],
  ])('ends at %s', async (_name, answer) => {
    await using device = await answering(answer);
    const { text, truncated } = await ask(device);
    expect(truncated).toBe(false);
    expect(text.replaceAll('\0', '')).toMatch(/^(\{.*\}|STATUS=S,Code=11\|)$/);
  });

  it('keeps what came by the deadline, also from one that drips for ever', async () => {
    await using device = await answering((socket) => {
      const drip = setInterval(() => socket.write('{"a":'), 10);
      socket.once('close', () => clearInterval(drip));
    });
    const { text, truncated } = await ask(device, { totalMs: 200 });
    expect(truncated).toBe(true);
    expect(text).toMatch(/^(\{"a":)+$/);
  });

  it('stops at the size limit', async () => {
    await using device = await answering((socket) => {
      socket.write(`{"a":"${'x'.repeat(50_000)}`);
    });
    const { text, truncated } = await ask(device, { maxBytes: 10_000, totalMs: 120_000 });
    expect([text.length, truncated]).toEqual([10_000, true]);
  });

  it('reads bytes that are no UTF-8', async () => {
    await using device = await answering((socket) => {
      socket.end(Buffer.from([...Buffer.from('{"User":"r'), 0xe9, ...Buffer.from('mi"}'), 0]));
    });
    expect((await ask(device)).text).toContain('r\uFFFDmi');
  });

  it.each([
    ['refused', null],
    ['empty', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
    ['timeout', () => undefined],
  ])('says why there is no reply: %s', async (reason, answer) => {
    await using device = answer ? await answering(answer) : await loopbackDevice({});
    await expect(ask(device, { firstByteMs: 100 })).rejects.toMatchObject({ reason });
  });

  it('ends on abort with the reason of the abort', async () => {
    await using device = await answering(() => device.stop());
    await expect(ask(device)).rejects.toThrow('stopped');
  });
});

it('finds the end of any value, however it is cut into segments', () => {
  const value = fc.dictionary(fc.string(), fc.jsonValue()).map((json) => JSON.stringify(json));
  fc.assert(
    fc.property(value, fc.integer({ min: 1, max: 7 }), (text, step) => {
      const bytes = Buffer.from(text, 'utf8');
      const isComplete = makeEndDetector();
      const verdicts: boolean[] = [];
      for (let at = 0; at < bytes.length; at += step) {
        verdicts.push(isComplete(bytes.subarray(at, at + step)));
      }
      expect(verdicts.indexOf(true)).toBe(verdicts.length - 1);
    }),
  );
});

const v3 = (device: LoopbackDevice, limits: Partial<Limits> = {}) =>
  askWhatsminerV3({
    ...device.context.dial(device.host, 4433),
    request: '{"cmd":"get.device.info"}',
    limits: { ...DEFAULT_LIMITS, ...limits },
    signal: device.context.signal,
  });
const framed = (answer: (socket: Socket, request: Buffer) => void) =>
  loopbackDevice({
    4433: {
      tcp: (socket) => socket.once('data', (request: Buffer) => answer(socket, request)),
    },
  });

describe('Whatsminer API v3', () => {
  it('frames the request, and takes a length cut in two', async () => {
    const requests: Buffer[] = [];
    await using device = await framed((socket, request) => {
      requests.push(request);
      const reply = frame('{"code":0}');
      socket.write(reply.subarray(0, 2));
      setTimeout(() => socket.write(reply.subarray(2, 6)), 20);
      setTimeout(() => socket.write(reply.subarray(6)), 40);
    });
    expect(await v3(device)).toEqual({ text: '{"code":0}', truncated: false });
    expect(requests[0]?.readUInt32LE(0)).toBe(25);
    expect(requests[0]?.subarray(4).toString()).toBe('{"cmd":"get.device.info"}');
  });

  it('does not believe a length beyond the limit', async () => {
    await using device = await framed((socket) =>
      socket.write(Buffer.from([255, 255, 255, 255, 1])),
    );
    await expect(v3(device)).rejects.toMatchObject({ reason: 'not_understood' });
  });

  it('says when the reply is shorter than its length', async () => {
    await using device = await framed((socket) => {
      socket.end(frame('{"code":0,"msg":1}').subarray(0, 12));
    });
    expect(await v3(device)).toEqual({ text: '{"code":', truncated: true });
  });
});

describe('text mode', () => {
  it('has the shape of the JSON reply, with commas inside values', () => {
    expect(
      readTextMode(
        'STATUS=S,When=5,Code=70,Msg=stats|STATS=0,ID=AVA100,MM ID0=SYSTEMSTATU[Work: In Work, Hash Board: 3 ] Temp[30],MM Count=1|POOL=0,URL=stratum+tcp://pool.example:3333,User=a|POOL=1,URL=,User=|\0',
      ),
    ).toEqual({
      STATUS: [{ STATUS: 'S', When: '5', Code: '70', Msg: 'stats' }],
      STATS: [
        {
          STATS: '0',
          ID: 'AVA100',
          'MM ID0': 'SYSTEMSTATU[Work: In Work, Hash Board: 3 ] Temp[30]',
          'MM Count': '1',
        },
      ],
      POOLS: [
        { POOL: '0', URL: 'stratum+tcp://pool.example:3333', User: 'a' },
        { POOL: '1', URL: '', User: '' },
      ],
    });
  });

  it('is not taken for a page or an error message', () => {
    expect(readTextMode('<html>STATUS=S,</html>')).toBeNull();
    expect(readTextMode('Socket connect failed')).toBeNull();
  });
});
