import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * Secrets that are shown once: "hy_<id>_<secret><crc>" for agents, "hyu_…" for people's scripts.
 * The prefix lets secret scanners find a leaked one, the checksum refuses a mistyped one before the
 * database is asked, and only the SHA-256 of the secret is kept: it has 256 random bits, so a slow
 * hash would protect nothing.
 */
export type TokenPrefix = 'hy' | 'hyu';

export interface NewToken {
  /** The whole text; shown once, never stored. */
  token: string;
  /** Public part, unique; finds the row. */
  id: string;
  /** 32 bytes, for the row. */
  secretSha256: Buffer;
}

const ID_LENGTH = 12;
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SHAPE = new RegExp(
  `^(hyu?)_([0-9A-Za-z]{${ID_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
);

/** A fresh token of the given kind. */
export function makeToken(prefix: TokenPrefix): NewToken {
  const id = randomText(ID_LENGTH);
  const secret = randomText(SECRET_LENGTH);
  const body = `${prefix}_${id}_${secret}`;
  return { token: body + checksum(body), id, secretSha256: sha256(secret) };
}

/** Takes a token apart; null when it is not of this kind or its checksum is wrong. */
export function parseToken(
  prefix: TokenPrefix,
  text: string,
): { id: string; secretSha256: Buffer } | null {
  const match = SHAPE.exec(text);
  if (!match || match[1] !== prefix) return null;
  const [, , id = '', secret = '', sum = ''] = match;
  if (checksum(`${prefix}_${id}_${secret}`) !== sum) return null;
  return { id, secretSha256: sha256(secret) };
}

/**
 * Whether a presented secret is the stored one. `stored` undefined (no such id) takes the same time
 * and is always false.
 */
export function secretMatches(presented: Buffer, stored: Uint8Array | undefined): boolean {
  const equal = timingSafeEqual(presented, stored ?? NO_SECRET);
  return equal && stored !== undefined;
}

const NO_SECRET = Buffer.alloc(32);

function sha256(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}

function randomText(length: number): string {
  // Bytes from 248 up are thrown away: 248 = 4 × 62, so every character stays equally likely.
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}
