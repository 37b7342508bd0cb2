/**
 * A queue and nothing else, to be killed, cut off and refused: started by start-writer.ts with its settings as JSON in
 * argv[2]. Waits for a line on its standard input before it touches the folder, and ends when that input ends. Prints,
 * each line written before the next thing happens:
 *   "R <tid>"  ready; the thread that will make every call to the file system
 *   "O"        the folder is open
 *   "A <s>"    the batch of second s is on disk for good; "M <s>": it is kept in memory
 *   "N <s>"    append has rejected
 *   "T <s>"    the batch of s is about to be acknowledged; "D <s>": it is
 *   "S <state> <batches in memory> <bytes in memory>" after each append
 *   "E"        closed
 */
import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { openQueue, QUEUE_LIMITS } from '../../../agent/queue/queue.ts';
import { batchOf } from './batches.ts';
import type { WriterSettings } from './start-writer.ts';

const settings = JSON.parse(process.argv[2] ?? '') as WriterSettings;
const { samples, firstS } = settings;
const say = (line: string): void => void writeSync(1, `${line}\n`);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

// Brings the pool's only thread (UV_THREADPOOL_SIZE=1) to life.
await stat('/');
const worker = readdirSync('/proc/self/task').find((tid) =>
  readFileSync(`/proc/self/task/${tid}/comm`, 'utf8').startsWith('libuv-worker'),
);
say(`R ${worker}`);
const input = createInterface({ input: process.stdin });
await new Promise((resolve) => input.once('line', resolve));
input.once('close', () => process.exit());

const limits = { ...QUEUE_LIMITS, ...settings.limits };
const queue = await openQueue({ dir: settings.queueDir, limits, log: silent });
say('O');
for (let turn = 1; settings.batches === null || turn <= settings.batches; turn += 1) {
  const second = firstS + turn;
  await queue.append(batchOf(second, samples)).then(
    () => say(`A ${second}`),
    () => say(`N ${second}`),
  );
  const oldest = queue.oldest();
  if (settings.ackEvery > 0 && turn % settings.ackEvery === 0 && oldest) {
    const batch = await queue.load(oldest.seq);
    const acked = Date.parse(batch?.body.miner_stats?.[0]?.timestamp ?? '') / 1000;
    say(`T ${acked}`);
    if (batch) await queue.ack(batch.seq, batch.sha256);
    say(`D ${acked}`);
  }
  if (settings.everyMs > 0) await sleep(settings.everyMs);
}
await queue.close();
say('E');
process.exit();
