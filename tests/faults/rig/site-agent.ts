/**
 * The site program without its miners: the real sealer, queue and uplink, fed by a clockwork that invents readings of
 * which the oracle knows the truth. Started by site.ts with its settings as JSON in argv[2]. It prints what the oracle
 * needs, each line written before the next thing happens: "T <s> <n>" before n samples of that second are handed over,
 * "P <s> <n>" when they are on disk.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { SyncRequest } from '../../../contract/sync.ts';
import { openQueue } from '../../../agent/queue/queue.ts';
import type { Queue } from '../../../agent/queue/queue.ts';
import { makeSealer } from '../../../agent/sealer.ts';
import { connectServer } from '../../../agent/uplink/post.ts';
import { startUplink } from '../../../agent/uplink/uplink.ts';
import { sampleOf } from './truth.ts';
import type { SiteAgentSettings } from './site.ts';

const settings = JSON.parse(process.argv[2] ?? '') as SiteAgentSettings;
const { site, miners, tickMs, stepS } = settings;
const say = (line: string): void => void writeSync(1, `${line}\n`);
const log = pino({ level: 'info' }, pino.destination({ dest: 2, sync: true }));

const queue = await openQueue({ dir: settings.queueDir, log });
/** Says which seconds each kept batch holds. What is in memory only (a number below zero) is not kept. */
const append: Queue['append'] = async (body, unsure) => {
  const written = await queue.append(body, unsure);
  if (written.seq < 0) return written;
  for (const [second, samples] of secondsIn(body)) say(`P ${second} ${samples}`);
  return written;
};
const speaking: Queue = Object.create(queue, { append: { value: append } }) as Queue;
const server = connectServer({ url: settings.serverUrl, apiKey: settings.apiKey });
const uplink = startUplink({ queue, server, freshMs: settings.freshMs, log });
const sealer = makeSealer({
  queue: speaking,
  identity: { version: '0.0.0-faults', boot: randomUUID() },
  log,
  onSealed: (seq) => uplink.fresh(seq),
});

let second = settings.firstS;
let quiet = false;
process.on('SIGUSR2', () => {
  quiet = true;
});
const stopping = new AbortController();
process.on('SIGTERM', () => stopping.abort());

const began = performance.now();
for (let tick = 0; !stopping.signal.aborted; tick += 1) {
  const wait = began + tick * tickMs - performance.now();
  await sleep(Math.max(0, wait), undefined, { signal: stopping.signal }).catch(() => undefined);
  if (quiet || stopping.signal.aborted) continue;
  say(`T ${second} ${miners}`);
  for (let miner = 0; miner < miners; miner += 1) sealer.sample(sampleOf(site, miner, second));
  sealer.cycleEnd({
    at: new Date(second * 1000).toISOString(),
    duration_ms: 1,
    miners,
    reachable: miners,
    interval_s: stepS,
  });
  second += stepS;
}
await sealer.close(3000);
await uplink.stop(3000);
await queue.close();
await server.close();

function secondsIn(body: SyncRequest): Map<number, number> {
  const seconds = new Map<number, number>();
  for (const { timestamp } of body.miner_stats ?? []) {
    const at = Date.parse(timestamp) / 1000;
    seconds.set(at, (seconds.get(at) ?? 0) + 1);
  }
  return seconds;
}
