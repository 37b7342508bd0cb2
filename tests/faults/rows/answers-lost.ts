import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBuild, type Patch } from '../builds/build.ts';
import { HASTY_AGENT } from '../builds/patches.ts';
import { startRig } from '../rig/rig.ts';
import { addSites, settle } from '../rig/sites.ts';
import { judged, type FaultRow, type RunOptions } from '../row.ts';

/** Samples are stamped when they arrive: a second delivery then lands beside the first. */
const STAMP_AT_RECEIPT: readonly Patch[] = [
  {
    file: 'server/features/ingest/lines-of-sample.ts',
    find: 'const { key, timeS, sample } = checked;',
    replace: 'const { key, sample } = checked; const timeS = Math.floor(Date.now() / 1000);',
  },
];

async function run({ dir, amount, isControl, patches }: RunOptions) {
  const times = isControl || amount === 'ci' ? 3 : 5;
  const project = await makeBuild(join(dir, 'build'), [...HASTY_AGENT, ...patches]);
  await using rig = await startRig({ dir, project });
  await addSites(rig, { count: 3, miners: 100, tickMs: 100 });
  for (let time = 0; time < times; time += 1) {
    await sleep(700);
    rig.links.agents.become('deaf');
    await sleep(1000);
    rig.links.agents.become('pass');
  }
  const verdict = await settle(rig);
  const outcome = judged(`${times} times for 1 s`, verdict);
  if (verdict.duplicateDeliveries === 0) {
    outcome.violations.push('no batch was delivered twice: nothing was tested');
  }
  return outcome;
}

export const answersLost: FaultRow = {
  number: 11,
  name: 'answers-lost',
  fault: 'batches stored, their answers lost',
  inCi: true,
  control: { without: 'the time of the poll as the time of the sample', patches: STAMP_AT_RECEIPT },
  run,
};
