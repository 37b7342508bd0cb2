/**
 * A queue and nothing else, to be killed, cut off and refused: started by start-writer.ts with its settings as JSON in
 * argv[2]. Waits for the line "go" on its standard input before it touches the folder, closes it at the line "stop", and
 * ends when that input ends. Prints, each line written before the next thing happens:
 *   "R <tid>"  ready; the thread that will make every call to the file system
 *   "O"        the folder is open
 *   "A <s>"    the batch of second s is on disk for good; "M <s>": it is in memory
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
input.once('close', () => process.exit());
await new Promise((resolve) => input.once('line', resolve));
const stopping = new AbortController();
input.once('line', () => stopping.abort());

const limits = { ...QUEUE_LIMITS, ...settings.limits };
const { healEveryMs } = settings;
const queue = await openQueue({ dir: settings.queueDir, limits, log: silent, healEveryMs });
say('O');
for (let turn = 1; turn <= (settings.batches ?? Infinity); turn += 1) {
  if (stopping.signal.aborted) break;
  const second = firstS + turn;
  await queue.append(batchOf(second, samples)).then(
    ({ seq }) => say(`${seq < 0 ? 'M' : 'A'} ${second}`),
    () => say(`N ${second}`),
  );
  const { state, inMemory } = queue.stats();
  say(`S ${state} ${inMemory.batches} ${inMemory.bytes}`);
  if (settings.ackEvery > 0 && turn % settings.ackEvery === 0) await acknowledgeOldest();
  if (settings.everyMs > 0) await sleep(settings.everyMs);
}
await queue.close();
say('E');
process.exit();

async function acknowledgeOldest(): Promise<void> {
  const oldest = queue.oldest();
  const batch = oldest && (await queue.load(oldest.seq));
  if (!batch) return;
  const second = Date.parse(batch.body.miner_stats?.[0]?.timestamp ?? '') / 1000;
  say(`T ${second}`);
  await queue.ack(batch.seq, batch.sha256);
  say(`D ${second}`);
}
