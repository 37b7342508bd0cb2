import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askInflux } from '../../../simulator/services/influxql.ts';
import { makeBuild, type Patch } from '../builds/build.ts';
import { registerMany, startHerd, type HerdReport } from '../rig/herd.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

const MINERS = 5;
const BACKLOG = 60;
const FRESH_WITHIN_S = 90;
const MOST_RSS_MB = 400;

/** What is held to be too much. */
interface Limits {
  /** Share of the requests that were refused or failed. */
  waste: number;
  /** Share of the agents that were not fresh in time. */
  late: number;
  /** Times the median that an agent may wait for its turn. */
  wait: number;
}
const PROMISED: Limits = { waste: 0.15, late: 0, wait: 4 };
/** Of a few seconds on a machine that has other work. */
const ROUGHLY: Limits = { waste: 0.35, late: 0.05, wait: Infinity };

/** The agent does not do as the server asks. */
const NO_PACE: readonly Patch[] = [
  {
    file: 'agent/uplink/uplink.ts',
    find: 'next.backlog_ms * (0.5 + random())',
    replace: '0',
  },
  {
    file: 'agent/uplink/uplink.ts',
    find: 'Math.max(waitMs, backoffMs(hold.failures, MOST_BACKOFF_MS, random))',
    replace: '1000',
  },
];

/** Agents, and how long the server is watched after it was away. */
function sizeOf({ amount, isControl }: RunOptions) {
  if (isControl) {
    // So many that a quick machine cannot serve them unpaced either.
    return { agents: 1000, awayS: 3, watchedS: 8, liveEveryS: 10, limits: ROUGHLY };
  }
  if (amount === 'ci') {
    return { agents: 200, awayS: 3, watchedS: 15, liveEveryS: 10, limits: ROUGHLY };
  }
  return { agents: 1000, awayS: 20, watchedS: 100, liveEveryS: 60, limits: PROMISED };
}

const share = (part: number, whole: number): string =>
  `${whole === 0 ? 0 : ((100 * part) / whole).toFixed(1)} %`;

/** The value below which a share of them lie; 0 of none. */
function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? 0;
}

async function run(options: RunOptions): Promise<Outcome> {
  const { dir } = options;
  const { agents, awayS, watchedS, liveEveryS, limits } = sizeOf(options);
  const project = await makeBuild(join(dir, 'build'), options.patches);
  await using rig = await startRig({ dir, project });
  const apiKeys = await registerMany(rig.sql, agents);
  await rig.server.kill();
  await using herd = await startHerd({
    dir,
    project,
    settings: {
      serverUrl: rig.server.url,
      apiKeys,
      miners: MINERS,
      backlog: BACKLOG,
      liveEveryMs: liveEveryS * 1000,
      newestS: Math.floor(Date.now() / 60_000) * 60 - 3600,
    },
  });
  await sleep(awayS * 1000);
  await rig.server.start();
  const backMs = Date.now();
  let rssMb = 0;
  while (Date.now() < backMs + watchedS * 1000) {
    rssMb = Math.max(rssMb, rig.server.rssMb());
    await sleep(500);
  }
  const endMs = Date.now();
  const report = await herd.report();
  const outcome = await judge(rig, report, { agents, backMs, endMs, limits });
  outcome.figures = { ...outcome.figures, 'server memory': `${Math.round(rssMb)} MB` };
  if (rssMb > MOST_RSS_MB) outcome.violations.push(`the server took ${Math.round(rssMb)} MB`);
  outcome.injected = `${agents} agents with ${BACKLOG} batches each, the server away for ${awayS} s`;
  return outcome;
}

/** Seconds from the server's return to the first live batch, and the longest without any batch through. */
function waitsOf(
  delivered: HerdReport['delivered'],
  { backMs, endMs }: { backMs: number; endMs: number },
): { freshS: number; longestS: number } {
  const times = delivered.map(({ atMs }) => atMs).sort((a, b) => a - b);
  const first = delivered.find(({ isLive }) => isLive)?.atMs ?? Infinity;
  const moments = [backMs, ...times, endMs];
  const steps = moments.slice(1).map((at, index) => at - (moments[index] ?? at));
  return { freshS: (first - backMs) / 1000, longestS: Math.max(...steps) / 1000 };
}

async function judge(
  rig: Rig,
  report: HerdReport,
  {
    agents,
    backMs,
    endMs,
    limits,
  }: { agents: number; backMs: number; endMs: number; limits: Limits },
): Promise<Outcome> {
  const violations: string[] = [];
  const requests = report.requests.filter(({ atMs }) => atMs >= backMs);
  const wasted = requests.filter(({ status }) => status !== 200);
  if (wasted.length > requests.length * limits.waste) {
    violations.push(`${share(wasted.length, requests.length)} of the requests were wasted`);
  }

  const waits = Array.from({ length: agents }, (_, agent) =>
    waitsOf(
      report.delivered.filter((delivery) => delivery.agent === agent),
      { backMs, endMs },
    ),
  );
  const fresh = waits.map(({ freshS }) => freshS).filter((s) => s <= FRESH_WITHIN_S);
  const late = agents - fresh.length;
  if (late > agents * limits.late)
    violations.push(`${late} agents were not fresh within ${FRESH_WITHIN_S} s`);
  const longest = waits.map(({ longestS }) => longestS);
  const [slowest, median] = [Math.max(...longest), quantile(longest, 0.5)];
  if (slowest > limits.wait * median) {
    violations.push(
      `one agent waited ${slowest.toFixed(1)} s for its turn, half of them ${median.toFixed(1)} s`,
    );
  }

  const [points] = await askInflux(rig.influx, 'hashyard', 'SELECT count(hashrate_ths) FROM miner');
  const stored = Number(points?.values[0]?.[1] ?? 0);
  const kept = report.delivered.length * MINERS;
  // More than the agents know of is no loss: an answer may be under way in the end.
  const lost = Math.max(0, kept - stored);
  if (lost > 0) violations.push(`${lost} lost`);
  const refusals = requests.filter(({ status }) => status === 503).map(({ tookMs }) => tookMs);
  return {
    injected: '',
    kept,
    stored,
    duplicates: null,
    lost,
    violations,
    figures: {
      requests: String(requests.length),
      wasted: share(wasted.length, requests.length),
      'by answer': Object.entries(Object.groupBy(wasted, ({ status, lane }) => `${status} ${lane}`))
        .map(([kind, those]) => `${those?.length} × ${kind}`)
        .join(', '),
      'fresh, s': `median ${quantile(fresh, 0.5).toFixed(1)}, last ${Math.max(0, ...fresh).toFixed(1)}, not at all ${late}`,
      'longest wait of an agent, s': `median ${median.toFixed(1)}, most ${slowest.toFixed(1)}`,
      'refused (503) within, ms': `p50 ${quantile(refusals, 0.5)}, p99 ${quantile(refusals, 0.99)}`,
      'stored within, ms': `p50 ${quantile(
        requests.filter(({ status }) => status === 200).map(({ tookMs }) => tookMs),
        0.5,
      )}`,
    },
  };
}

export const herd: FaultRow = {
  number: 18,
  name: 'herd',
  fault: 'a thousand agents come back to a server that was away',
  inCi: false,
  alone: true,
  control: { without: 'the pace the server sets', patches: NO_PACE },
  run,
};
