/**
 * The site program without its miners: the real clock, polling, sealer, queue and uplink, fed by a clockwork that
 * invents readings of which the oracle knows the truth. Started by site.ts with its settings as JSON in argv[2]. It
 * prints what the oracle needs, each line written before the next thing happens: "T <s> <n>" before n samples of that
 * second are handed over, "P <s> <n>" when they are on disk; and for those who measure (site-log.ts) "C <s> <ms>" when
 * the poll of that second begins, "S <s> <lane> <ms>" when it is sent, "A <s> <lane> <ms> <pace>" when it is stored,
 * and "Q" when it polls no more and the queue has all.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import type { SyncAnswer, SyncRequest } from '../../../contract/sync.ts';
import { makeClock } from '../../../agent/clock.ts';
import { pollEverySlot } from '../../../agent/poll/polling.ts';
import { openQueue } from '../../../agent/queue/queue.ts';
import type { Queue } from '../../../agent/queue/queue.ts';
import { makeSealer } from '../../../agent/sealer.ts';
import { connectServer, type Server } from '../../../agent/uplink/post.ts';
import { startUplink } from '../../../agent/uplink/uplink.ts';
import { sampleOf } from './truth.ts';
import { until } from './until.ts';
import type { SiteAgentSettings } from './site.ts';

const settings = JSON.parse(process.argv[2] ?? '') as SiteAgentSettings;
const { site, miners, tickMs, stepS } = settings;
const say = (line: string): void => void writeSync(1, `${line}\n`);
const log = pino({ level: 'info' }, pino.destination({ dest: 2, sync: true }));

const clock = makeClock({ log });
const queue = await openQueue({ dir: settings.queueDir, log, clock });
/** The second a body that is being sent begins with. */
const secondOf = new WeakMap<Buffer, number>();
/** Newest second that the queue has taken. */
let handedOver = 0;
/** Says which seconds each kept batch holds. What is in memory only (a number below zero) is not kept. */
const append: Queue['append'] = async (body, unsure) => {
  const written = await queue.append(body, unsure);
  for (const kept of secondsIn(body).keys()) handedOver = Math.max(handedOver, kept);
  if (written.seq < 0) return written;
  for (const [second, samples] of secondsIn(body)) say(`P ${second} ${samples}`);
  return written;
};
const load: Queue['load'] = async (seq) => {
  const batch = await queue.load(seq);
  if (batch) secondOf.set(batch.gz, [...secondsIn(batch.body).keys()][0] ?? 0);
  return batch;
};
const speaking: Queue = Object.create(queue, {
  append: { value: append },
  load: { value: load },
}) as Queue;
const server = connectServer({ url: settings.serverUrl, apiKey: settings.apiKey });
const watched: Server = {
  ...server,
  async sync(gz, signal, lane) {
    const what = `${secondOf.get(gz)} ${lane}`;
    say(`S ${what} ${Date.now()}`);
    const answer = await server.sync(gz, signal, lane);
    if (answer.status === 200) {
      const { next } = JSON.parse(answer.body) as SyncAnswer;
      say(`A ${what} ${Date.now()} ${next.backlog_ms}`);
    }
    return answer;
  },
};
const uplink = startUplink({
  queue: speaking,
  server: watched,
  freshMs: settings.freshMs,
  clock,
  backlogDelayMs: tickMs,
  log,
});
const sealer = makeSealer({
  queue: speaking,
  identity: { version: '0.0.0-faults', boot: randomUUID() },
  log,
  onSealed: (seq) => uplink.fresh(seq),
});

const stopping = new AbortController();
const quiet = new AbortController();
process.on('SIGUSR2', () => quiet.abort());
process.on('SIGTERM', () => stopping.abort());

let second = settings.firstS - stepS;
/** Polls `count` times, or until it is stopped. */
async function poll(count: number, intervalMs: number): Promise<void> {
  const enough = new AbortController();
  let polls = 0;
  let lastSlot: number | null = null;
  await pollEverySlot({
    intervalMs,
    clock,
    signal: AbortSignal.any([stopping.signal, quiet.signal, enough.signal]),
    async cycle({ at, unsure }) {
      const beganMs = performance.timeOrigin + performance.now();
      const slot = at.getTime();
      // A slot that was missed is missing in the history, too.
      second += lastSlot === null ? stepS : Math.round((slot - lastSlot) / intervalMs) * stepS;
      lastSlot = slot;
      say(`T ${second} ${miners}`);
      say(`C ${second} ${beganMs.toFixed(1)}`);
      for (let miner = 0; miner < miners; miner += 1) {
        sealer.sample(sampleOf(site, miner, second), unsure);
      }
      const of = { miners, reachable: miners, interval_s: stepS };
      sealer.cycleEnd({ at: new Date(second * 1000).toISOString(), duration_ms: 1, ...of }, unsure);
      polls += 1;
      if (polls >= count) enough.abort();
    },
    onOverrun: (slots) => log.warn({ event: 'overrun', slots }),
    onError: (error) => log.error({ err: error, event: 'poll_failed' }),
  });
}
const { fast } = settings;
if (fast.polls > 0) await poll(fast.polls, fast.tickMs);
await poll(Infinity, tickMs);
// Polled does not mean that the queue has it: whoever waits until the queue is empty waits for this first.
await until('the queue has all', 60_000, () => handedOver >= second || stopping.signal.aborted);
say('Q');
if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
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
