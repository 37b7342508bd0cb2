import type { Server, Socket } from 'node:net';
import { takeAddresses } from './addresses.ts';
import { canHave, READABLE_DEFECTS } from './defects.ts';
import { makeDevice } from './device.ts';
import type { Device } from './device.ts';
import { FAULT_KINDS, planFaults } from './faults.ts';
import type { Fault, FaultKind } from './faults.ts';
import { makeGrpcServer } from './grpc-server.ts';
import { presenceAt, stateAt } from './miner-state.ts';
import { mainPort, needsWeb } from './families/index.ts';
import { modelOf } from './models.ts';
import type { FamilyId, Model } from './models.ts';
import { mix } from './random.ts';
import { NO_REPORTS, reportsOf } from './reports.ts';
import type { Reports } from './reports.ts';
import { makeSimulatedMiner } from './simulated-miner.ts';
import type { Behaviour, SimulatedMiner } from './simulated-miner.ts';
import { listen } from './socket-server.ts';
import { openStranger } from './strangers.ts';
import type { Stranger } from './strangers.ts';
import { mixedTransport, PLAIN, TRANSPORTS } from './transport.ts';
import type { TransportName } from './transport.ts';
import { truthOf } from './truth.ts';
import type { MinerTruth } from './truth.ts';
import { makeWebServer } from './web-server.ts';

export interface FarmOptions {
  /** CIDR inside 127.0.0.0/8; miners take its first addresses in order. */
  range: string;
  /** How many miners; strangers come on top. */
  miners: number;
  seed: number;
  /** `typical` gives each kind its share of the farm; a list only those kinds; a function each miner's own. Default `none`. */
  faults?: 'none' | 'typical' | readonly FaultKind[] | ((index: number) => readonly Fault[]);
  /** Devices that are no miners. Default: 2 when `faults` is `typical`, else 0. */
  strangers?: number;
  /** What the n-th miner is. Default: one of each model, then a grown farm's mix. */
  models?: (index: number) => Model;
  /** `mixed`: one miner in six speaks oddly, one in ten with a readable defect; a function says for each. Default `plain`. */
  behaviour?:
    | 'plain'
    | 'mixed'
    | TransportName
    | ((index: number, model: Model) => Partial<Behaviour>);
  /** `real`: replies take as long as a control board takes. Default `none`. */
  latency?: 'none' | 'real';
  /** Port of the web interfaces, 80 by default. */
  httpPort?: number;
  /** What time it is; for tests. */
  clock?: () => Date;
  /** One line of text for a person. Default: silence. */
  log?: (line: string) => void;
}

export interface FarmMiner {
  /** Where it answers at this moment; changes when it moves. */
  readonly ip: string;
  port: number;
  family: FamilyId | Stranger['family'];
  make: string | null;
  model: string | null;
  /** 12 lower-case hex digits; null for a stranger. */
  mac: string | null;
  serial: string | null;
  /** False: an agent must report it as not understood. */
  identifiable: boolean;
  /** What its firmware lets a reader know. */
  reports: Reports;
  /** The true values at a moment, past or to come: a function of the farm's seed and the time. */
  at(time: Date): MinerTruth;
}

export interface Farm {
  /** Miners first, strangers last. */
  miners: readonly FarmMiner[];
  /** Requests that would have changed a device; every one was refused. */
  writes: readonly { ip: string; request: string }[];
  close(): Promise<void>;
}

/** How often the farm looks who came and who went, ms. */
const PRESENCE_MS = 500;
const OPEN_AT_ONCE = 256;
/** Refused writes kept for whoever asks; a runaway client must not fill the memory. */
const MAX_WRITES = 1000;

/**
 * Starts a farm. Rejects with `FarmOptionError` when the range is too small or not loopback, and with the
 * system's error when a port is taken.
 */
