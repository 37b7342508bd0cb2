import { expect, test } from 'vitest';
import { converse, freshRange } from '../raw-client.ts';
import { HOSTILE_KINDS, startHostile } from './index.ts';

const WEB_PORT = 8083;
const portOf = (port: number): number => (port === 80 ? WEB_PORT : port);

/** One address for each kind, in ranges of this process. */
const addresses = Array.from({ length: 3 }, () => freshRange()).flatMap((range) => {
  const [start = '', first = 0] = /^(.*\.)(\d+)\/28$/.exec(range)?.slice(1) ?? [];
  return Array.from({ length: 14 }, (_, index) => `${start}${Number(first) + index + 1}`);
});

test('has at least twenty kinds, each with a name of its own', () => {
  expect(HOSTILE_KINDS.length).toBeGreaterThanOrEqual(20);
  expect(new Set(HOSTILE_KINDS.map(({ name }) => name)).size).toBe(HOSTILE_KINDS.length);
});

test('a device says honestly what it is, and is hostile to everything else', async () => {
  await using farm = await startHostile({
    addresses: addresses.slice(0, HOSTILE_KINDS.length),
    portOf,
  });
  const heard = new Map<string, string>();
  for (const { kind, address, port } of farm.devices) {
    const [who, what] =
      kind.port === 80
        ? [
            'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
            'GET /cgi-bin/stats.cgi HTTP/1.1\r\nHost: x\r\n\r\n',
          ]
        : ['{"command":"version"}', '{"command":"summary"}'];
    if (kind.introduction !== null) {
      const { bytes } = await converse(address, port, [who]);
      heard.set(kind.name, bytes.toString());
    }
    // What never ends is given up after a moment: only that it is spoken to is wanted here.
    void converse(address, port, [what], 50).catch(() => undefined);
  }
  const honest = HOSTILE_KINDS.filter(({ introduction }) => introduction !== null);
  expect([...heard]).toEqual(honest.map(({ name, introduction }) => [name, introduction]));
  await expect
    .poll(() => farm.devices.filter(({ conversations }) => conversations === 0))
    .toEqual([]);
});

test('an address that is taken is refused, and nothing is left listening', async () => {
  const [address = ''] = addresses;
  const kinds = HOSTILE_KINDS.slice(0, 1);
  await using _first = await startHostile({ addresses: [address], kinds, portOf });
  const other = addresses.at(-1)!;
  await expect(startHostile({ addresses: [other, address], kinds, portOf })).rejects.toThrow(
    'EADDRINUSE',
  );
  await using _again = await startHostile({ addresses: [other], kinds, portOf });
});
