import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { pino } from 'pino';
import type { SyncRequest } from '../../../contract/sync.ts';
import { askInflux } from '../../../simulator/services/influxql.ts';
import { startServerProcess } from '../../../simulator/services/server-process.ts';
import { sync } from '../../support/sync.ts';
import { makeBuild } from '../builds/build.ts';
import { startEarlyInflux2, type EarlyInflux2 } from '../rig/early-influx2.ts';
import { openInnerAgent, type InnerAgent } from '../rig/inner-agent.ts';
import { CONFLICTING_FIELD, POISONS, type Poison } from '../rig/poisons.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { macOf, truthOf } from '../rig/truth.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

const MOST_WRITES = 64;
const DRAIN_MS = 60_000;
/** Long enough for several attempts. */
const CONTROL_MS = 6_000;

const secondNow = Math.floor(Date.now() / 60_000) * 60;
/** Batches are apart by a minute of the day before, so that their time tells them apart. */
const secondOf = (number: number): number => secondNow - 86_400 + number * 60;

type Sample = NonNullable<SyncRequest['miner_stats']>[number];

function goodSample(miner: number, second: number): Sample {
  const truth = truthOf(1, miner, second);
  return {
    ip_address: `127.1.${miner >> 8}.${miner & 255}`,
    port: 4028,
    mac: macOf(1, miner),
    timestamp: new Date(second * 1000).toISOString(),
    hash_rate: truth.hashrateThs,
    temperature: truth.tempC,
    power_consumption: truth.powerW,
    accepted_shares: truth.accepted,
  };
}

function batch(samples: number, second: number, change?: Poison): SyncRequest {
  const all = Array.from({ length: samples }, (_, miner) => goodSample(miner, second));
  if (change) {
    const place = Math.floor(samples * 0.7);
    all[place] = change.spoil(all[place]!, all[0]!) as Sample;
  }
  return { agent: { version: '0.0.0-faults', boot: 'boot' }, miner_stats: all };
}

interface Bench {
  rig: Rig;
  url: string;
  agent: InnerAgent;
  apiKey: string;
  front: EarlyInflux2;
  scope: string;
  violations: string[];
}

/** Points of that moment. */
async function pointsAt({ rig, scope }: Bench, second: number): Promise<number> {
  const [counted] = await askInflux(
    rig.influx,
    'hashyard',
    `SELECT count(up) FROM miner WHERE site = '${scope}' AND time = ${second}s`,
  );
  return Number(counted?.values[0]?.[1] ?? 0);
}

const heldAside = ({ rig }: Bench) =>
  rig.sql<{ code: string; idx: number }[]>`
    select code, idx from ingest_quarantine order by id`;

/** Appends the batches and waits until they are gone; how many requests and writes that took. */
async function through(bench: Bench, batches: readonly SyncRequest[], ms = DRAIN_MS) {
  const { agent, front } = bench;
  const before = { requests: agent.exchanges.length, writes: front.writes() };
  for (const body of batches) {
    await agent.append(body);
    await agent.drained(ms);
  }
  return {
    statuses: agent.exchanges.slice(before.requests).map(({ status }) => status),
    writes: front.writes() - before.writes,
  };
}

/** Its day holds the field as text, of a miner of another farm. */
async function forceConflict({ rig }: Bench, second: number): Promise<void> {
  const answer = await fetch(`${rig.influx.url}/write?db=hashyard&precision=s`, {
    method: 'POST',
    headers: { authorization: basic(rig) },
    body: `miner,site=other,miner=other ${CONFLICTING_FIELD.column}="text" ${second}`,
  });
  if (!answer.ok) throw new Error(`InfluxDB did not take the text: ${await answer.text()}`);
}

const basic = ({ influx: { user, password } }: Rig): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

async function onePoisoned(
  bench: Bench,
  poison: Poison,
  second: number,
  samples: number,
  ms: number,
): Promise<{ stored: number }> {
  const { violations } = bench;
  const before = await heldAside(bench);
  const blame = (text: string) => void violations.push(`${poison.name}: ${text}`);
  // The next batch follows at once; nothing of it may be held up by the bad one.
  const follower = second + 1;
  const { statuses, writes } = await through(
    bench,
    [batch(samples, second, poison), batch(10, follower)],
    ms,
  ).catch((error: unknown) => {
    blame(String(error));
    return { statuses: [], writes: 0 };
  });
  if (statuses.join() !== '200,200') blame(`answers were ${statuses.join() || 'none that counts'}`);
  if (writes > MOST_WRITES) blame(`${writes} writes to InfluxDB`);
  const stored = await pointsAt(bench, second);
  const expected = poison.code === null ? samples : samples - 1;
  if (stored !== expected) blame(`${stored} of ${samples} samples are stored, not ${expected}`);
  const aside = (await heldAside(bench)).slice(before.length);
  const said = aside.map(({ code, idx }) => `${code} ${idx}`).join();
  const wanted = poison.code === null ? '' : `${poison.code} ${Math.floor(samples * 0.7)}`;
  if (said !== wanted) blame(`set aside is "${said}", not "${wanted}"`);
  if ((await pointsAt(bench, follower)) !== 10) blame('the next batch is not stored');
  return { stored };
}

