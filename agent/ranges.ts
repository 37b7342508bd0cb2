import { isIPv6 } from 'node:net';
import { AgentFailure } from './failure.ts';

/** What `allow` may lift. */
export const ALLOWANCES = ['loopback', 'public', 'large'] as const;
export type Allowance = (typeof ALLOWANCES)[number];

/** Addresses are unsigned 32-bit numbers in here; both ends belong to the span. */
interface Span {
  first: number;
  last: number;
}

/** The addresses a scan may touch, and nothing else. */
export interface AddressPlan {
  /** As written in the configuration. */
  ranges: readonly string[];
  /** Distinct addresses to scan, without the excluded ones. */
  count: number;
  /** Addresses inside the ranges that `exclude` took out. */
  excluded: number;
  addresses(): Generator<string>;
  includes(address: string): boolean;
}

// No leading zeros: C libraries read 010 as octal 8, and a scanner must never guess a network.
const OCTET = /^(0|[1-9]\d{0,2})$/;
const MOST_IN_RANGE = 4096;
const MOST_IN_ALL = 65_536;

type Kind = 'private' | 'loopback' | 'special';
/** Everything that is not listed is public. */
const KINDS: readonly (Span & { kind: Kind; name: string })[] = (
  [
    ['0.0.0.0/8', 'special', '"this network" (0.0.0.0/8)'],
    ['10.0.0.0/8', 'private', ''],
    ['100.64.0.0/10', 'private', ''],
    ['127.0.0.0/8', 'loopback', ''],
    ['169.254.0.0/16', 'special', 'link-local (169.254.0.0/16)'],
    ['172.16.0.0/12', 'private', ''],
    ['192.0.0.0/24', 'special', 'IETF protocol assignments (192.0.0.0/24)'],
    ['192.168.0.0/16', 'private', ''],
    ['224.0.0.0/4', 'special', 'multicast (224.0.0.0/4)'],
    ['240.0.0.0/4', 'special', 'reserved and broadcast (240.0.0.0/4)'],
  ] as const
).map(([cidr, kind, name]) => Object.assign(block(cidr), { kind, name }));

/** Four decimal octets, or null. */
function toNumber(text: string): number | null {
  const octets = text.split('.');
  if (octets.length !== 4) return null;
  let value = 0;
  for (const octet of octets) {
    if (!OCTET.test(octet) || Number(octet) > 255) return null;
    value = value * 256 + Number(octet);
  }
  return value;
}

/** "10.0.0.1" of 167772161. */
export function toAddress(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}

function block(cidr: string): Span {
  const [base = '', bits = ''] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor((toNumber(base) ?? 0) / size) * size;
  return { first, last: first + size - 1 };
}

/**
 * `192.168.1.0/24` (without its network and broadcast address), `192.168.1.7` or
 * `192.168.1.10-192.168.1.60` (both ends included).
 */
export function parseRange(text: string): { first: number; last: number } {
  const trimmed = text.trim();
  if (isIPv6(trimmed.split(/[/-]/)[0] ?? '')) {
    throw new AgentFailure((say) => say.rangeIpv6(trimmed));
  }
  const bad = new AgentFailure((say) => say.rangeBad(trimmed));
  const [left = '', right, ...rest] = trimmed.split(/\s*-\s*/);
  if (right !== undefined) {
    const first = toNumber(left);
    const last = toNumber(right);
    if (first === null || last === null || rest.length > 0 || last < first) throw bad;
    return { first, last };
  }
  const [base = '', bits, ...more] = left.split('/');
  const address = toNumber(base);
  if (address === null || more.length > 0) throw bad;
  if (bits === undefined) return { first: address, last: address };
  if (!/^([0-9]|[12][0-9]|3[0-2])$/.test(bits)) throw bad;
  const whole = block(`${base}/${bits}`);
  // RFC 3021: a /31 has no network and broadcast address.
  return Number(bits) >= 31 ? whole : { first: whole.first + 1, last: whole.last - 1 };
}

function checkKind(text: string, span: Span, allow: ReadonlySet<Allowance>): void {
  let covered = 0;
  for (const known of KINDS) {
    const first = Math.max(span.first, known.first);
    const last = Math.min(span.last, known.last);
    if (first > last) continue;
    covered += last - first + 1;
    if (known.kind === 'special') {
      throw new AgentFailure((say) => say.rangeSpecial(text, known.name));
    }
    if (known.kind === 'loopback' && !allow.has('loopback')) {
      throw new AgentFailure((say) => say.rangeLoopback(text));
    }
  }
  if (covered < span.last - span.first + 1 && !allow.has('public')) {
    throw new AgentFailure((say) => say.rangePublic(text));
  }
}

/** Sorted and merged, so that no address is counted or scanned twice. */
function union(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous && span.first <= previous.last + 1) {
      previous.last = Math.max(previous.last, span.last);
    } else {
      merged.push({ ...span });
    }
  }
  return merged;
}

function subtract(spans: readonly Span[], holes: readonly Span[]): Span[] {
  let left = [...spans];
  for (const hole of holes) {
    left = left.flatMap((span) => {
      if (hole.last < span.first || hole.first > span.last) return [span];
      return [
        { first: span.first, last: hole.first - 1 },
        { first: hole.last + 1, last: span.last },
      ].filter((piece) => piece.first <= piece.last);
    });
  }
  return left;
}

const sizeOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, span) => sum + span.last - span.first + 1, 0);

/**
 * The plan for `networks` minus `exclude`. Throws AgentFailure naming the range: not strict IPv4,
 * special, loopback or public without its allowance, or too many addresses.
 */
export function planAddresses(wanted: {
  networks: readonly string[];
  exclude?: readonly string[];
  allow?: readonly Allowance[];
}): AddressPlan {
  const allow = new Set(wanted.allow);
  const ranges = wanted.networks.map((text) => text.trim());
  const spans = ranges.map((text) => {
    const span = parseRange(text);
    checkKind(text, span, allow);
    const size = span.last - span.first + 1;
    if (size > MOST_IN_RANGE && !allow.has('large')) {
      throw new AgentFailure((say) => say.rangeLarge(text, size, MOST_IN_RANGE));
    }
    return span;
  });
  const all = union(spans);
  const left = subtract(all, (wanted.exclude ?? []).map(wholeRange));
  const count = sizeOf(left);
  if (count > MOST_IN_ALL && !allow.has('large')) {
    throw new AgentFailure((say) => say.rangesLarge(count, MOST_IN_ALL));
  }
  return {
    ranges,
    count,
    excluded: sizeOf(all) - count,
    *addresses() {
      for (const span of left) {
        for (let value = span.first; value <= span.last; value += 1) yield toAddress(value);
      }
    },
    includes(address) {
      const value = toNumber(address);
      return value !== null && left.some((span) => span.first <= value && value <= span.last);
    },
  };
}

/** An excluded network goes with its network and broadcast address. */
function wholeRange(text: string): Span {
  const span = parseRange(text);
  const cidr = text.trim();
  return cidr.includes('/') ? block(cidr) : span;
}

/** Sorts addresses as numbers: .9 before .10. */
export const addressOrder = (a: string, b: string): number =>
  (toNumber(a) ?? 0) - (toNumber(b) ?? 0);
