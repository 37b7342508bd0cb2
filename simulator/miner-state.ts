import { boardsAt } from './board-state.ts';
import type { BoardState } from './board-state.ts';
import { POOL_URLS, shareRate } from './device.ts';
import type { Device } from './device.ts';
import { RESTART_LOOP_S } from './faults.ts';
import type { Fault, FaultKind } from './faults.ts';
import * as physics from './physics.ts';
import { between, unit } from './random.ts';
import { current, lastEnd, lastStart, overlaps } from './windows.ts';

/** Averaging windows the families report, in seconds. */
export type RateWindow = 5 | 20 | 30 | 60 | 120 | 300 | 900 | 1800;

export interface PoolState {
  url: string;
  user: string;
  priority: number;
  alive: boolean;
  active: boolean;
  accepted: number;
  rejected: number;
  stale: number;
}

export type Activity = 'starting' | 'hashing' | 'overheated' | 'sleeping';

/** Everything true of a miner at one moment; what its replies say is made of this and nothing else. */
export interface MinerState {
  /** Whole seconds since 1970: a device shows the same values to every command within a second. */
  timeS: number;
  reachable: boolean;
  address: string;
  activity: Activity;
  uptimeS: number;
  /** Hashrate over a window, TH/s. */
  rateThs: Record<RateWindow, number>;
  /** Since the miner started. */
  averageThs: number;
  ratedThs: number;
  boards: BoardState[];
  fansRpm: number[];
  ambientC: number;
  powerW: number;
  pools: PoolState[];
  accepted: number;
  rejected: number;
  stale: number;
  hwErrors: number;
  bestShare: number;
  /** Kinds of fault it knows of itself. */
  complaints: FaultKind[];
}

/** A pure function: the same device and second give the same state. */
export function stateAt(device: Device, time: Date): MinerState {
  const timeS = Math.floor(time.getTime() / 1000);
  const upS = timeS - startedAt(device, timeS);
  const active = device.faults.filter((fault) => current(fault.window, timeS) !== null);
  const on = (kind: FaultKind): Fault | undefined => active.find((fault) => fault.kind === kind);
  const stopS = stoppedAt(active, timeS, upS);
  const load = (windowS: number): number => physics.loadOver(windowS, upS, stopS);

  const heat = on('overheat');
  const heatS = heat === undefined ? 0 : timeS - (current(heat.window, timeS) ?? timeS);
  const ambientC = physics.ambientC(device, timeS) + (heat === undefined ? 0 : 19);
  const residualC = heat === undefined ? 0 : 34 * Math.exp(-heatS / 900);
  const airLoad = load(300);
  const fanFault = on('fan');
  const boards = boardsAt(device, timeS, active, {
    ambientC,
    load: airLoad,
    weakCooling: fanFault !== undefined,
    residualC,
    workS: physics.workSince(Math.min(upS, stopS)),
  });

  const capacity = boards.reduce((sum, board) => sum + board.share, 0);
  const fullThs = device.ratedThs * capacity;
  for (const board of boards) board.share = capacity === 0 ? 0 : board.share / capacity;
  const rate = (windowS: RateWindow): number =>
    fullThs * load(windowS) * physics.rateNoise(device, windowS, timeS);
  const hottestC = Math.max(ambientC, ...boards.map((board) => board.chipTempsC[1]));
  const work = workByPool(device, timeS, upS, stopS);
  // Boards come and go only with a restart, so what is counted since the start never shrinks.
  const steadyThs =
    (device.ratedThs * boards.filter((board) => board.chipsGood > 0).length) / boards.length;
  const pools = poolsAt(device, on('pool') !== undefined, work, steadyThs);
  const sum = (key: 'accepted' | 'rejected' | 'stale'): number =>
    pools.reduce((total, pool) => total + pool[key], 0);
  const accepted = sum('accepted');

  return {
    timeS,
    reachable: on('vanish') === undefined,
    address: on('move') === undefined ? device.address : (device.otherAddress ?? device.address),
    activity: activityOf(on('sleep'), heat, load(5)),
    uptimeS: upS,
    rateThs: {
      5: rate(5),
      20: rate(20),
      30: rate(30),
      60: rate(60),
      120: rate(120),
      300: rate(300),
      900: rate(900),
      1800: rate(1800),
    },
    averageThs: upS === 0 ? 0 : (steadyThs * physics.workSince(Math.min(upS, stopS))) / upS,
    ratedThs: device.ratedThs,
    boards,
    fansRpm: Array.from({ length: device.model.fans }, (_, fan) =>
      fanFault !== undefined && fanFault.target % device.model.fans === fan
        ? 0
        : physics.fanRpm(device, fan, timeS, heat === undefined ? hottestC : 100),
    ),
    ambientC,
    powerW: physics.powerW(device, timeS, load(60) * capacity),
    pools,
    accepted,
    rejected: sum('rejected'),
    stale: sum('stale'),
    hwErrors: boards.reduce((total, board) => total + board.hwErrors, 0),
    bestShare: Math.floor(
      device.shareDifficulty * (1 + accepted) * (0.4 + unit(device.seed, timeS - upS)),
    ),
    complaints: active.map((fault) => fault.kind),
  };
}