export async function startFarm(options: FarmOptions): Promise<Farm> {
  const clock = options.clock ?? (() => new Date());
  const log = options.log ?? (() => {});
  const plan = faultPlan(options);
  const movers = plan.filter((faults) => faults.some((fault) => fault.kind === 'move')).length;
  const strangerCount = options.strangers ?? (options.faults === 'typical' ? 2 : 0);
  const addresses = takeAddresses(options.range, options.miners + strangerCount + movers);
  const spare = addresses.splice(options.miners + strangerCount);
  const models = options.models ?? modelOf;

  const sockets = new Set<Socket>();
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  const web = makeWebServer();
  const grpc = makeGrpcServer();
  const writes: { ip: string; request: string }[] = [];
  const services = {
    clock,
    realLatency: options.latency === 'real',
    httpPort: await usableHttpPort(options.httpPort ?? 80, addresses[0], log),
    web,
    grpc,
    track,
    onWrite: (ip: string, request: string) => {
      if (writes.length < MAX_WRITES) writes.push({ ip, request });
    },
  };

  const devices: Device[] = plan.map((faults, index) =>
    makeDevice({
      index,
      seed: options.seed,
      model: models(index),
      address: addresses[index] ?? '',
      otherAddress: faults.some((fault) => fault.kind === 'move') ? (spare.pop() ?? null) : null,
      faults,
    }),
  );
  const posts = devices.map((device) => ({
    device,
    miner: makeSimulatedMiner(device, behaviourOf(options, device), services),
    /** Where it listens; null = nowhere. */
    listening: null as string | null,
  }));
  const strangerServers: Server[] = [];
  const strangers = makeStrangers(addresses.slice(options.miners), services.httpPort);
  let closing = false;

  async function settle(post: (typeof posts)[number]): Promise<void> {
    const presence = presenceAt(post.device, clock());
    const wanted = presence.reachable ? presence.address : null;
    if (closing || wanted === post.listening) return;
    post.miner.close();
    post.listening = null;
    if (wanted === null) return;
    await post.miner.open(wanted);
    post.listening = wanted;
  }

  /** One look after the other: a slow one must not open what the next has closed. */
  async function settleAll(previous: Promise<void>): Promise<void> {
    await previous;
    for (const post of restless) {
      try {
        await settle(post);
      } catch (error) {
        log(`${post.device.address}: cannot listen again: ${String(error)}`);
      }
    }
  }

  async function close(): Promise<void> {
    closing = true;
    clearInterval(ticker);
    await ticking;
    for (const { miner } of posts) miner.close();
    for (const server of strangerServers) server.close();
    for (const socket of sockets) socket.destroy();
  }

  const restless = posts.filter(({ device }) =>
    device.faults.some((fault) => fault.kind === 'vanish' || fault.kind === 'move'),
  );
  let ticking: Promise<void> = Promise.resolve();
  let ticker: NodeJS.Timeout | undefined;
  try {
    for (let at = 0; at < posts.length; at += OPEN_AT_ONCE) {
      // All of them end before the first failure is told, so that closing finds what they opened.
      const opened = await Promise.allSettled(posts.slice(at, at + OPEN_AT_ONCE).map(settle));
      const failed = opened.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
    for (const stranger of strangers) strangerServers.push(await openStranger(stranger, track));
  } catch (error) {
    await close();
    throw error;
  }
  if (restless.length > 0) {
    ticker = setInterval(() => {
      ticking = settleAll(ticking);
    }, PRESENCE_MS);
  }

  return {
    miners: [
      ...posts.map(({ device, miner }) => farmMiner(device, miner, services.httpPort !== null)),
      ...strangers.map(strangerEntry),
    ],
    writes,
    close,
  };
}

function faultPlan(options: FarmOptions): (readonly Fault[])[] {
  const { faults = 'none', miners, seed } = options;
  if (typeof faults === 'function') return Array.from({ length: miners }, (_, n) => faults(n));
  if (faults === 'none') return Array.from({ length: miners }, () => []);
  return planFaults(seed, miners, faults === 'typical' ? FAULT_KINDS : faults);
}

function behaviourOf(options: FarmOptions, device: Device): Behaviour {
  const plain: Behaviour = { transport: PLAIN, defect: null, defectShare: 1 };
  const { behaviour = 'plain' } = options;
  const { index, model } = device;
  if (behaviour === 'plain') return plain;
  if (typeof behaviour === 'function') return { ...plain, ...behaviour(index, model) };
  if (behaviour !== 'mixed') return { ...plain, transport: TRANSPORTS[behaviour] };
  const possible = READABLE_DEFECTS.filter((name) => canHave(name, model.family, model.dialect));
  const draw = mix(device.seed, 0xde) % (possible.length * 10);
  return {
    ...plain,
    transport: mixedTransport(options.seed, index),
    defect: possible[draw] ?? null,
  };
}

function farmMiner(device: Device, miner: SimulatedMiner, hasWeb: boolean): FarmMiner {
  const { family, make, model } = device.model;
  return {
    get ip() {
      return miner.state().address;
    },
    port: mainPort(device.model),
    family,
    make,
    model,
    mac: device.mac,
    serial: device.serial,
    identifiable: hasWeb || !needsWeb(device.model),
    reports: reportsOf(device.model),
    at: (time) => truthOf(device.model, stateAt(device, time), time),
  };
}

/** A plain web server and a port that says garbage, in turn. */
function makeStrangers(addresses: readonly string[], httpPort: number | null): Stranger[] {
  return addresses.map((address, index) =>
    index % 2 === 0 && httpPort !== null
      ? { family: 'web-server', address, port: httpPort }
      : { family: 'garbage', address, port: 4028 },
  );
}

function strangerEntry({ family, address, port }: Stranger): FarmMiner {
  return {
    ip: address,
    port,
    family,
    make: null,
    model: null,
    mac: null,
    serial: null,
    identifiable: false,
    reports: NO_REPORTS,
    at: () => {
      throw new TypeError(`${address} is no miner: it has no values`);
    },
  };
}

/** The port if this process may listen on it, else null, having said what is left out. */
async function usableHttpPort(
  port: number,
  address: string | undefined,
  log: (line: string) => void,
): Promise<number | null> {
  if (address === undefined) return null;
  try {
    const server = await listen(address, port, (socket) => socket.destroy());
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    return port;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    log(
      `may not listen on port ${port}: the web interfaces are left out (MAC, serial and sleep mode of an Antminer come only from there); run as root, or: sysctl net.ipv4.ip_unprivileged_port_start=80`,
    );
    return null;
  }
}
