/** A problem with what the farm was asked for; the message says what to change. */
export class FarmOptionError extends Error {
  override name = 'FarmOptionError';
}

/**
 * The first `count` addresses of a range inside 127.0.0.0/8, which Linux lets any process listen on.
 * Those that end in .0 and .255 are left out: scanners skip them.
 */
export function takeAddresses(range: string, count: number): string[] {
  const match = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(range);
  const parts = match?.slice(1).map(Number) ?? [];
  const [b = 256, c = 256, d = 256, bits = 0] = parts;
  if (match === null || b > 255 || c > 255 || d > 255 || bits < 8 || bits > 32) {
    throw new FarmOptionError(
      `range "${range}" is not a CIDR inside 127.0.0.0/8; give one such as 127.20.0.0/24`,
    );
  }
  const size = 2 ** (32 - bits);
  const first = Math.floor((127 * 2 ** 24 + b * 65_536 + c * 256 + d) / size) * size;
  const addresses: string[] = [];
  for (let at = first; at < first + size && addresses.length < count; at += 1) {
    const last = at % 256;
    if (last === 0 || last === 255) continue;
    addresses.push(`127.${Math.floor(at / 65_536) % 256}.${Math.floor(at / 256) % 256}.${last}`);
  }
  if (addresses.length < count) {
    throw new FarmOptionError(
      `range ${range} has room for ${addresses.length} devices, ${count} are wanted; give a larger range or fewer miners`,
    );
  }
  return addresses;
}
