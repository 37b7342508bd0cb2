import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { CHANGES } from '../testing/faulty-disk.ts';
import { QueueModel } from '../testing/queue-model.ts';
import type { Command } from '../testing/queue-model.ts';

vi.mock('node:fs/promises', async (original) => {
  const { faulty } = await import('../testing/faulty-disk.ts');
  return faulty(await original<typeof import('node:fs/promises')>());
});
// Ends with its process, and here a crash does not end one.
vi.mock('./owner.ts', () => ({
  ownFolder: () => Promise.resolve({ release: () => Promise.resolve() }),
}));

const RUNS = Number(process.env['QUEUE_MODEL_RUNS'] ?? 300);
const SEED = Number(process.env['QUEUE_MODEL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Which of the batches held. */
const which = fc.nat(9);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      batches: fc.constantFrom(1, 1, 1, 3),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'overflow' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('load' as const, 'ack' as const), which }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(...(['ackOther', 'bury', 'replace', 'damage', 'takeGaps'] as const)),
      which,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('reopen' as const, 'mend' as const, 'wait' as const, 'age' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      calls: fc.integer({ min: 1, max: 25 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fill' as const), blocks: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      changes: fc.integer({ min: 1, max: 12 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('refuse' as const),
      changes: fc.oneof(fc.constant(CHANGES), fc.subarray([...CHANGES], { minLength: 1 })),
      code: fc.constantFrom('EIO', 'EROFS', 'EDQUOT'),
    }),
  },
);

it(
  `keeps what its model keeps, whatever happens (seed ${SEED})`,
  { timeout: 600_000 },
  async () => {
    // In memory where there is such a folder: thousands of fsyncs.
    const parent = await access('/dev/shm').then(
      () => '/dev/shm',
      () => tmpdir(),
    );
    const sequence = fc.array(command, { minLength: 1, maxLength: 16 });
    const property = fc.asyncProperty(
      sequence,
      fc.constantFrom(1000, 1e9),
      async (commands, maxBytes) => {
        const dir = await mkdtemp(join(parent, 'agent-queue-model-'));
        try {
          const model = new QueueModel(dir, maxBytes);
          await model.open();
          for (const each of commands) await model.act(each);
          await model.end();
        } finally {
          await rm(dir, { recursive: true });
        }
      },
    );
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
    expect(RUNS).toBeGreaterThan(0);
  },
);
