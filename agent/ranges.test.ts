import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentFailure } from './failure.ts';
import { addressOrder, parseRange, planAddresses, toAddress } from './ranges.ts';

const plan = (
  network: string | string[],
  more: Omit<Parameters<typeof planAddresses>[0], 'networks'> = {},
) => planAddresses({ networks: [network].flat(), ...more });

interface Piece {
  from: number;
  to: number;
}
const text = ({ from, to }: Piece): string => `${toAddress(from)}-${toAddress(to)}`;
const inside =
  (value: number) =>
  ({ from, to }: Piece): boolean =>
    from <= value && value <= to;

describe('ranges', () => {
  it('takes CIDR, single addresses and spans', () => {
    expect([...plan('192.168.1.0/30').addresses()]).toEqual(['192.168.1.1', '192.168.1.2']);
    expect([...plan('10.0.0.7').addresses()]).toEqual(['10.0.0.7']);
    expect([...plan('10.0.0.254-10.0.1.1').addresses()]).toEqual([
      '10.0.0.254',
      '10.0.0.255',
      '10.0.1.0',
      '10.0.1.1',
    ]);
    expect([...plan('10.0.0.8/31').addresses()]).toEqual(['10.0.0.8', '10.0.0.9']);
    expect(plan('192.168.1.55/24').count).toBe(254);
  });

  it.each([
    '010.0.0.1/24',
    '10.0.0/24',
    '10/8',
    '0x0a.0.0.1',
    '10.0.0.256',
    '10.0.0.1/33',
    '10.0.0.1/024',
    '10.0.0.1/',
    '10.0.0.1/24/24',
    '10.0.0.9-10.0.0.1',
    '10.0.0.1-20',
    '10.0.0.1-10.0.0.2-10.0.0.3',
    'miners.example',
    '',
    '10.0.0.1 /24',
  ])('refuses %j and says how to write it', (text) => {
    expect(() => parseRange(text)).toThrow(/is not an IPv4 range/);
  });

  it('refuses IPv6 in so many words', () => {
    expect(() => parseRange('fd00::/64')).toThrow(/is IPv6/);
    expect(() => parseRange('::ffff:10.0.0.1')).toThrow(/is IPv6/);
  });

  it.each(['169.254.169.254', '224.0.0.1', '0.0.0.0/8', '255.255.255.255', '192.0.0.8'])(
    'never touches %s, whatever is allowed',
    (text) => {
      expect(() => plan(text, { allow: ['public', 'loopback', 'large'] })).toThrow(/touches/);
    },
  );

  it('refuses loopback, public and large ranges until each is allowed', () => {
    expect(() => plan('127.0.0.1')).toThrow(/--allow loopback/);
    expect(plan('127.0.0.1', { allow: ['loopback'] }).count).toBe(1);
    expect(() => plan('8.8.8.0/24', { allow: ['loopback'] })).toThrow(/--allow public/);
    expect(plan('8.8.8.0/24', { allow: ['public'] }).count).toBe(254);
    expect(() => plan('10.0.0.0/19')).toThrow(/8190 addresses/);
    expect(plan('10.0.0.0/19', { allow: ['large'] }).count).toBe(8190);
    expect(plan('10.0.0.0/20').count).toBe(4094);
  });

  it('sees the one public address at the edge of a private span', () => {
    expect(() => plan('172.31.255.250-172.32.0.0')).toThrow(/public/);
    expect(() => plan('9.255.255.255-10.0.0.3')).toThrow(/public/);
  });

  it('bounds the ranges together', () => {
    const networks = Array.from({ length: 17 }, (_, i) => `10.${i}.0.0/20`);
    expect(() => plan(networks)).toThrow(/69598 addresses together/);
    expect(plan(networks, { allow: ['large'] }).count).toBe(69_598);
  });

  it('counts overlaps once and leaves out what is excluded', () => {
    const both = plan(['10.0.0.0/29', '10.0.0.4-10.0.0.9'], {
      exclude: ['10.0.0.5', '10.0.0.8/30'],
    });
    expect([...both.addresses()]).toEqual([
      '10.0.0.1',
      '10.0.0.2',
      '10.0.0.3',
      '10.0.0.4',
      '10.0.0.6',
      '10.0.0.7',
    ]);
    expect(both.excluded).toBe(3);
    expect(both.includes('10.0.0.6')).toBe(true);
    expect(both.includes('10.0.0.5')).toBe(false);
    expect(both.includes('rubbish')).toBe(false);
  });

  it('writes and reads every address alike', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
        expect(parseRange(toAddress(value))).toEqual({ first: value, last: value });
      }),
    );
  });

  it('plans exactly the union of its ranges without the excluded ones', () => {
    const base = 10 * 2 ** 24;
    const span = fc
      .tuple(fc.nat(300), fc.nat(60))
      .map(([from, size]) => ({ from: base + from, to: base + from + size }));
    fc.assert(
      fc.property(
        fc.array(span, { minLength: 1, maxLength: 5 }),
        fc.array(span, { maxLength: 5 }),
        (want, no) => {
          const planned = plan(want.map(text), { exclude: no.map(text) });
          const expected: string[] = [];
          for (let value = base; value <= base + 400; value += 1) {
            if (want.some(inside(value)) && !no.some(inside(value)))
              expected.push(toAddress(value));
          }
          expect([...planned.addresses()]).toEqual(expected);
          expect(planned.count).toBe(expected.length);
        },
      ),
    );
  });

  it('refuses any other text as an AgentFailure, never otherwise', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(outcomeOf(() => parseRange(text))).toBeOneOf(['a range', 'AgentFailure']);
      }),
    );
  });

  it('sorts by number', () => {
    expect(['10.0.0.10', '10.0.0.9'].sort(addressOrder)).toEqual(['10.0.0.9', '10.0.0.10']);
  });
});

function outcomeOf(work: () => unknown): string {
  try {
    work();
    return 'a range';
  } catch (error) {
    return error instanceof AgentFailure ? 'AgentFailure' : String(error);
  }
}
