import type { FastifyBaseLogger } from 'fastify';
import { InfluxError } from './influx.ts';

type Send = (database: string, body: string) => Promise<void>;

interface Waiting {
  lines: readonly string[];
  done: PromiseWithResolvers<void>;
}

/**
 * Shares few request slots among many writers. While all slots are busy, small writes to the same
 * database are put together into one request; each caller still gets the answer to its own lines:
 * when InfluxDB finds fault with a shared request, every part of it is sent again alone.
 */
export function groupWrites(options: {
  slots: readonly Send[];
  maxLines: number;
  log: FastifyBaseLogger;
}): (database: string, lines: readonly string[]) => Promise<void> {
  const idle = [...options.slots];
  const queues = new Map<string, Waiting[]>();

  const startNext = () => {
    for (;;) {
      const [next] = queues;
      const send = next && idle.pop();
      if (!send) return;
      const [database, queue] = next;
      const group = takeGroup(queue, options.maxLines);
      // To the back, so that one busy database does not starve the other.
      queues.delete(database);
      if (queue.length > 0) queues.set(database, queue);
      void run(send, database, group);
    }
  };

  const run = async (send: Send, database: string, group: readonly Waiting[]) => {
    try {
      await send(database, group.flatMap((waiting) => waiting.lines).join('\n'));
      for (const { done } of group) done.resolve();
    } catch (error) {
      const fault = error instanceof InfluxError && error.kind;
      if (group.length > 1 && (fault === 'rejected' || fault === 'too_large')) {
        options.log.debug({ err: error, writes: group.length }, 'shared write sent in parts');
        for (const waiting of group) await sendAlone(send, database, waiting);
      } else {
        for (const { done } of group) done.reject(error);
      }
    } finally {
      idle.push(send);
      startNext();
    }
  };

  return (database, lines) => {
    const done = Promise.withResolvers<void>();
    const queue = queues.get(database);
    if (queue) queue.push({ lines, done });
    else queues.set(database, [{ lines, done }]);
    startNext();
    return done.promise;
  };
}

async function sendAlone(send: Send, database: string, waiting: Waiting): Promise<void> {
  try {
    await send(database, waiting.lines.join('\n'));
    waiting.done.resolve();
  } catch (error) {
    waiting.done.reject(error);
  }
}

/** From the front, in order, as many whole writes as fit; always at least one. */
function takeGroup(queue: Waiting[], maxLines: number): Waiting[] {
  let lines = 0;
  let count = 0;
  for (const waiting of queue) {
    lines += waiting.lines.length;
    if (count > 0 && lines > maxLines) break;
    count++;
  }
  return queue.splice(0, count);
}
