import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openQueue } from './queue.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, readFile: vi.fn<typeof real.readFile>(real.readFile) };
});

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

it('does not take a batch for damaged when the system has no file handle left', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'agent-queue-'));
  const queue = await openQueue({ dir, log });
  const { seq } = await queue.append({ discovered_miners: [], miner_stats: [] });
  vi.mocked(readFile).mockRejectedValueOnce(
    Object.assign(new Error('too many open files'), { code: 'EMFILE' }),
  );
  await expect(queue.load(seq)).rejects.toThrow('too many open files');
  expect(queue.stats().gaps).toEqual([]);
  expect(await queue.load(seq)).toMatchObject({ seq });
  await queue.close();
  await rm(dir, { recursive: true });
});
