import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SyncRequest } from '../../../contract/sync.ts';
import { openQueue, type Queue } from '../../../agent/queue/queue.ts';
import { connectServer, type Server } from '../../../agent/uplink/post.ts';
import { startUplink, type Uplink } from '../../../agent/uplink/uplink.ts';

/** One request of an agent, by the clock of `performance.now()`. */
export interface Exchange {
  beganAt: number;
  status: number;
  apiKey: string;
}

/** Queue and uplink of the real agent inside of this process: for many agents that are never killed. */
export interface InnerAgent extends AsyncDisposable {
  queue: Queue;
  exchanges: Exchange[];
  append(body: SyncRequest): Promise<void>;
  /** Ends sending and goes on with another key, as a restart with a new configuration does. */
  use(apiKey: string): Promise<void>;
  /** Everything is delivered or set aside. Throws after `ms`. */
  drained(ms: number): Promise<void>;
}

export async function openInnerAgent(options: {
  dir: string;
  url: string;
  apiKey: string;
  log: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  /** Between two attempts with a refused key. */
  keyRefusedMs?: number;
}): Promise<InnerAgent> {
  const { url, log, keyRefusedMs = 300 } = options;
  const queue = await openQueue({ dir: options.dir, log });
  const exchanges: Exchange[] = [];
  let server: Server;
  let uplink: Uplink;

  function connect(apiKey: string): void {
    const real = connectServer({ url, apiKey });
    server = {
      ...real,
      async sync(...request: Parameters<Server['sync']>) {
        const beganAt = performance.now();
        const answer = await real.sync(...request);
        exchanges.push({ beganAt, status: answer.status, apiKey });
        return answer;
      },
    };
    uplink = startUplink({ queue, server, freshMs: 2000, log, keyRefusedMs });
  }
  const disconnect = async (): Promise<void> => {
    await uplink.stop(2000);
    await server.close();
  };

  connect(options.apiKey);
  return {
    queue,
    exchanges,
    async append(body) {
      const { seq } = await queue.append(body);
      uplink.fresh(seq);
    },
    async use(apiKey) {
      await disconnect();
      connect(apiKey);
    },
    async drained(ms) {
      const deadline = performance.now() + ms;
      while (queue.stats().batches > 0) {
        if (performance.now() > deadline) {
          throw new Error(`${queue.stats().batches} batches were not delivered within ${ms} ms`);
        }
        await sleep(50);
      }
    },
    async [Symbol.asyncDispose]() {
      await disconnect();
      await queue.close();
    },
  };
}
