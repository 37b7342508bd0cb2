import { expect, test } from 'vitest';
import { hashPassword, verifyPassword } from './password.ts';

test('a hash carries its parameters and verifies only its own password', async () => {
  const phc = await hashPassword('correct horse battery');
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await verifyPassword('correct horse battery', phc)).toBe(true);
  expect(await verifyPassword('correct horse batterY', phc)).toBe(false);
  expect(await hashPassword('correct horse battery')).not.toBe(phc);
});

test('the same password typed composed and decomposed is the same', async () => {
  const phc = await hashPassword('Zoë de la Croix'.normalize('NFC'));
  expect(await verifyPassword('Zoë de la Croix'.normalize('NFD'), phc)).toBe(true);
});

test('no user is a no, and so is a hash that is none', async () => {
  expect(await verifyPassword('anything', null)).toBe(false);
  expect(await verifyPassword('anything', 'plain text')).toBe(false);
});

test('more logins than can wait are refused, not piled up', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, () => verifyPassword('anything', null)),
  );
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(6);
  expect(refused[0]?.reason).toMatchObject({ code: 'busy', retryAfterS: 2 });
  // The turns were all given back.
  expect(await verifyPassword('anything', null)).toBe(false);
});
