/**
 * The site program with its real clock, polling, sealer, queue and uplink, its miners invented: for a machine whose
 * clock is wrong. Started by clock-site.ts with its settings as JSON in argv[2]. At each poll it prints
 * "K <number> <monotonic ms>": the number goes into every sample, so that what is stored can be told apart.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { makeClock } from '../../../agent/clock.ts';
import { pollEverySlot } from '../../../agent/poll/polling.ts';
import { openQueue } from '../../../agent/queue/queue.ts';
import { makeSealer } from '../../../agent/sealer.ts';
import { connectServer } from '../../../agent/uplink/post.ts';
import { startUplink } from '../../../agent/uplink/uplink.ts';
import type { ClockAgentSettings } from './clock-site.ts';
import { sampleOf } from './truth.ts';

const settings = JSON.parse(process.argv[2] ?? '') as ClockAgentSettings;
const { site, miners, intervalMs } = settings;
const log = pino({ level: 'info' }, pino.destination({ dest: 2, sync: true }));

const clock = makeClock({ log, boot: settings.boot });
const queue = await openQueue({ dir: settings.queueDir, log, clock });
const server = connectServer({ url: settings.serverUrl, apiKey: settings.apiKey });
const uplink = startUplink({ queue, server, freshMs: intervalMs * 2, clock, log });
const sealer = makeSealer({
  queue,
  identity: { version: '0.0.0-faults', boot: randomUUID() },
  log,
  onSealed: (seq) => uplink.fresh(seq),
});

const stopping = new AbortController();
const quiet = new AbortController();
process.on('SIGUSR2', () => quiet.abort());
process.on('SIGTERM', () => stopping.abort());

let poll = settings.firstPoll;
await pollEverySlot({
  intervalMs,
  clock,
  signal: AbortSignal.any([stopping.signal, quiet.signal]),
  async cycle({ at, unsure }) {
    const monotonicMs = Number(process.hrtime.bigint()) / 1e6;
    writeSync(1, `K ${poll} ${monotonicMs}\n`);
    for (let miner = 0; miner < miners; miner += 1) {
      const sample = sampleOf(site, miner, 0);
      sealer.sample({ ...sample, timestamp: at.toISOString(), accepted_shares: poll }, unsure);
    }
    poll += 1;
    const of = { miners, reachable: miners, interval_s: intervalMs / 1000 };
    sealer.cycleEnd({ at: at.toISOString(), duration_ms: 1, ...of }, unsure);
  },
  onOverrun: (slots) => log.warn({ event: 'overrun', slots }),
  onError: (error) => log.error({ err: error, event: 'poll_failed' }),
});
if (!stopping.signal.aborted) {
  await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve));
}
await sealer.close(3000);
await uplink.stop(3000);
await queue.close();
await server.close();
