import { join } from 'node:path';
import { askInflux } from '../../../simulator/services/influxql.ts';
import { sync } from '../../support/sync.ts';
import { makeBuild, type Patch } from '../builds/build.ts';
import { minutesOf } from '../builds/patches.ts';
import { findFaketime, startClockSite, type ClockSite } from '../rig/clock-site.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { sampleOf } from '../rig/truth.ts';
import { until } from '../rig/until.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';
import { CLOCK_SCENARIOS, type ClockScenario } from './clock-scenarios.ts';

const MINERS = 10;
const INTERVAL_MS = 1000;
const OFF_BY_MS = 2000;
const CADENCE = 0.05;

/** Each delivery is put right by the clock of its own moment. */
const OFFSET_OF_EACH_SEND: readonly Patch[] = [
  {
    file: 'agent/clock.ts',
    find: 'measured = serverMs + tookMs / 2 - look();',
    replace: 'measured = serverMs - look();',
  },
  {
    file: 'agent/clock.ts',
    find: 'if (Math.abs(measured - offset) <= TOLERANCE_MS + tookMs / 2) return;',
    replace: '',
  },
  {
    file: 'agent/queue/load.ts',
    find: '.find((each) => Math.abs(each - measured) < TOLERANCE_MS)',
    replace: '.find((each) => each === measured)',
  },
  {
    file: 'agent/queue/load.ts',
    find: 'if (shiftMs !== null && !(await inTurn(() => fixShift(batch, shiftMs)))) return null;',
    replace: 'void fixShift; batch.shiftMs = shiftMs;',
  },
];

async function run(options: RunOptions): Promise<Outcome> {
  const { dir, amount, isControl, patches } = options;
  const ms = (isControl || amount === 'ci' ? 14 : amount === 'full' ? 45 : 200) * 1000;
  const faketime = await findFaketime();
  const project = await makeBuild(join(dir, 'build'), [...minutesOf(INTERVAL_MS), ...patches]);
  await using rig = await startRig({ dir, project });
  await using stack = new AsyncDisposableStack();
  const scenarios = await Promise.all(
    CLOCK_SCENARIOS.map(async (scenario, index) => {
      const { clock, link } = scenario;
      const of = { site: index + 1, miners: MINERS, intervalMs: INTERVAL_MS, clock, link };
      const site = stack.use(await startClockSite({ rig, dir, project, faketime, ...of }));
      return { scenario, site };
    }),
  );
  await Promise.all(scenarios.map(({ scenario, site }) => scenario.play(site, ms)));
  for (const { site } of scenarios) site.quiet();
  await until('every queue is empty', 60_000, async () =>
    (await Promise.all(scenarios.map(({ site }) => site.isEmpty()))).every(Boolean),
  );

  const total: Total = { kept: 0, stored: 0, lost: 0, violations: [], offMs: 0, paces: [] };
  for (const { scenario, site } of scenarios) await judge(rig, scenario, site, total);
  await judgeOldAgent(rig, total);
  const [receipts] = await rig.sql<{ again: number }[]>`
    select coalesce(sum(deliveries - 1), 0)::int as again from ingest_receipts`;
  if (receipts?.again === 0)
    total.violations.push('no batch was delivered twice: nothing was tested');
  const within = total.paces.filter((pace) => Math.abs(pace - 1) <= CADENCE).length;
  const share = within / total.paces.length;
  if (share < (amount === 'ci' || isControl ? 0.5 : 0.9)) {
    total.violations.push(`only ${(100 * share).toFixed(1)} % of the polls were on time`);
  }
  const { kept, stored, lost, violations } = total;
  return {
    injected: `${CLOCK_SCENARIOS.length} clocks, ${MINERS} miners each, ${ms / 1000} s`,
    kept,
    stored,
    lost,
    duplicates: receipts?.again ?? 0,
    violations,
    figures: {
      'off by, at most': `${(total.offMs / 1000).toFixed(1)} s`,
      'polls within ± 5 % of the interval': `${(100 * share).toFixed(1)} % of ${total.paces.length}`,
    },
  };
}

interface Total {
  kept: number;
  stored: number;
  lost: number;
  violations: string[];
  /** Largest difference between a stored time and the true one. */
  offMs: number;
  /** Time between two polls in intervals. */
  paces: number[];
}

