import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBuild, type Patch } from '../builds/build.ts';
import { minutesOf } from '../builds/patches.ts';
import { startRig } from '../rig/rig.ts';
import { addSites, settle } from '../rig/sites.ts';
import { untilNothingLeft } from '../rig/until.ts';
import { judged, type FaultRow, type Outcome, type RunOptions } from '../row.ts';
import { recoveryOf, type Recovery } from './recovery.ts';

const SITES = 3;
const MINERS = 100;

interface Limits {
  /** Polls until a site was fresh again. */
  polls: number;
  /** Times real time at which what was held was delivered, at least. */
  drain: number;
}
const PROMISED: Limits = { polls: 2, drain: 2 };
/** On a machine that has other work. */
const ROUGHLY: Limits = { polls: 10, drain: 0 };

/** The live lane takes what is oldest, as a queue does. */
const FIRST_IN_FIRST_OUT: readonly Patch[] = [
  {
    file: 'agent/uplink/uplink.ts',
    find: '[...present].findLast(([batch]) => isFree(batch)) ?? []',
    replace: '[...queue.held()].filter(isFree).map((batch) => [batch, 0] as const)[0] ?? []',
  },
];

async function run(options: RunOptions): Promise<Outcome> {
  const { dir, amount, isControl, patches } = options;
  const limits = isControl || amount === 'ci' ? ROUGHLY : PROMISED;
  const outageS = isControl || amount === 'ci' ? 10 : amount === 'full' ? 36 : 120;
  // Of the control enough to take long.
  const tickMs = isControl ? 100 : 200;
  const project = await makeBuild(join(dir, 'build'), [...minutesOf(tickMs), ...patches]);
  await using rig = await startRig({ dir, project });
  await addSites(rig, { count: SITES, miners: MINERS, tickMs });
  await sleep(outageS * 170);
  const lostMs = Date.now();
  for (const link of ['refuse', 'swallow'] as const) {
    rig.links.agents.become(link);
    await sleep(outageS * 500);
  }
  rig.links.agents.become('pass');
  const healedMs = Date.now();
  // Sites go on polling while they deliver what they hold.
  const recoveries = (): Recovery[] =>
    rig.sites.map(({ log }) => recoveryOf(log, { lostMs, healedMs, tickMs }));
  await untilNothingLeft('what was held is stored', 60_000, () =>
    recoveries().reduce((sum, { leftOver }) => sum + leftOver, 0),
  );
  const verdict = await settle(rig);

  const found = recoveries();
  const hours = ((outageS * 1000) / tickMs / 60).toFixed(1);
  const outcome = judged(`${hours} h for ${SITES} agents of ${MINERS} miners`, verdict);
  for (const [index, recovery] of found.entries()) {
    for (const broken of brokenBy(recovery, limits))
      outcome.violations.push(`site ${index + 1}: ${broken}`);
  }
  const drains = found.map(({ drain }) => drain);
  outcome.figures = {
    'held batches': String(found.reduce((sum, { held }) => sum + held, 0)),
    'fresh after': found.map(({ freshMs }) => `${Math.round(freshMs)} ms`).join(', '),
    'polls until fresh': found.map(({ freshPolls }) => freshPolls).join(', '),
    drain: drains.map((drain) => `${drain.toFixed(1)} × real time`).join(', '),
    'pace asked for': found.map(({ paceMs }) => `${paceMs} ms`).join(', '),
  };
  return outcome;
}

function brokenBy({ freshPolls, unordered, drain, hasty }: Recovery, limits: Limits): string[] {
  const broken: string[] = [];
  if (freshPolls > limits.polls) broken.push(`${freshPolls} polls passed until it was fresh again`);
  if (unordered > 0) broken.push(`${unordered} batches of the backlog were not the oldest`);
  if (drain < limits.drain) broken.push(`drained at ${drain.toFixed(1)} × real time`);
  if (hasty > 0) broken.push(`${hasty} batches of the backlog were sent faster than asked`);
  return broken;
}

export const partition: FaultRow = {
  number: 10,
  name: 'partition',
  fault: 'the sites cut off for hours, refused and swallowed by the way',
  inCi: false,
  control: { without: 'the live lane: oldest first', patches: FIRST_IN_FIRST_OUT },
  run,
};
