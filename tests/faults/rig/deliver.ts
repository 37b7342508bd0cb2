import { setTimeout as sleep } from 'node:timers/promises';
import type { SyncRequest } from '../../../contract/sync.ts';
import { sync, type SyncReply } from '../../support/sync.ts';

const ATTEMPTS = 200;

/** Sends a batch as often as the server says "later". Throws when it never says anything else. */
export async function deliver(
  url: string,
  apiKey: string,
  body: SyncRequest | string | Buffer,
  headers: Record<string, string> = {},
): Promise<SyncReply> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const reply = await sync({ url }, apiKey, body, headers);
    if (reply.status !== 503 && reply.status !== 429) return reply;
    await sleep(100);
  }
  throw new Error(`The server said "later" ${ATTEMPTS} times`);
}

/** Works through `items` in their order, `width` of them at once. */
export async function atOnce<T>(
  width: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}
