import { readFileSync } from 'node:fs';
import { parseRange, toAddress } from '../ranges.ts';

/** How this machine reaches a range: straight on an interface, or through a gateway. */
export interface Way {
  interface: string;
  gateway: string | null;
}

interface Route extends Way {
  destination: number;
  mask: number;
  rejects: boolean;
}

/** The way to the first address of `range` by the kernel's table; null: no way, undefined: not Linux. */
export function wayTo(
  range: string,
  table: string | undefined = readTable(),
): Way | null | undefined {
  if (table === undefined) return undefined;
  const { first } = parseRange(range);
  if (first >>> 24 === 127) return { interface: 'lo', gateway: null };
  const routes = table
    .split('\n')
    .slice(1)
    .map(parseRoute)
    .filter((route) => route !== null)
    .filter(({ destination, mask }) => (first & mask) >>> 0 === destination)
    .sort((a, b) => b.mask - a.mask);
  const best = routes[0];
  // A reject route ("unreachable", "blackhole") says that there is no way, whatever the default is.
  return best && !best.rejects ? { interface: best.interface, gateway: best.gateway } : null;
}

/** A line of /proc/net/route: interface, destination, gateway, flags …, mask in little-endian hex. */
function parseRoute(line: string): Route | null {
  const [name, destination, gateway, flags, , , , mask] = line.split(/\s+/);
  if (!name || !destination || !gateway || !flags || !mask) return null;
  const up = 0x1;
  const reject = 0x200;
  const set = Number.parseInt(flags, 16);
  if ((set & up) === 0) return null;
  const via = littleEndian(gateway);
  return {
    interface: name,
    rejects: (set & reject) !== 0,
    destination: littleEndian(destination),
    mask: littleEndian(mask),
    gateway: via === 0 ? null : toAddress(via),
  };
}

const littleEndian = (hex: string): number => Buffer.from(hex, 'hex').readUInt32LE();

function readTable(): string | undefined {
  try {
    return readFileSync('/proc/net/route', 'utf8');
  } catch {
    return undefined;
  }
}
