import { connect } from 'node:net';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { SCAN_PORTS } from '../../agent/families/index.ts';
import { identify } from '../../agent/identify.ts';
import type { KnownMiner, MinerContext } from '../../agent/miner.ts';
import { openQueue } from '../../agent/queue/queue.ts';
import { readMiner } from '../../agent/read.ts';
import type { Reading } from '../../agent/reading.ts';
import { isDetailed, toDiscovered, toSample } from '../../agent/sample.ts';
import type { Farm, FarmMiner } from '../farm.ts';
import { pastReading } from './past-reading.ts';

const SLOT_MS = 60_000;
/** Ten minutes of a site in one batch: what an agent that was offline for long has merged. */
const SLOTS_PER_BATCH = 10;
const READ_AT_ONCE = 8;

/** How a miner of the farm looks to the agent, read from it over its sockets. */
interface Look {
  miner: KnownMiner;
  reading: Reading;
}

/**
 * Puts the past of a farm into an agent's queue folder, as if the agent had polled it each minute while the
 * server was away. Resolves with the number of samples. A miner that does not answer now, and whose address
 * alone would identify it, has no past.
 */
export async function queueHistory(options: {
  farm: Farm;
  queueDir: string;
  from: Date;
  to: Date;
}): Promise<number> {
  const looks = await lookAt(options.farm.miners.filter((miner) => miner.identifiable));
  const queue = await openQueue({ dir: options.queueDir, log: SILENT });
  let samples = 0;
  try {
    let first = true;
    const slots = slotsBetween(options.from, options.to);
    for (let start = 0; start < slots.length; start += SLOTS_PER_BATCH) {
      const stats = slots
        .slice(start, start + SLOTS_PER_BATCH)
        .flatMap((slot) =>
          [...looks].map(([simulated, look]) => pastSample(simulated, look, slot)),
        );
      samples += stats.length;
      const discovered = first ? [...looks.values()].map(({ miner }) => toDiscovered(miner)) : [];
      await queue.append({ discovered_miners: discovered, miner_stats: stats });
      first = false;
      // The farm answers from this process too.
      await turn();
    }
  } finally {
    await queue.close();
  }
  return samples;
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

function slotsBetween(from: Date, to: Date): Date[] {
  const slots: Date[] = [];
  const first = Math.ceil(from.getTime() / SLOT_MS) * SLOT_MS;
  for (let at = first; at < to.getTime(); at += SLOT_MS) slots.push(new Date(at));
  return slots;
}

export function pastSample(simulated: FarmMiner, { miner, reading }: Look, slot: Date) {
  const state = simulated.at(slot);
  const there: KnownMiner = { ...miner, host: state.address };
  const nothing = { durationMs: 0, exchanges: [] };
  if (!state.reachable) {
    return toSample(there, slot, { ...nothing, reachable: false, reason: 'timeout', detail: '' });
  }
  const detailed = isDetailed(slot, SLOT_MS);
  // Making up boards that are not sent doubles the time this takes.
  const brief = detailed ? reading : { ...reading, boards: [], pools: [] };
  const read = { ...nothing, reachable: true as const, reading: pastReading(state, brief) };
  return toSample(there, slot, read, detailed);
}

export async function lookAt(miners: readonly FarmMiner[]): Promise<Map<FarmMiner, Look>> {
  const context: MinerContext = {
    signal: AbortSignal.timeout(60_000),
    dial: (host, port) => ({ host, port }),
    credentials: {},
  };
  const own = new Map<FarmMiner, Look>();
  const waiting = [...miners];
  await Promise.all(
    Array.from({ length: READ_AT_ONCE }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const look = await readOnce(next.at(new Date()).address, context);
        if (look !== null) own.set(next, look);
      }
    }),
  );

  // A sick miner shows less than its model can: the most talkative of each model is the pattern.
  const patterns = new Map<string, Look>();
  for (const [miner, look] of own) {
    const known = patterns.get(nameOf(miner));
    if (known === undefined || look.reading.boards.length > known.reading.boards.length) {
      patterns.set(nameOf(miner), look);
    }
  }
  const looks = new Map<FarmMiner, Look>();
  for (const miner of miners) {
    const pattern = patterns.get(nameOf(miner));
    const seen = own.get(miner);
    if (pattern === undefined) continue;
    const identity = seen
      ? { ...seen.miner.identity, ...named(seen.reading.identity) }
      : pattern.miner.identity.mac === null
        ? null
        : { ...pattern.miner.identity, mac: miner.mac, serial: null, hostname: null };
    if (identity === null) continue;
    looks.set(miner, {
      miner: { ...(seen ?? pattern).miner, identity },
      reading: { ...pattern.reading, identity },
    });
  }
  return looks;
}

const nameOf = (miner: FarmMiner): string => `${miner.family} ${miner.make} ${miner.model}`;

/** What is known, without what is not. */
function named<T extends object>(identity: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(identity).filter(([, value]) => value !== null),
  ) as Partial<T>;
}

async function readOnce(host: string, context: MinerContext): Promise<Look | null> {
  const ports: number[] = [];
  for (const port of SCAN_PORTS) if (await isOpen(host, port)) ports.push(port);
  const found = await identify(host, ports, context);
  if (found.kind !== 'miner') return null;
  const read = await readMiner(found.miner, context);
  return read.reachable ? { miner: found.miner, reading: read.reading } : null;
}

async function isOpen(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
