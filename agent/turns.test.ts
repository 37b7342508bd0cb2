import { expect, it } from 'vitest';
import { makeTurns } from './turns.ts';

it('lets one work at a time have a host, in order, also after a failure', async () => {
  const turns = makeTurns();
  const said: string[] = [];
  const slow = turns.take('a', async () => {
    await new Promise((resolve) => setImmediate(resolve));
    said.push('first');
    throw new Error('broken');
  });
  const next = turns.take('a', async () => said.push('second'));
  const other = turns.take('b', async () => said.push('other host'));
  await expect(slow).rejects.toThrow('broken');
  await Promise.all([next, other]);
  expect(said).toEqual(['other host', 'first', 'second']);
});
