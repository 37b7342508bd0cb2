import { expect, it } from 'vitest';
import { pastShortage } from './past-shortage.ts';
import { toTransportError } from './transport-error.ts';

const error = (code: string): Error => Object.assign(new Error(code), { code });
const { signal } = new AbortController();

/** Fails as said, one after the other, then succeeds. */
function failing(...errors: Error[]): () => Promise<string> {
  return async () => {
    const next = errors.shift();
    if (next) throw next;
    return 'reply';
  };
}

it('waits out a shortage of sockets, also one that a transport has wrapped', async () => {
  const attempt = failing(error('EMFILE'), toTransportError(error('EADDRNOTAVAIL')));
  expect(await pastShortage(signal, attempt)).toBe('reply');
});

it('leaves what the device did to whoever asked', async () => {
  await expect(pastShortage(signal, failing(error('ECONNREFUSED')))).rejects.toThrow(
    'ECONNREFUSED',
  );
});

it('stops waiting when it is told to', async () => {
  const stop = new AbortController();
  const waiting = pastShortage(stop.signal, failing(error('EMFILE')));
  stop.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('abort');
});
