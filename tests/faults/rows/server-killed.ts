import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBuild, type Patch } from '../builds/build.ts';
import { ANSWER_BEFORE_INFLUX, HASTY_AGENT } from '../builds/patches.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { addSites, settle } from '../rig/sites.ts';
import { judged, type FaultRow, type RunOptions } from '../row.ts';

const SYNC = 'server/features/ingest/sync.ts';
/** In the folder of its build, while it shall die. */
const DYING = 'dying';
/** The server kills itself here, once in a while: between two steps is where a half-done batch can be lost. */
const dieAt = (find: string, where: 'before' | 'after'): Patch => {
  const die = `if (Math.random() < 0.03 && process.getBuiltinModule('fs').existsSync('${DYING}'))
    process.kill(process.pid, 'SIGKILL');`;
  return { file: SYNC, find, replace: where === 'before' ? `${die}\n${find}` : `${find}\n${die}` };
};
const POINTS: readonly Patch[] = [
  dieAt('const inventory = await inTime(storeBatch(sql, source, body, checked, log));', 'after'),
  dieAt('const setAside = setAsideRefused(checked, refused);', 'before'),
  dieAt('const answer = {', 'before'),
  dieAt('return full;', 'before'),
];

async function run({ dir, amount, isControl, patches, seed }: RunOptions) {
  const kills = isControl ? 6 : amount === 'ci' ? 6 : 30;
  const deaths = isControl ? 0 : amount === 'ci' ? 6 : 40;
  const project = await makeBuild(join(dir, 'build'), [
    ...HASTY_AGENT,
    ...(isControl ? [] : POINTS),
    ...patches,
  ]);
  await writeFile(join(project, DYING), '');
  await using rig = await startRig({ dir, project });
  // InfluxDB is not next door: the wait for its answer is what kills have to meet.
  rig.links.influx.delayMs = 30;
  rig.links.influx.become('slow');
  await addSites(rig, { count: 3, miners: 100, tickMs: 300 });

  let died = 0;
  let killed = 0;
  while (died < deaths || killed < kills) {
    // Half a second of work, unless it dies of itself before.
    for (let wait = 0; wait < 500 && !rig.server.hasExited(); wait += 10) await sleep(10);
    if (rig.server.hasExited()) died += 1;
    else if (killed < kills) {
      killed += 1;
      await sleep(((seed + killed * 37) % 100) * 3);
      await rig.server.kill();
    } else continue;
    died += await startAgain(rig);
  }
  await rm(join(project, DYING));
  if (rig.server.hasExited()) await startAgain(rig);
  rig.links.influx.become('pass');
  const verdict = await settle(rig);
  return judged(`${killed} kills at random, ${died} between two steps`, verdict);
}

const MOST_STARTS = 20;

/** It may die of itself before it has said that it is ready; says how often it did. */
async function startAgain(rig: Rig): Promise<number> {
  for (let deaths = 0; ; deaths += 1) {
    try {
      await rig.server.start();
      return deaths;
    } catch (error) {
      if (!rig.server.hasExited() || deaths === MOST_STARTS) throw error;
    }
  }
}

export const serverKilled: FaultRow = {
  number: 6,
  name: 'server-killed',
  fault: 'server killed at random, and between the steps of a sync',
  inCi: true,
  control: { without: 'waiting for InfluxDB’s answer', patches: ANSWER_BEFORE_INFLUX },
  run,
};
