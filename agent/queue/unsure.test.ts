import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SyncRequest } from '#contract/sync.ts';
import { makeClock } from '../clock.ts';
import type { AgentClock } from '../clock.ts';
import { QUEUE_LIMITS, openQueue } from './queue.ts';
import type { Queue } from './queue.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const TRUE_NOW = Date.parse('2026-03-01T12:00:00Z');
const DAY = 86_400_000;

let dir: string;
let opened: Queue[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agent-unsure-'));
  opened = [];
});
afterEach(async () => {
  for (const queue of opened) await queue.close();
  await rm(dir, { recursive: true });
});

/** A machine that is a day and 700 ms behind. */
function slowMachine(boot: string) {
  const now = { wall: TRUE_NOW - DAY - 700, monotonic: 9000 };
  const clock = makeClock({
    log,
    boot,
    system: { wall: () => now.wall, monotonic: () => now.monotonic },
  });
  const pass = (ms: number): void => {
    now.wall += ms;
    now.monotonic += ms;
  };
  return { clock, pass, hear: () => clock.learn(now.wall + DAY + 700, 0) };
}

async function open(clock: AgentClock): Promise<Queue> {
  const queue = await openQueue({ dir, log, clock });
  opened.push(queue);
  return queue;
}
async function close(queue: Queue): Promise<void> {
  opened = opened.filter((each) => each !== queue);
  await queue.close();
}

const body = (clock: AgentClock): SyncRequest => {
  const at = new Date(Math.floor(clock.wall() / 1000) * 1000).toISOString();
  return {
    discovered_miners: [],
    miner_stats: [{ ip_address: '10.0.0.1', timestamp: at }],
    agent: { version: '1', boot: 'b', cycle: { at, duration_ms: 1, miners: 1, reachable: 1 } },
  };
};
const batchFiles = async () => (await readdir(dir)).filter((name) => name.endsWith('.gz')).sort();

