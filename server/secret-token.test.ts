import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeToken, parseToken, secretMatches } from './secret-token.ts';

test('a token comes apart into the id and the hash it was made with', () => {
  const { token, id, secretSha256 } = makeToken('hy');
  expect(token).toMatch(/^hy_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
  expect(parseToken('hy', token)).toEqual({ id, secretSha256 });
  expect(token).not.toContain(secretSha256.toString('hex'));
});

test('a token of one kind is not one of the other', () => {
  expect(parseToken('hy', makeToken('hyu').token)).toBeNull();
  expect(parseToken('hyu', makeToken('hy').token)).toBeNull();
});

test('any single changed character is refused by the checksum', () => {
  const { token } = makeToken('hy');
  fc.assert(
    fc.property(
      fc.nat({ max: token.length - 1 }),
      fc.constantFrom('0', 'a', 'Z', '_', '-'),
      (position, character) => {
        fc.pre(token[position] !== character);
        const changed = token.slice(0, position) + character + token.slice(position + 1);
        expect(parseToken('hy', changed)).toBeNull();
      },
    ),
  );
});

test('secrets are compared whole, and an unknown id never matches', () => {
  const { token, secretSha256 } = makeToken('hy');
  const presented = parseToken('hy', token)!.secretSha256;
  expect(secretMatches(presented, secretSha256)).toBe(true);
  expect(secretMatches(presented, createHash('sha256').update('other').digest())).toBe(false);
  expect(secretMatches(presented, undefined)).toBe(false);
  expect(secretMatches(Buffer.alloc(32), undefined)).toBe(false);
});
