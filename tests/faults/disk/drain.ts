/**
 * Agents without miners, one on each of many queue folders, with the real uplink: each sends what lies in its folder,
 * then one new batch, which carries the gaps that were found. Started by a row with its settings as JSON in argv[2].
 * Prints "<name> <how it ended>" for each folder: "drained", "stuck" or what it failed with.
 */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from '../../../agent/pool.ts';
import { openQueue } from '../../../agent/queue/queue.ts';
import { connectServer } from '../../../agent/uplink/post.ts';
import { startUplink } from '../../../agent/uplink/uplink.ts';
import { batchOf } from './batches.ts';

export interface DrainSettings {
  folders: { name: string; queueDir: string; serverUrl: string }[];
  /** Of each new batch. */
  samples: number;
  second: number;
  /** How long a folder may take. */
  mostMs: number;
}

const AT_ONCE = 8;
const silent = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  debug: () => undefined,
};

const { folders, samples, second, mostMs } = JSON.parse(process.argv[2] ?? '') as DrainSettings;
await inParallel(folders, AT_ONCE, async ({ name, queueDir, serverUrl }) => {
  const ended = await drain(queueDir, serverUrl).catch((error: unknown) => String(error));
  writeSync(1, `${name} ${ended}\n`);
});
process.exit();

async function drain(queueDir: string, serverUrl: string): Promise<string> {
  const deadline = performance.now() + mostMs;
  const queue = await openQueue({ dir: queueDir, log: silent });
  const server = connectServer({ url: serverUrl, apiKey: 'mk_faults' });
  const uplink = startUplink({ queue, server, freshMs: 60_000, log: silent });
  const empty = async (): Promise<boolean> => {
    while (queue.held().length > 0 && performance.now() < deadline) await sleep(5);
    return queue.held().length === 0;
  };
  let isDrained = await empty();
  const { seq } = await queue.append(batchOf(second, samples));
  uplink.fresh(seq);
  isDrained &&= await empty();
  await uplink.stop(100);
  await queue.close();
  await server.close();
  return isDrained ? 'drained' : 'stuck';
}
