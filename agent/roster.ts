import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryOf } from './device.ts';
import type { KnownMiner } from './miner.ts';
import { writeDurably } from './queue/durable.ts';

/** The miners to poll: what scans have found, by address. */
export interface Roster {
  miners(): readonly KnownMiner[];
  /** Takes in what a scan has found. Miners it did not find stay: silence is what polls must report. */
  learn(found: readonly KnownMiner[]): { added: number; moved: number; replaced: number };
  /** Keeps the list over a restart, so that a miner that is down then is still missed. */
  save(): Promise<void>;
}

const FILE = 'miners.json';
/** A miner that no scan has found for so long has left the farm. */
const FORGET_MS = 14 * 24 * 3600 * 1000;

interface Entry {
  miner: KnownMiner;
  /** Wall clock of the last scan that found it, ms. */
  foundAt: number;
}

/**
 * The roster of a state folder. Only addresses that `includes` admits are kept: a range taken out of the
 * configuration is no longer touched.
 */
export async function openRoster(options: {
  dir: string;
  includes: (address: string) => boolean;
  now?: () => number;
}): Promise<Roster> {
  const { dir, includes, now = Date.now } = options;
  const entries = new Map<string, Entry>();
  for (const { miner, foundAt } of await stored(join(dir, FILE))) {
    if (includes(miner.host)) entries.set(miner.host, { miner, foundAt });
  }

  function take(
    found: KnownMiner,
    addressOf: ReadonlyMap<string, string>,
  ): 'known' | 'added' | 'moved' | 'replaced' {
    const { mac } = found.identity;
    const here = entries.get(found.host)?.miner;
    const before = mac === null ? undefined : addressOf.get(mac);
    const moved = before !== undefined && before !== found.host;
    // Unless that address has meanwhile been given to another: two miners may have swapped.
    if (moved && entries.get(before)?.miner.identity.mac === mac) entries.delete(before);
    const same =
      here !== undefined &&
      here.family === found.family &&
      (mac === null || mac === here.identity.mac);
    if (!same) {
      entries.set(found.host, { miner: found, foundAt: now() });
      if (moved) return 'moved';
      return here === undefined ? 'added' : 'replaced';
    }
    // The old object stays: it holds what the family has learnt about the device. A MAC that was not
    // said this time is still the miner's.
    here.port = found.port;
    if (found.web === undefined) delete here.web;
    else here.web = found.web;
    refresh(here, found);
    here.identity = {
      ...found.identity,
      mac: mac ?? here.identity.mac,
      serial: found.identity.serial ?? here.identity.serial,
    };
    entries.set(found.host, { miner: here, foundAt: now() });
    return 'known';
  }

  return {
    miners: () => [...entries.values()].map(({ miner }) => miner),
    learn(found) {
      const counts = { known: 0, added: 0, moved: 0, replaced: 0 };
      const claimed = new Set<string>();
      const addressOf = new Map<string, string>();
      for (const [host, { miner }] of entries) {
        if (miner.identity.mac !== null) addressOf.set(miner.identity.mac, host);
      }
      // A miner that answers at two addresses keeps the one it had.
      const order = found.toSorted(
        (a, b) => Number(isWhereItWas(b, addressOf)) - Number(isWhereItWas(a, addressOf)),
      );
      for (const miner of order) {
        const { mac } = miner.identity;
        if (mac !== null && claimed.has(mac)) continue;
        if (mac !== null) claimed.add(mac);
        counts[take(miner, addressOf)] += 1;
      }
      for (const [host, { foundAt }] of entries) {
        if (foundAt < now() - FORGET_MS) entries.delete(host);
      }
      return { added: counts.added, moved: counts.moved, replaced: counts.replaced };
    },
    save() {
      const list = [...entries.values()].map(({ miner, foundAt }) => ({
        host: miner.host,
        port: miner.port,
        web: miner.web,
        family: miner.family,
        identity: miner.identity,
        foundAt,
      }));
      return writeDurably(join(dir, FILE), JSON.stringify(list), join(dir, 'tmp'));
    },
  };
}

/** What the scan has seen of the device; what polls have learnt of it stays. */
function refresh(here: KnownMiner, found: KnownMiner): void {
  if (here === found) return;
  const { openPorts, identifiedAt } = memoryOf(found.memory);
  Object.assign(memoryOf(here.memory), { openPorts, identifiedAt });
}

function isWhereItWas(
  { host, identity }: KnownMiner,
  addressOf: ReadonlyMap<string, string>,
): boolean {
  return identity.mac !== null && addressOf.get(identity.mac) === host;
}

/** Damage costs one scan, not the start. */
async function stored(file: string): Promise<Entry[]> {
  try {
    const list = JSON.parse(await readFile(file, 'utf8')) as (Omit<KnownMiner, 'memory'> & {
      foundAt: number;
    })[];
    return list.map(({ foundAt, ...miner }) => ({
      miner: { ...miner, memory: new Map() },
      foundAt,
    }));
  } catch {
    return [];
  }
}
