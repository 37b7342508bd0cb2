import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from '../../../simulator/services/project.ts';
import { makeBuild } from '../builds/build.ts';
import { DELETED_BEFORE_COUNTED } from '../builds/patches.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

const TEST = 'agent/queue/queue.model.test.ts';
/** Every run of the tests has some hundred as well. */
const SEQUENCES = { ci: 50, full: 2000, nightly: 20_000 };
const CONTROL_SEQUENCES = 1000;
const MOST_TEXT = 2000;

/** The test of the queue against its model, in a build of its own so that a control can change the queue. */
async function run(options: RunOptions): Promise<Outcome> {
  const { dir, seed, isControl } = options;
  const project = await makeBuild(join(dir, 'build'), options.patches);
  await copyFile(join(PROJECT, TEST), join(project, TEST));
  const sequences = isControl ? CONTROL_SEQUENCES : SEQUENCES[options.amount];
  const vitest = join(PROJECT, 'node_modules/vitest/vitest.mjs');
  const violation = await promisify(execFile)(
    process.execPath,
    [vitest, 'run', '--root', project, '--reporter', 'dot', TEST],
    {
      cwd: project,
      env: {
        PATH: process.env['PATH'],
        TZ: 'UTC',
        NO_COLOR: '1',
        QUEUE_MODEL_RUNS: String(sequences),
        QUEUE_MODEL_SEED: String(seed),
      },
    },
  ).then(
    () => null,
    ({ stdout, stderr }: { stdout: string; stderr: string }) =>
      `${stdout}\n${stderr}`.trim().slice(0, MOST_TEXT),
  );
  return {
    injected: `${sequences} sequences of commands, crashes and refusals`,
    kept: null,
    stored: null,
    duplicates: null,
    lost: null,
    violations: violation === null ? [] : [violation],
  };
}

export const queueModel: FaultRow = {
  number: 25,
  name: 'queue-model',
  fault:
    'the queue does what people, servers and disks make it do in random order, and is compared with a list',
  inCi: false,
  control: { without: 'counting before deleting', patches: DELETED_BEFORE_COUNTED },
  run,
};
