import { join } from 'node:path';
import { makeBuild, type Patch } from '../builds/build.ts';
import { minutesOf } from '../builds/patches.ts';
import { startRig } from '../rig/rig.ts';
import { addSites, settle } from '../rig/sites.ts';
import { until, untilNothingLeft } from '../rig/until.ts';
import { judged, type FaultRow, type Outcome, type RunOptions } from '../row.ts';
import { recoveryOf, type Recovery } from './recovery.ts';

const SITES = 3;
const MINERS = 100;

/** A minute of a site while it is cut off: nothing happens but that batches pile up. */
const AWAY_TICK_MS = 100;
/** Polls before the link goes. */
const FIRST_POLLS = 30;

interface Limits {
  /** Polls until a site was fresh again. */
  polls: number;
  /** Times real time at which what was held was delivered, at least. */
  drain: number;
}
const PROMISED: Limits = { polls: 2, drain: 2 };
/** On a machine that has other work. */
const ROUGHLY: Limits = { polls: 5, drain: 0 };

/** Minutes a site is cut off for, how long one lasts from its return on, and what must be reached. */
function sizeOf({ amount, isControl }: RunOptions) {
  // Shorter minutes, so that more of them pass while the past is delivered before the present.
  if (isControl) return { minutes: 120, tickMs: 200, limits: ROUGHLY };
  if (amount === 'ci') return { minutes: 90, tickMs: 1000, limits: ROUGHLY };
  return { minutes: amount === 'full' ? 360 : 1440, tickMs: 1000, limits: PROMISED };
}

/** The live lane takes what is oldest, as a queue does. */
const FIRST_IN_FIRST_OUT: readonly Patch[] = [
  {
    file: 'agent/uplink/uplink.ts',
    find: '[...present].findLast(([batch]) => isFree(batch)) ?? []',
    replace: '[...queue.held()].filter(isFree).map((batch) => [batch, 0] as const)[0] ?? []',
  },
];

async function run(options: RunOptions): Promise<Outcome> {
  const { dir, patches } = options;
  const { minutes, tickMs, limits } = sizeOf(options);
  const project = await makeBuild(join(dir, 'build'), [...minutesOf(tickMs), ...patches]);
  await using rig = await startRig({ dir, project });
  const fast = { polls: FIRST_POLLS + minutes, tickMs: AWAY_TICK_MS };
  await addSites(rig, { count: SITES, miners: MINERS, tickMs, fast });
  const polled = (polls: number): Promise<void> =>
    until(`${polls} polls of each site`, 600_000, () =>
      rig.sites.every(({ log }) => log.polls.length >= polls),
    );
  await polled(FIRST_POLLS);
  const lostMs = Date.now();
  rig.links.agents.become('refuse');
  await polled(FIRST_POLLS + minutes / 2);
  rig.links.agents.become('swallow');
  await polled(fast.polls);
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
  const outcome = judged(
    `${minutes / 60} h for ${SITES} agents of ${MINERS} miners (a minute in ${AWAY_TICK_MS} ms, then in ${tickMs})`,
    verdict,
  );
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
  alone: true,
  control: { without: 'the live lane: oldest first', patches: FIRST_IN_FIRST_OUT },
  run,
};
