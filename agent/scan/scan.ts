import type { ScanReport } from '#contract/sync.ts';
import { deadline } from '../deadline.ts';
import { memoryOf } from '../device.ts';
import type { IdentifyResult, KnownMiner, MinerContext } from '../miner.ts';
import { inParallel } from '../pool.ts';
import type { AddressPlan } from '../ranges.ts';
import type { Turns } from '../turns.ts';
import { tryConnect } from './connect.ts';
import type { Attempt } from './connect.ts';
import { makeHosts } from './hosts.ts';
import { makeScanMemory } from './scan-memory.ts';
import type { ScanMemory } from './scan-memory.ts';
import { sweep } from './sweep.ts';
import { heardFrom, wasCutShort } from './unknown-device.ts';
import type { UnknownDevice } from './unknown-device.ts';
import { unknownFileOf } from './unknown-file.ts';

export type Identify = (
  host: string,
  openPorts: readonly number[],
  context: MinerContext,
) => Promise<IdentifyResult>;

/** How far a scan is: questions asked, hosts with an open port, miners among them. */
export interface ScanProgress {
  stage: 'sweep' | 'identify' | 'second look';
  probed: number;
  open: number;
  identified: number;
}

export interface ScanResult {
  report: ScanReport;
  miners: KnownMiner[];
  unknown: UnknownDevice[];
  /** Part of `report.silent`: a router or the kernel said that there is no way there. */
  unreachable: number;
  sweepMs: number;
  totalMs: number;
}

const AT_ONCE = 128;
const HOST_MS = 10_000;
const SECOND_AT_ONCE = 16;
const SECOND_HOST_MS = 25_000;
const MOST_UNKNOWN_REPORTED = 200;

/**
 * One scan: sweep of the ports, then identification of every host with an open one, and a second,
 * unhurried look at those that did not answer in full. Identification runs while the sweep still doubts
 * the silent hosts. Rejects when `context.signal` fires or this machine has no sockets at all.
 */
export async function scan(options: {
  addresses: AddressPlan;
  /** All ports worth trying, 4028 and 80 among them. */
  ports: readonly number[];
  sockets: number;
  identify: Identify;
  context: MinerContext;
  turns: Turns;
  /** Miners found before. Those that polls read are left alone; the silence of the others is doubted longest. */
  known?: readonly KnownMiner[];
  /** What is kept from one scan to the next. */
  memory?: ScanMemory;
  onProgress?: (progress: ScanProgress) => void;
  connect?: (host: string, port: number, timeoutMs: number) => Promise<Attempt>;
}): Promise<ScanResult> {
  const { addresses, context, identify, turns, onProgress } = options;
  const { signal } = context;
  const startedAt = new Date();
  const began = performance.now();
  const { known = [], memory = makeScanMemory() } = options;
  const now = Date.now();
  const well = known.filter((miner) => isWell(miner, now));
  const spared = new Set(well.map(({ host }) => host));
  const order = shuffled([...addresses.addresses()].filter((host) => !spared.has(host)));
  const hosts = makeHosts({
    addresses: order,
    ports: options.ports,
    expected: new Set(known.map(({ host }) => host)),
  });
  const miners: KnownMiner[] = [...well];
  const unknown: UnknownDevice[] = [];
  const doubtful: UnknownDevice[] = [];
  const progress: ScanProgress = { stage: 'sweep', probed: 0, open: 0, identified: 0 };
  const tell = (): void => onProgress?.(progress);

  async function look(
    host: string,
    openPorts: readonly number[],
    ms: number,
  ): Promise<UnknownDevice | null> {
    const stranger = memory.recall(host, openPorts, now);
    if (stranger) return stranger;
    const result = await turns.take(host, async () => {
      using limit = deadline(signal, ms);
      try {
        return await identify(host, openPorts, { ...context, signal: limit.signal });
      } catch {
        signal.throwIfAborted();
        return null;
      }
    });
    if (result?.kind === 'miner') {
      miners.push(result.miner);
      progress.identified += 1;
      tell();
      return null;
    }
    return { host, openPorts: [...openPorts], exchanges: result?.exchanges ?? [] };
  }

  // Stage 2 in the background of stage 1: hosts are handed over as soon as nothing is left to ask.
  const identifying: Promise<void>[] = [];
  const hand = (found: { host: string; openPorts: number[] }[]): void => {
    progress.open += found.length;
    identifying.push(
      inParallel(found, AT_ONCE, async ({ host, openPorts }) => {
        const stranger = await look(host, openPorts, HOST_MS);
        if (stranger === null) return;
        (wasCutShort(stranger) ? doubtful : unknown).push(stranger);
      }),
    );
    // Observed at the join below; a failure before it must not count as unhandled.
    identifying.at(-1)?.catch(() => undefined);
  };

  for (let probes = hosts.due(); probes.length > 0; probes = hosts.due()) {
    await sweep({
      probes,
      sockets: options.sockets,
      signal,
      connect: (host, port, ms) => {
        const at = context.dial(host, port);
        return (options.connect ?? tryConnect)(at.host, at.port, ms);
      },
      onOutcome: ({ host, port }, outcome) => {
        hosts.record(host, port, outcome);
        progress.probed += 1;
        tell();
      },
    });
    hand(hosts.takeSettled());
  }
  const sweepMs = performance.now() - began;
  progress.stage = 'identify';
  tell();
  await Promise.all(identifying);

  progress.stage = 'second look';
  tell();
  await inParallel(doubtful, SECOND_AT_ONCE, async ({ host, openPorts }) => {
    const stranger = await look(host, openPorts, SECOND_HOST_MS);
    if (stranger !== null) unknown.push(stranger);
  });

  const counts = hosts.counts();
  const isNews = memory.remember(unknown, now);
  return {
    miners,
    unknown,
    unreachable: counts.unreachable,
    sweepMs,
    totalMs: performance.now() - began,
    report: {
      started_at: startedAt.toISOString(),
      finished_at: new Date().toISOString(),
      ranges: [...addresses.ranges],
      addresses: addresses.count,
      identified: miners.length,
      unknown: unknown.length,
      silent: counts.silent + counts.unreachable,
      refused: counts.refused,
      excluded: addresses.excluded,
      unknown_devices: unknown.slice(0, MOST_UNKNOWN_REPORTED).map((device) => ({
        ip_address: device.host,
        open_ports: device.openPorts,
        heard: heardFrom(device),
      })),
      ...(isNews ? { unknown_file: unknownFileOf(unknown, new Date()) } : {}),
    },
  };
}

const WELL_MS = 10 * 60 * 1_000;
const LOOK_AGAIN_MS = 60 * 60 * 1_000;

/** Read by a poll lately, and looked at closely within the hour: a scan would learn nothing new. */
function isWell({ memory }: KnownMiner, now: number): boolean {
  const { readAt, identifiedAt } = memoryOf(memory);
  const within = (at: number | null, ms: number) => at !== null && now - at < ms;
  return within(readAt, WELL_MS) && within(identifiedAt, LOOK_AGAIN_MS);
}

/** Fisher–Yates: neighbouring addresses share a switch, and a switch should not get them all at once. */
function shuffled(items: string[]): string[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    const swap = items[last] as string;
    items[last] = items[other] as string;
    items[other] = swap;
  }
  return items;
}