describe('a batch sealed before anybody knew the time', () => {
  it('is shifted once, by a name that stands, and is the same in every delivery', async () => {
    const machine = slowMachine('boot');
    const queue = await open(machine.clock);
    await queue.append(body(machine.clock), machine.clock.stamp());
    expect(await batchFiles()).toEqual(['0000000000000001.unsure.json.gz']);
    await expect(queue.load(1)).rejects.toThrow('the time is not known yet');
    machine.hear();
    const loaded = await queue.load(1);
    expect(await batchFiles()).toEqual([`0000000000000001.shift+${DAY}.json.gz`]);
    // 11:59:59.3 a day ago was cut to 11:59:59: whole seconds stay whole.
    expect(loaded?.body).toMatchObject({
      batch: { queue: queue.id, seq: 1 },
      miner_stats: [{ timestamp: '2026-03-01T11:59:59.000Z' }],
      agent: { cycle: { at: '2026-03-01T11:59:59.000Z' } },
    });
    expect(loaded?.body.batch).not.toHaveProperty('unsure');
    expect(JSON.parse(gunzipSync(loaded?.gz ?? Buffer.alloc(0)).toString())).toEqual(loaded?.body);
    await close(queue);

    const later = slowMachine('boot');
    later.pass(60_000);
    const again = await open(later.clock);
    expect((await again.load(1))?.sha256).toBe(loaded?.sha256);
    await again.ack(1, loaded?.sha256 ?? '');
    expect(await batchFiles()).toEqual([]);
  });

  it('is put right by a later run of the same boot, with the distance the earlier ones had', async () => {
    const machine = slowMachine('boot');
    const first = await open(machine.clock);
    await first.append(body(machine.clock), machine.clock.stamp());
    machine.pass(1000);
    await first.append(body(machine.clock), machine.clock.stamp());
    machine.hear();
    await first.load(1);
    await close(first);
    const later = slowMachine('boot');
    later.pass(60_000);
    // Its own measurement differs by a second.
    later.clock.learn(TRUE_NOW + 61_000, 0);
    const second = await open(later.clock);
    const times = await Promise.all(
      [1, 2].map(async (seq) => (await second.load(seq))?.body.miner_stats?.[0]?.timestamp),
    );
    expect(times).toEqual(['2026-03-01T11:59:59.000Z', '2026-03-01T12:00:00.000Z']);
  });

  it('may be dropped while it is read, and the folder is none the worse for it', async () => {
    const machine = slowMachine('boot');
    const queue = await open(machine.clock);
    await queue.append(body(machine.clock), machine.clock.stamp());
    machine.hear();
    const loading = queue.load(1);
    await Promise.all([loading, queue.bury(1)]);
    expect(await loading).toBe(null);
    expect(queue.stats()).toMatchObject({ state: 'disk', batches: 0, dead: 1 });
  });

  it('goes out as it is when the machine has booted since', async () => {
    const machine = slowMachine('boot');
    const stamp = machine.clock.stamp();
    const first = await open(machine.clock);
    const { sha256 } = await first.append(body(machine.clock), stamp);
    await close(first);
    const later = slowMachine('another boot');
    later.hear();
    const second = await open(later.clock);
    expect(await second.load(1)).toMatchObject({ sha256, body: { batch: { unsure: stamp } } });
    expect(await batchFiles()).toEqual(['0000000000000001.unsure.json.gz']);
  });

  it('needs no shift when the clock was right, and says so in its name', async () => {
    const now = { wall: TRUE_NOW, monotonic: 0 };
    const system = { wall: () => now.wall, monotonic: () => now.monotonic };
    const clock = makeClock({ log, boot: 'boot', system });
    const queue = await open(clock);
    await queue.append(body(clock), clock.stamp());
    clock.learn(TRUE_NOW + 1500, 0);
    expect((await queue.load(1))?.body.batch).toEqual({ queue: queue.id, seq: 1 });
    expect(await batchFiles()).toEqual(['0000000000000001.shift+0.json.gz']);
  });

  it('is not sent while its shift cannot be noted', async () => {
    const machine = slowMachine('boot');
    const queue = await open(machine.clock);
    await queue.append(body(machine.clock), machine.clock.stamp());
    machine.hear();
    const file = join(dir, '0000000000000001.unsure.json.gz');
    const there = join(dir, `0000000000000001.shift+${DAY}.json.gz`, 'in-the-way');
    await mkdir(there, { recursive: true });
    expect(await queue.load(1)).toBeNull();
    expect(queue.find(1)).toMatchObject({ stuck: true, unsure: true });
    expect(await readFile(file)).not.toHaveLength(0);
    expect(queue.stats()).toMatchObject({ state: 'memory', gaps: [] });
  });

  it('is shifted in memory, too, before it is sent', async () => {
    const machine = slowMachine('boot');
    const queue = await open(machine.clock);
    for (const name of ['tmp', 'odd']) {
      await rm(join(dir, name), { recursive: true });
      await writeFile(join(dir, name), '');
    }
    await queue.append(body(machine.clock), machine.clock.stamp());
    machine.hear();
    const loaded = await queue.load(-1);
    expect(loaded?.body.miner_stats).toMatchObject([{ timestamp: '2026-03-01T11:59:59.000Z' }]);
    expect((await queue.load(-1))?.sha256).toBe(loaded?.sha256);
    expect(loaded?.body.batch).toEqual({ queue: loaded?.queue, seq: 1 });
    for (const name of ['tmp', 'odd']) await rm(join(dir, name));
  });

  it('is not aged out by a clock that nobody has confirmed, nor for its wrong time', async () => {
    const machine = slowMachine('boot');
    const limits = { ...QUEUE_LIMITS, maxAgeMs: 3600_000 };
    const queue = await openQueue({ dir, log, clock: machine.clock, limits });
    opened.push(queue);
    await queue.append(body(machine.clock), machine.clock.stamp());
    machine.pass(2 * 3600_000);
    await queue.append(body(machine.clock), machine.clock.stamp());
    expect(queue.stats().gaps).toEqual([]);
    machine.hear();
    await queue.append(body(machine.clock));
    expect(queue.held().map(({ seq }) => seq)).toEqual([1, 2, 3]);
    // Once it is put right, it is two hours old.
    await queue.load(1);
    await queue.append(body(machine.clock));
    expect(queue.held().map(({ seq }) => seq)).toEqual([2, 3, 4]);
    expect(queue.stats().gaps).toMatchObject([{ reason: 'age', from: '2026-03-01T11:59:59.000Z' }]);
  });

  it('is reported as a gap of the right time, should it be lost before that is known', async () => {
    const machine = slowMachine('boot');
    const limits = { ...QUEUE_LIMITS, maxBytes: 1 };
    const queue = await openQueue({ dir, log, clock: machine.clock, limits });
    opened.push(queue);
    await queue.append(body(machine.clock), machine.clock.stamp());
    await queue.append(body(machine.clock), machine.clock.stamp());
    const blind = await queue.append(body(machine.clock), machine.clock.stamp());
    machine.hear();
    expect((await queue.load(blind.seq))?.body.agent).not.toHaveProperty('gaps');
    const { seq } = await queue.append(body(machine.clock));
    expect((await queue.load(seq))?.body.agent?.gaps).toMatchObject([
      { batches: 2, from: '2026-03-01T11:59:59.000Z', to: '2026-03-01T11:59:59.000Z' },
    ]);
  });
});
