import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBuild } from '../builds/build.ts';
import { ANSWER_BEFORE_INFLUX, HASTY_AGENT } from '../builds/patches.ts';
import { startRig } from '../rig/rig.ts';
import { addSites, settle } from '../rig/sites.ts';
import { until } from '../rig/until.ts';
import { judged, type FaultRow, type RunOptions } from '../row.ts';

async function run({ dir, amount, isControl, patches }: RunOptions) {
  const outages = isControl || amount === 'ci' ? 2 : 6;
  const project = await makeBuild(join(dir, 'build'), [...HASTY_AGENT, ...patches]);
  await using rig = await startRig({ dir, project });
  await addSites(rig, { count: 3, miners: 100, tickMs: 100 });
  const violations: string[] = [];
  for (let outage = 0; outage < outages; outage += 1) {
    await sleep(1000);
    await rig.influx.kill();
    await sleep(300);
    const newest = async (): Promise<number> => {
      const [row] = await rig.sql<{ at: number }[]>`
        select coalesce(extract(epoch from max(at)), 0)::float8 as at from miner_latest`;
      return row?.at ?? 0;
    };
    const before = await newest();
    const { apiKey } = await rig.register(`probe-${outage}`);
    const answer = await fetch(`${rig.server.url}/api/agent/sync`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({
        batch: { queue: crypto.randomUUID(), seq: 1 },
        miner_stats: [{ ip_address: '127.250.0.1', timestamp: new Date().toISOString() }],
      }),
    });
    await answer.arrayBuffer();
    const waits = answer.headers.get('retry-after');
    if (answer.status !== 503 || waits === null) {
      violations.push(`answered ${answer.status}, Retry-After ${waits}, while InfluxDB was away`);
    }
    // What people see of now does not wait for the history.
    await until('the inventory goes on', 10_000, async () => (await newest()) > before).catch(
      (error: unknown) => violations.push(String(error)),
    );
    await rig.influx.start();
  }
  const outcome = judged(`${outages} kills`, await settle(rig));
  // The probe's sample is refused by design and sent by nobody again.
  return { ...outcome, violations: [...violations, ...outcome.violations] };
}

export const influxKilled: FaultRow = {
  number: 8,
  name: 'influx-killed',
  fault: 'InfluxDB killed, started again',
  inCi: true,
  control: { without: 'waiting for InfluxDB’s answer', patches: ANSWER_BEFORE_INFLUX },
  run,
};