/** Where it answers, and whether it does: what the farm needs to know every second, cheaply. */
export function presenceAt(device: Device, time: Date): { reachable: boolean; address: string } {
  const timeS = Math.floor(time.getTime() / 1000);
  const on = (kind: FaultKind): boolean =>
    device.faults.some((fault) => fault.kind === kind && current(fault.window, timeS) !== null);
  return {
    reachable: !on('vanish'),
    address: on('move') ? (device.otherAddress ?? device.address) : device.address,
  };
}

const DAY_S = 86_400;
/** Faults whose beginning or end finds the miner restarted. */
const RESTARTS_AT_START: ReadonlySet<FaultKind> = new Set([
  'board-missing',
  'board-dead',
  'sleep',
  'move',
]);
const RESTARTS_AT_END: ReadonlySet<FaultKind> = new Set([
  'board-missing',
  'board-dead',
  'chips',
  'sleep',
  'overheat',
  'vanish',
  'move',
]);

/** The last start of the miner's process by `timeS`: now and then by itself, otherwise around its faults. */
function startedAt(device: Device, timeS: number): number {
  const everyS = Math.floor(between(device.seed, 20, 2, 9) * DAY_S);
  const startS = Math.floor(between(device.seed, 21, 0, everyS));
  let started = lastStart({ startS, lengthS: 0, everyS }, timeS) ?? 0;
  for (const { kind, window } of device.faults) {
    if (RESTARTS_AT_START.has(kind)) started = Math.max(started, lastStart(window, timeS) ?? 0);
    if (RESTARTS_AT_END.has(kind)) started = Math.max(started, lastEnd(window, timeS) ?? 0);
    if (kind === 'restart-loop') {
      const loop = lastStart(window, timeS);
      if (loop !== null) {
        const sinceS = Math.min(timeS - loop, window.lengthS);
        started = Math.max(started, loop + sinceS - (sinceS % RESTART_LOOP_S));
      }
    }
  }
  return Math.floor(started);
}

/** Uptime at which hashing stopped; Infinity while it goes on. */
function stoppedAt(active: readonly Fault[], timeS: number, upS: number): number {
  let stopS = Infinity;
  for (const fault of active) {
    if (fault.kind === 'sleep') stopS = 0;
    if (fault.kind === 'overheat') {
      const sinceS = timeS - (current(fault.window, timeS) ?? timeS);
      stopS = Math.min(stopS, Math.max(0, upS - sinceS));
    }
  }
  return stopS;
}

function activityOf(sleep: Fault | undefined, heat: Fault | undefined, nowLoad: number): Activity {
  if (sleep !== undefined) return 'sleeping';
  if (heat !== undefined) return 'overheated';
  return nowLoad > 0 ? 'hashing' : 'starting';
}

/** Seconds of full-rate work done for the first and for the second pool since the start. */
function workByPool(device: Device, timeS: number, upS: number, stopS: number): [number, number] {
  const work = (atS: number): number => physics.workSince(Math.min(atS, stopS));
  const startS = timeS - upS;
  const dead = device.faults.find((fault) => fault.kind === 'pool');
  let second = 0;
  if (dead !== undefined) {
    for (const [fromS, toS] of overlaps(dead.window, startS, timeS)) {
      second += work(toS - startS) - work(fromS - startS);
    }
  }
  return [Math.max(0, work(upS) - second), second];
}

function poolsAt(
  device: Device,
  firstIsDead: boolean,
  work: readonly [number, number],
  steadyThs: number,
): PoolState[] {
  const perS = shareRate(device, steadyThs);
  const rejectRate = between(device.seed, 210, 0.0004, 0.006);
  return POOL_URLS.map((url, priority) => {
    const shares = perS * (work[priority] ?? 0);
    return {
      url,
      user: device.worker,
      priority,
      alive: !(firstIsDead && priority === 0),
      active: priority === (firstIsDead ? 1 : 0),
      accepted: Math.floor(shares * (1 - rejectRate)),
      rejected: Math.floor(shares * rejectRate),
      stale: Math.floor(shares * 0.0003),
    };
  });
}
