import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from './connect.ts';
import { makeHosts } from './hosts.ts';

const PORTS = [4028, 80, 4433, 8080];

/** Plays hosts that answer as `script` says until nothing is left to ask; the probes of each round. */
function play(
  script: Record<string, (port: number, attempt: number) => Outcome>,
  expected: string[] = [],
) {
  const hosts = makeHosts({
    addresses: Object.keys(script),
    ports: PORTS,
    expected: new Set(expected),
  });
  const attempts = new Map<string, number>();
  const rounds: string[][] = [];
  const settled = [];
  for (let probes = hosts.due(); probes.length > 0; probes = hosts.due()) {
    rounds.push(probes.map(({ host, port, timeoutMs }) => `${host}:${port} ${timeoutMs}`));
    for (const { host, port } of probes) {
      const key = `${host}:${port}`;
      const attempt = attempts.get(key) ?? 0;
      attempts.set(key, attempt + 1);
      hosts.record(host, port, script[host]?.(port, attempt) ?? 'silent');
    }
    settled.push(...hosts.takeSettled());
  }
  return { rounds, settled, counts: hosts.counts(), attempts };
}

describe('which port to ask next', () => {
  it('asks a silent host once more, on 4028 only and for half as long', () => {
    const { rounds, settled, counts } = play({ a: () => 'silent' });
    expect(rounds).toEqual([['a:4028 700', 'a:80 700'], ['a:4028 350']]);
    expect(settled).toEqual([]);
    expect(counts).toEqual({ open: 0, refused: 0, silent: 1, unreachable: 0 });
  });

  it('is more patient where a miner answered before', () => {
    expect(play({ a: () => 'silent' }, ['a']).rounds[1]).toEqual(['a:4028 1500']);
  });

  it('asks the other ports only of a host that lives and has no cgminer API', () => {
    const { rounds, settled } = play({
      a: (port) => (port === 4433 ? 'open' : 'refused'),
      b: (port) => (port === 4028 ? 'open' : 'refused'),
    });
    expect(rounds).toEqual([
      ['a:4028 700', 'b:4028 700', 'a:80 700', 'b:80 700'],
      ['a:4433 700', 'a:8080 700'],
    ]);
    expect(settled).toEqual([
      { host: 'b', openPorts: [4028] },
      { host: 'a', openPorts: [4433] },
    ]);
  });

  it('does not let the silence of one port end a host', () => {
    const { rounds, settled } = play({
      a: (port, attempt) => (port === 80 || attempt > 0 ? 'open' : 'silent'),
    });
    expect(rounds[1]).toContain('a:4028 1500');
    expect(settled[0]?.openPorts).toContain(4028);
  });

  it('follows up a host that only the second question wakes', () => {
    const { settled, counts } = play({
      a: (port, attempt) => (attempt === 0 && port !== 4433 ? 'silent' : 'open'),
    });
    expect(settled[0]?.openPorts.sort()).toEqual([4028, 80]);
    expect(counts.open).toBe(1);
  });

  it('keeps refused, silent and unreachable apart', () => {
    const { counts, rounds } = play({
      a: () => 'refused',
      b: () => 'silent',
      c: () => 'unreachable',
      d: (port) => (port === 80 ? 'unreachable' : 'silent'),
    });
    expect(counts).toEqual({ open: 0, refused: 1, silent: 2, unreachable: 1 });
    expect(rounds.flat().filter((probe) => probe.startsWith('c'))).toHaveLength(2);
  });

  it('asks no port more than twice, hands over every host with an open port once, and ends', () => {
    const outcome = fc.constantFrom<Outcome>('open', 'refused', 'silent', 'unreachable');
    fc.assert(
      fc.property(
        fc.array(fc.array(outcome, { minLength: 8, maxLength: 8 }), { maxLength: 6 }),
        (table) => {
          const script = Object.fromEntries(
            table.map((row, index) => [
              `host${index}`,
              (port: number, attempt: number): Outcome =>
                row[PORTS.indexOf(port) * 2 + Math.min(attempt, 1)] ?? 'silent',
            ]),
          );
          const { settled, attempts, counts } = play(script);
          for (const times of attempts.values()) expect(times).toBeLessThanOrEqual(2);
          expect(new Set(settled.map(({ host }) => host)).size).toBe(settled.length);
          expect(settled).toHaveLength(counts.open);
          const sum = counts.open + counts.refused + counts.silent + counts.unreachable;
          expect(sum).toBe(table.length);
        },
      ),
    );
  });
});