/** Half of a batch is refused by InfluxDB: more bad lines than 64 requests can find. */
async function manyConflicts(bench: Bench, second: number, samples: number): Promise<void> {
  const body = batch(samples, second);
  for (const [n, sample] of body.miner_stats!.entries()) {
    if (n % 2 === 0) sample.power_limit_w = 3_300;
  }
  const before = (await heldAside(bench)).length;
  const { statuses, writes } = await through(bench, [body]);
  const stored = await pointsAt(bench, second);
  const aside = (await heldAside(bench)).length - before;
  if (statuses.join() !== '200' || writes > MOST_WRITES || stored + aside < samples) {
    bench.violations.push(
      `half a batch of conflicts: answers ${statuses.join()}, ${writes} writes, ${stored} stored and ${aside} set aside of ${samples}`,
    );
  }
}

/** Whole bodies that cannot be taken: in the uplink's way, and in the server's. */
async function wholeBodies(bench: Bench, number: number): Promise<number> {
  const { rig, url, apiKey, violations } = bench;
  const good = batch(10, secondOf(number));
  const wrongType = batch(10, secondOf(number + 1));
  Object.assign(wrongType.miner_stats![3]!, { temp_chip: 'hot' });
  // 6,000 samples of 1.6 kB each are more than 8 MiB, and half of them are not.
  const oversize = batch(6_000, secondOf(number + 2));
  for (const sample of oversize.miner_stats!) sample.power_mode = 'm'.repeat(1_400);
  const giant = batch(1, secondOf(number + 3));
  giant.miner_stats![0]!.power_mode = 'm'.repeat(9 * 1024 * 1024);
  const uplink: [string, SyncRequest, string, number][] = [
    ['a wrong type', wrongType, '422', 0],
    ['nine megabytes', oversize, '413,200,200', 6_000],
    ['nine megabytes in one sample', giant, '413', 0],
  ];
  for (const [name, body, expected, points] of uplink) {
    const second = Date.parse(body.miner_stats![0]!.timestamp) / 1000;
    const { statuses } = await through(bench, [body, good]);
    const stored = await pointsAt(bench, second);
    if (statuses.join() !== `${expected},200` || stored !== points) {
      violations.push(`${name}: answers ${statuses.join()}, ${stored} samples stored`);
    }
  }
  const dead = (await readdir(join(rig.dir, 'queue', 'dead'))).length;
  if (dead !== 2) violations.push(`${dead} batches in dead/ instead of 2`);

  const text = JSON.stringify({ ...good, batch: undefined });
  const gzip = { 'content-encoding': 'gzip' };
  const direct: [string, Buffer | string, Record<string, string>, number][] = [
    ['half a JSON', text.slice(0, -20), {}, 422],
    ['an empty body', '', {}, 422],
    ['no UTF-8', Buffer.from(`{"a":"\xff"}`, 'latin1'), {}, 422],
    ['brotli', brotliCompressSync(text), { 'content-encoding': 'br' }, 415],
    ['plain text said to be gzip', text, gzip, 422],
    ['half a gzip', gzipSync(text).subarray(0, 60), gzip, 422],
    ['a gzip bomb', gzipSync(Buffer.alloc(64 << 20, ' ')), gzip, 413],
    ['a list', '[]', {}, 422],
  ];
  for (const [name, body, headers, expected] of direct) {
    const { status } = await sync({ url }, apiKey, body, headers);
    if (status !== expected) violations.push(`${name} was answered ${status}, not ${expected}`);
  }
  return uplink.length + direct.length;
}

async function run(options: RunOptions): Promise<Outcome> {
  const { dir, amount, isControl, patches } = options;
  const samples = isControl || amount === 'ci' ? 200 : 1_000;
  const project = await makeBuild(join(dir, 'build'), patches);
  await using rig = await startRig({ dir, project });
  const { apiKey, scope } = await rig.register('agent');
  await rig.server.kill();
  await using front = await startEarlyInflux2(rig.influx.url);
  const environment = { ...rig.server.environment, INFLUX_URL: front.url };
  const server = await startServerProcess({ dir: join(dir, 'behind-front'), environment, project });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => server.stop());
  const log = pino({ level: 'silent' });
  const agent = stack.use(
    await openInnerAgent({ dir: join(dir, 'queue'), url: server.url, apiKey, log }),
  );
  const violations: string[] = [];
  const bench: Bench = { rig, url: server.url, agent, apiKey, front, scope, violations };

  await through(bench, [batch(samples, secondOf(0))]);
  // The column is a number already in the shard of today's batches: the text must come first.
  await forceConflict(bench, secondOf(1));
  const kinds = isControl ? POISONS.filter(({ code }) => code === 'influx_rejected') : POISONS;
  let stored = 0;
  for (const [index, kind] of kinds.entries()) {
    const ms = isControl ? CONTROL_MS : DRAIN_MS;
    stored += (await onePoisoned(bench, kind, secondOf(2 + index), samples, ms)).stored;
  }
  let whole = 0;
  if (!isControl) {
    await manyConflicts(bench, secondOf(50), samples);
    whole = await wholeBodies(bench, 60);
  }
  const aside = (await heldAside(bench)).length;
  return {
    injected: `${kinds.length} kinds of bad sample, each 1 of ${samples}; ${whole + 1} of bad batch`,
    kept: kinds.length * samples,
    stored,
    duplicates: null,
    lost: null,
    violations,
    figures: { 'set aside, with the reason': `${aside} samples` },
  };
}

export const poison: FaultRow = {
  number: 14,
  name: 'poison',
  fault: 'samples and batches that can never be stored',
  inCi: true,
  control: {
    without: 'reading "partial write" in what InfluxDB says (early 2.x: status 500)',
    patches: [
      {
        file: 'server/influx/influx-failure.ts',
        find: "body.includes('partial write')",
        replace: 'false',
      },
    ],
  },
  run,
};
