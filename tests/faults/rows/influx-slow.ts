import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBuild, type Patch } from '../builds/build.ts';
import { HASTY_AGENT } from '../builds/patches.ts';
import { startRig } from '../rig/rig.ts';
import { addSites, settle } from '../rig/sites.ts';
import { judged, type FaultRow, type RunOptions } from '../row.ts';

const MOST_RSS_MB = 400;
const LONGEST_ANSWER_MS = 20_000;
/** Callers at once in the flood; far more than the server takes. */
const FLOOD = 150;

/** Everybody is let in, and every body is held. */
const NO_ADMISSION: readonly Patch[] = [
  {
    file: 'server/features/ingest/admission.ts',
    find: 'const WAITING = 32;\n',
    replace: 'const WAITING = 32_000;\n',
  },
  {
    file: 'server/features/ingest/admission.ts',
    find: 'const WAIT_MS = 1_500;',
    replace: 'const WAIT_MS = 200_000;',
  },
  {
    file: 'server/features/ingest/admission.ts',
    find: 'const PER_AGENT = 4;',
    replace: 'const PER_AGENT = 4_000;',
  },
  {
    file: 'server/features/ingest/admission.ts',
    find: 'export const WORKING = 3;',
    replace: 'export const WORKING = 3_000;',
  },
];

async function run({ dir, amount, isControl, patches }: RunOptions) {
  const hangs = isControl ? 1 : amount === 'ci' ? 1 : 4;
  const project = await makeBuild(join(dir, 'build'), [...HASTY_AGENT, ...patches]);
  await using rig = await startRig({ dir, project });
  await addSites(rig, { count: 3, miners: 100, tickMs: 200 });
  let rssMb = 0;
  using stack = new DisposableStack();
  const watch = setInterval(() => {
    rssMb = Math.max(rssMb, rig.server.rssMb());
  }, 100);
  stack.defer(() => clearInterval(watch));
  const flooders = await Promise.all(
    Array.from({ length: 30 }, (_, index) => rig.register(`flood-${index}`)),
  );
  // Old agents, whose bodies are large and who wait for their answers.
  const body = JSON.stringify({
    miner_stats: Array.from({ length: 1_000 }, (_, miner) => ({
      ip_address: `127.240.${miner >> 8}.${miner & 255}`,
      timestamp: new Date().toISOString(),
      hash_rate: 100,
      stats_data: { text: 'x'.repeat(1_500) },
    })),
  });
  const answers: { status: number; ms: number }[] = [];
  const flood = async (): Promise<void> => {
    await Promise.all(
      Array.from({ length: FLOOD }, async (_, index) => {
        const began = performance.now();
        const status = await fetch(`${rig.server.url}/api/agent/sync`, {
          method: 'POST',
          headers: {
            'x-api-key': flooders[index % flooders.length]?.apiKey ?? '',
            'content-type': 'application/json',
          },
          body,
          signal: AbortSignal.timeout(40_000),
        }).then(
          async (answer) => {
            await answer.arrayBuffer();
            return answer.status;
          },
          () => 0,
        );
        answers.push({ status, ms: performance.now() - began });
      }),
    );
  };

  for (let hang = 0; hang < hangs; hang += 1) {
    await sleep(500);
    rig.influx.signal('STOP');
    const flooding = flood();
    await sleep(2_500);
    rig.influx.signal('CONT');
    await flooding;
  }
  if (!isControl) {
    rig.links.influx.delayMs = 5_000;
    rig.links.influx.link = 'slow';
    await sleep(amount === 'ci' ? 6_000 : 15_000);
    rig.links.influx.link = 'pass';
    rig.links.influx.bytesPerS = 50_000;
    await sleep(amount === 'ci' ? 3_000 : 10_000);
    rig.links.influx.bytesPerS = 0;
  }
  const outcome = judged(
    `${hangs} hangs of 2.5 s under ${answers.length} requests, 5 s of latency, 50 kB/s`,
    await settle(rig),
  );
  const violations: string[] = [];
  const odd = answers.filter(({ status }) => ![200, 429, 503].includes(status));
  if (odd.length > 0) violations.push(`${odd.length} requests answered ${odd[0]?.status}`);
  const slowest = answers.reduce((most, { ms }) => Math.max(most, ms), 0);
  if (slowest > LONGEST_ANSWER_MS) violations.push(`an answer took ${Math.round(slowest)} ms`);
  if (rssMb > MOST_RSS_MB) violations.push(`the server held ${Math.round(rssMb)} MB`);
  const refused = answers.filter(({ status }) => status !== 200);
  return {
    ...outcome,
    violations: [...violations, ...outcome.violations],
    figures: {
      'server memory at most': `${Math.round(rssMb)} MB`,
      'refused while InfluxDB hung': `${refused.length} of ${answers.length}`,
    },
  };
}

export const influxSlow: FaultRow = {
  number: 9,
  name: 'influx-slow',
  fault: 'InfluxDB hangs, answers 5 s late, takes 50 kB/s',
  inCi: false,
  alone: true,
  control: { without: 'the admission', patches: NO_ADMISSION },
  run,
};
