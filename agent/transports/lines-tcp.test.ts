import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, it } from 'vitest';
import { DEFAULT_LIMITS } from './limits.ts';
import { askLines } from './lines-tcp.ts';

async function asked(onLines: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => onLines(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const limits = { ...DEFAULT_LIMITS, totalMs: 300 };
  try {
    return await askLines({
      host: '127.0.0.1',
      port,
      ids: ['fan', 'board'],
      limits,
      signal: new AbortController().signal,
    });
  } finally {
    server.close();
  }
}

it('reads replies by id in any order, in any segments, on a connection that stays open', async () => {
  const { replies, truncated } = await asked((socket) => {
    socket.write('{"id":"board","ret":{"code":0}}\n{"id":"f');
    setImmediate(() => socket.write('an","ret":{"fans":[3000]}}\n'));
  });
  expect(truncated).toBe(false);
  expect(replies).toMatchObject({ fan: { ret: { fans: [3000] } }, board: { ret: { code: 0 } } });
});

it('keeps what came where one id gets no answer', async () => {
  const { replies, truncated } = await asked((socket) => {
    socket.write('{"id":"fan","ret":{"fans":[]}}\n');
  });
  expect(truncated).toBe(true);
  expect(Object.keys(replies)).toEqual(['fan']);
});

it('makes nothing of lines that are no replies', async () => {
  const { replies } = await asked((socket) => {
    socket.end('hello\n[1]\n{"ret":1}\n');
  });
  expect(replies).toEqual({});
});
