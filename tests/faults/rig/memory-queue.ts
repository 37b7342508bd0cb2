import type { SyncRequest } from '../../../contract/sync.ts';
import { decodeBatch, encodeBatch } from '../../../agent/queue/batch-file.ts';
import type { Held } from '../../../agent/queue/held.ts';
import type { Queue } from '../../../agent/queue/queue.ts';

/** The queue of one of a thousand agents in a process: the uplink's view of it, without a disk. */
export function memoryQueue(id: string): Queue {
  const held = new Map<number, Held & { gz: Buffer; sha256: string }>();
  let list: Held[] | null = null;
  let last = 0;
  const all = (): readonly Held[] => (list ??= [...held.values()]);
  const append = async (body: SyncRequest) => {
    const seq = (last += 1);
    const { gz, sha256 } = await encodeBatch({ ...body, batch: { queue: id, seq } });
    const state = { attempted: false, stuck: false, unsure: false, shiftMs: null, sentAs: null };
    held.set(seq, { seq, bytes: gz.length, sealedAt: new Date(), sha256, gz, ...state });
    list = null;
    return { seq, sha256 };
  };
  return {
    id,
    append,
    held: all,
    oldest: () => all()[0] ?? null,
    newest: () => all().at(-1) ?? null,
    find: (seq) => held.get(seq) ?? null,
    async load(seq) {
      const batch = held.get(seq);
      if (!batch) return null;
      const { gz } = batch;
      const { body, sha256 } = await decodeBatch(gz);
      return { queue: id, sentAs: seq, seq, sha256, gz, body };
    },
    async ack(seq) {
      held.delete(seq);
      list = null;
    },
    bury: not('refused for good'),
    replace: not('too large'),
    renewId: not('known twice'),
    gapsTaken: async () => undefined,
    lost: not('lost'),
    trouble: () => undefined,
    stats: not('asked for figures'),
    alsoReport: () => undefined,
    close: async () => undefined,
  };
}

const not = (what: string) => (): never => {
  throw new Error(`Nothing in a herd is ${what}`);
};
