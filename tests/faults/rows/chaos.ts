import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unit } from '../../../simulator/random.ts';
import { makeBuild } from '../builds/build.ts';
import { ANSWER_BEFORE_INFLUX, HASTY_AGENT } from '../builds/patches.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { addSites, settle } from '../rig/sites.ts';
import { judged, type FaultRow, type RunOptions } from '../row.ts';

const SITES = 3;
const MINERS = 200;
const TICK_MS = 250;
/** Between the end of one fault and the next. */
const REST_MS = 500;

/** A fault begins, lasts, and is over when it returns. */
type Fault = (rig: Rig, random: () => number) => Promise<void>;

const FAULTS: Record<string, Fault> = {
  async 'agent killed'(rig, random) {
    const site = rig.sites[Math.floor(random() * rig.sites.length)]!;
    await site.kill();
    await sleep(random() * 500);
    await site.start();
  },
  async 'server killed'(rig) {
    await rig.server.kill();
    await rig.server.start();
  },
  async 'Postgres killed'(rig, random) {
    await rig.postgres.kill();
    await sleep(random() * 1500);
    await rig.postgres.start();
  },
  async 'InfluxDB killed'(rig, random) {
    await rig.influx.kill();
    await sleep(random() * 1500);
    await rig.influx.start();
  },
  async 'InfluxDB hangs'(rig, random) {
    rig.influx.signal('STOP');
    await sleep(500 + random() * 2000);
    rig.influx.signal('CONT');
  },
  async 'link down'(rig, random) {
    rig.links.agents.become('refuse');
    await sleep(300 + random() * 1500);
    rig.links.agents.become('pass');
  },
  async 'link swallows'(rig, random) {
    rig.links.agents.become('swallow');
    await sleep(300 + random() * 1000);
    rig.links.agents.become('pass');
  },
  async 'answers lost'(rig, random) {
    rig.links.agents.become('deaf');
    await sleep(300 + random() * 1000);
    rig.links.agents.become('pass');
  },
};

async function run(options: RunOptions) {
  const { dir, seed, say, isControl } = options;
  const seconds = options.seconds ?? (isControl ? 12 : options.amount === 'ci' ? 20 : 60);
  let drawn = 0;
  const random = (): number => unit(seed, (drawn += 1));
  const project = await makeBuild(join(dir, 'build'), [...HASTY_AGENT, ...options.patches]);
  await using rig = await startRig({ dir, project });
  await addSites(rig, { count: SITES, miners: MINERS, tickMs: TICK_MS });

  const counts = new Map<string, number>();
  const names = Object.keys(FAULTS);
  const end = performance.now() + seconds * 1000;
  for (let turn = 0; performance.now() < end; turn += 1) {
    // All of them in turn, from a random one on, so that a short run meets each.
    const name = names[(Math.floor(unit(seed, 0) * names.length) + turn * 3) % names.length]!;
    await sleep(REST_MS * random());
    await FAULTS[name]!(rig, random);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const injected = [...counts].map(([name, count]) => `${count} × ${name}`).join(', ');
  const total = counts.values().reduce((sum, count) => sum + count, 0);
  say(`${total} faults in ${seconds} s: ${injected}`);

  return judged(`${total} faults`, await settle(rig));
}

export const chaos: FaultRow = {
  number: 23,
  name: 'chaos',
  fault:
    'all of these in turn: kills of agent, server, Postgres, InfluxDB; hangs; links down, deaf, swallowing',
  inCi: true,
  alone: true,
  control: { without: 'waiting for InfluxDB’s answer', patches: ANSWER_BEFORE_INFLUX },
  run,
};
