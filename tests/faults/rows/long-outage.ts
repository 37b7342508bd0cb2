import { join } from 'node:path';
import { makeBuild, type Patch } from '../builds/build.ts';
import { minutesOf } from '../builds/patches.ts';
import { startRig } from '../rig/rig.ts';
import type { SiteLog } from '../rig/site-log.ts';
import { settle } from '../rig/sites.ts';
import { until, untilNothingLeft } from '../rig/until.ts';
import { judged, type FaultRow, type Outcome, type RunOptions } from '../row.ts';
import { recoveryOf, type Recovery } from './recovery.ts';

const MINERS = 1000;
const STEP_S = 60;
/** A minute of the site while it is cut off, and from its return on. */
const AWAY_TICK_MS = 100;
const TICK_MS = 2000;
/** Polls before the link goes. */
const FIRST_POLLS = 20;
const MOST_POLLS_UNTIL_FRESH = 2;
const LEAST_DRAIN = 3;
/** A poll is on time within this share of its interval. */
const CADENCE = 0.05;
const ON_TIME = 0.9;
/** What the queue may cost a poll. Five hundredths of the short minutes are less than a busy machine keeps. */
const MOST_JITTER_MS = 100;

/** Three attempts in vain, and what is tried is given up. */
const RETRY_LIMIT: readonly Patch[] = [
  {
    file: 'agent/uplink/uplink.ts',
    find: 'raw = await server.sync(batch.gz, ending.signal, lane);',
    replace: `raw = await server.sync(batch.gz, ending.signal, lane).catch(async (error) => {
      if (both.failures > 2) await queue.ack(held.seq, batch.sha256);
      throw error;
    });`,
  },
];

async function run(options: RunOptions): Promise<Outcome> {
  const { dir, amount, isControl, patches, say } = options;
  const hours = isControl ? 1 : amount === 'nightly' ? 24 : amount === 'full' ? 6 : 2;
  const fast = { polls: FIRST_POLLS + hours * 60, tickMs: AWAY_TICK_MS };
  const project = await makeBuild(join(dir, 'build'), [...minutesOf(TICK_MS), ...patches]);
  await using rig = await startRig({ dir, project });
  const firstS = (Math.floor(Date.now() / 1000 / STEP_S) - 20 * 1440) * STEP_S;
  const site = await rig.addSite({ site: 1, miners: MINERS, tickMs: TICK_MS, firstS, fast });
  const polled = (polls: number): Promise<void> =>
    until(`${polls} polls`, 600_000, () => site.log.polls.length >= polls);
  await polled(FIRST_POLLS);
  rig.links.agents.become('refuse');
  const lostMs = Date.now();
  await polled(fast.polls);
  rig.links.agents.become('pass');
  const healedMs = Date.now();
  const recovery = (): Recovery => recoveryOf(site.log, { lostMs, healedMs, tickMs: TICK_MS });
  let said = 0;
  await untilNothingLeft('what was held is stored', 60_000, async () => {
    const { leftOver, held } = recovery();
    const tenths = Math.floor((10 * leftOver) / Math.max(1, held));
    if (tenths !== said) say(`${leftOver} of ${held} batches to go`);
    said = tenths;
    // Batches that were given up never come.
    return (await site.held()).length <= 2 ? 0 : leftOver;
  });
  const drainedMs = Date.now();
  const verdict = await settle(rig);

  const { held, freshMs, freshPolls, unordered, drain, hasty } = recovery();
  const outcome = judged(
    `${hours} h for ${MINERS} miners (a minute in ${AWAY_TICK_MS} ms, then in ${TICK_MS})`,
    verdict,
  );
  const away = cadence(site.log, { fromMs: lostMs, toMs: healedMs, tickMs: AWAY_TICK_MS });
  const back = cadence(site.log, { fromMs: healedMs + TICK_MS, toMs: drainedMs, tickMs: TICK_MS });
  const broken = [
    [verdict.inGaps > 0, `${verdict.inGaps} samples were given up`],
    [freshPolls > MOST_POLLS_UNTIL_FRESH, `${freshPolls} polls passed until it was fresh again`],
    [unordered > 0, `${unordered} batches of the backlog were not the oldest`],
    [drain < LEAST_DRAIN, `drained at ${drain.toFixed(1)} × real time`],
    [hasty > 0, `${hasty} batches of the backlog were sent faster than asked`],
    [away.p99Ms > MOST_JITTER_MS, `polls were late while away: ${away.text}`],
    [back.onTime < ON_TIME, `polls were late while delivering: ${back.text}`],
  ] as const;
  for (const [isBroken, text] of broken) if (isBroken) outcome.violations.push(text);
  outcome.figures = {
    'held batches': String(held),
    'fresh after': `${Math.round(freshMs)} ms, ${freshPolls} polls`,
    drain: `${drain.toFixed(1)} × real time, ${Math.round((held * MINERS * 1000) / (drainedMs - healedMs))} samples/s`,
    'polls while away': away.text,
    'polls while delivering': back.text,
  };
  return outcome;
}

/** How evenly it polled: the share of intervals within ± 5 %, in figures too. */
function cadence(
  { polls }: SiteLog,
  { fromMs, toMs, tickMs }: { fromMs: number; toMs: number; tickMs: number },
): { onTime: number; p99Ms: number; text: string } {
  const times = polls.map(({ atMs }) => atMs).filter((atMs) => atMs > fromMs && atMs < toMs);
  const offs = times
    .slice(1)
    .map((atMs, index) => Math.abs(atMs - (times[index] ?? 0) - tickMs))
    .sort((a, b) => a - b);
  const at = (share: number): number =>
    offs[Math.min(offs.length - 1, Math.floor(offs.length * share))] ?? 0;
  const onTime = offs.filter((off) => off <= tickMs * CADENCE).length / Math.max(1, offs.length);
  return {
    onTime,
    p99Ms: at(0.99),
    text: `${(100 * onTime).toFixed(1)} % of ${offs.length} within ± 5 % of ${tickMs} ms; off by p50 ${at(0.5).toFixed(1)}, p99 ${at(0.99).toFixed(1)}, most ${at(1).toFixed(1)} ms`,
  };
}

export const longOutage: FaultRow = {
  number: 0,
  name: 'long-outage',
  fault: 'a site of a thousand miners cut off for a day',
  inCi: false,
  alone: true,
  control: { without: 'endless retries', patches: RETRY_LIMIT },
  run,
};
