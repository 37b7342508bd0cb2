import { createHash, randomBytes } from 'node:crypto';

/** A server's challenge, kept so that the next requests need no 401 round trip. */
export interface DigestChallenge {
  realm: string;
  nonce: string;
  opaque: string | null;
  qop: 'auth' | null;
  algorithm: string | null;
  /** Requests answered with this nonce so far. */
  count: number;
  /** Monotonic ms. */
  receivedAt: number;
  /** The server says that only the nonce before this one was too old. */
  stale: boolean;
}

const FRESH_MS = 60_000;

/** Nothing can be wrong with this nonce yet: what is refused with it is the password. */
export const isFresh = ({ count, receivedAt }: DigestChallenge): boolean =>
  count === 0 && performance.now() - receivedAt < FRESH_MS;

/** The digest challenge of a `WWW-Authenticate` header; null when it is none, or not MD5. */
export function parseChallenge(header: string): DigestChallenge | null {
  const digest = /(?:^|,\s*)Digest\s+(.*)$/is.exec(header)?.[1];
  if (digest === undefined) return null;
  const fields = new Map<string, string>();
  for (const [, name, quoted, bare] of digest.matchAll(
    /([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi,
  )) {
    fields.set(name!.toLowerCase(), quoted ?? bare ?? '');
  }
  const nonce = fields.get('nonce');
  const algorithm = fields.get('algorithm') ?? null;
  if (nonce === undefined) return null;
  if (algorithm !== null && algorithm.toUpperCase() !== 'MD5') return null;
  return {
    realm: fields.get('realm') ?? '',
    nonce,
    opaque: fields.get('opaque') ?? null,
    qop: fields
      .get('qop')
      ?.split(/\s*,\s*/)
      .includes('auth')
      ? 'auth'
      : null,
    algorithm,
    count: 0,
    receivedAt: performance.now(),
    stale: fields.get('stale')?.toLowerCase() === 'true',
  };
}

/** The `Authorization` header for one request (RFC 2617, MD5). Raises the challenge's count. */
export function authorize(
  challenge: DigestChallenge,
  request: { method: string; path: string; user: string; password: string },
  cnonce: string = randomBytes(8).toString('hex'),
): string {
  challenge.count++;
  const nc = challenge.count.toString(16).padStart(8, '0');
  const ha1 = md5(`${request.user}:${challenge.realm}:${request.password}`);
  const ha2 = md5(`${request.method}:${request.path}`);
  const response = challenge.qop
    ? md5(`${ha1}:${challenge.nonce}:${nc}:${cnonce}:${challenge.qop}:${ha2}`)
    : md5(`${ha1}:${challenge.nonce}:${ha2}`);
  const parts = [
    `username="${request.user}"`,
    `realm="${challenge.realm}"`,
    `nonce="${challenge.nonce}"`,
    `uri="${request.path}"`,
    `response="${response}"`,
  ];
  if (challenge.algorithm !== null) parts.push(`algorithm=${challenge.algorithm}`);
  if (challenge.opaque !== null) parts.push(`opaque="${challenge.opaque}"`);
  if (challenge.qop) parts.push(`qop=${challenge.qop}`, `nc=${nc}`, `cnonce="${cnonce}"`);
  return `Digest ${parts.join(', ')}`;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