/** Every sample of every poll is in its one place, at the time it was true. */
async function judge(
  rig: Rig,
  { name, end }: ClockScenario,
  site: ClockSite,
  total: Total,
): Promise<void> {
  const { polls } = site;
  const stored = await storedOf(rig, site.scope);
  const quarantined = await rig.sql<{ code: string; poll: number; mac: string }[]>`
    select code, (sample ->> 'accepted_shares')::int as poll, sample ->> 'mac' as mac
    from ingest_quarantine where agent_id = ${site.agentId}`;
  const wrong = { nowhere: 0, 'stored twice': 0, 'at another time': 0, 'set aside': 0 };
  if (end === 'stored') wrong['set aside'] = quarantined.length;
  else wrong['set aside'] = quarantined.filter(({ code }) => code !== 'clock').length;
  const setAside = new Set(quarantined.map(({ poll, mac }) => `${mac} ${poll}`));

  let before = 0;
  for (const [index, { number, atMs }] of polls.entries()) {
    const previous = polls[index - 1];
    if (previous?.boot === polls[index]?.boot && previous) {
      total.paces.push((atMs - previous.atMs) / INTERVAL_MS);
    }
    for (let miner = 0; miner < MINERS; miner += 1) {
      const sample = `${sampleOf(site.site, miner, 0).mac} ${number}`;
      const times = stored.get(sample) ?? [];
      const places = times.length + (setAside.has(sample) ? 1 : 0);
      total.kept += 1;
      total.stored += times.length;
      if (places === 0) wrong.nowhere += 1;
      if (places > 1) wrong['stored twice'] += 1;
      for (const timeS of times) {
        const offMs = Math.abs(timeS * 1000 - atMs);
        total.offMs = Math.max(total.offMs, offMs);
        if (offMs > OFF_BY_MS) wrong['at another time'] += 1;
      }
      if (miner > 0 || times[0] === undefined) continue;
      if (times[0] <= before)
        total.violations.push(`${name}: poll ${number} is not after the last`);
      before = times[0];
    }
  }
  total.lost += wrong.nowhere;
  for (const [what, samples] of Object.entries(wrong)) {
    if (samples > 0) total.violations.push(`${name}: ${samples} samples ${what}`);
  }
  if (end !== 'stored' && setAside.size === 0) {
    total.violations.push(`${name}: nothing of the first boot is set aside`);
  }
  if ((await site.log()).includes('"seq_reused"')) {
    total.violations.push(`${name}: a batch went out again with other content`);
  }
}

/** "<mac> <poll>" → the times it is stored at, epoch seconds. */
async function storedOf(rig: Rig, scope: string): Promise<Map<string, number[]>> {
  const stored = new Map<string, number[]>();
  const series = await askInflux(
    rig.influx,
    'hashyard',
    `SELECT accepted FROM miner WHERE site = '${scope}' GROUP BY *`,
  );
  for (const { tags, values } of series) {
    for (const [time, poll] of values) {
      const name = `${tags['miner']} ${poll}`;
      stored.set(name, [...(stored.get(name) ?? []), Number(time)]);
    }
  }
  return stored;
}

/** An agent that knows nothing of the server's time: what is ahead is set aside by name, the rest is stored. */
async function judgeOldAgent(rig: Rig, total: Total): Promise<void> {
  const { apiKey, scope } = await rig.register('clock-old-agent');
  const nowS = Math.floor(Date.now() / 1000);
  const samples = [nowS + 3600, nowS + 60].map((atS, miner) => sampleOf(200, miner, atS));
  await sync(rig.server, apiKey, { miner_stats: samples });
  const rows = await rig.sql<{ code: string }[]>`
    select code from ingest_quarantine where scope = ${scope}`;
  const points = await storedOf(rig, scope);
  if (rows.length !== 1 || rows[0]?.code !== 'future' || points.size !== 1) {
    total.violations.push('an old agent an hour ahead is not in quarantine by name');
  }
}

export const clockJumps: FaultRow = {
  number: 13,
  name: 'clock-jumps',
  fault: 'clocks of sites wrong at boot and set in mid-run, by hours and years',
  inCi: true,
  alone: true,
  leftOut: () =>
    findFaketime().then(
      () => null,
      (error: unknown) => `libfaketime cannot be had: ${String(error).split('\n')[0]}`,
    ),
  control: {
    without: 'the offset fixed before the first delivery',
    patches: OFFSET_OF_EACH_SEND,
  },
  run,
};
