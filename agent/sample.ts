import type { SyncRequest } from '#contract/sync.ts';
import type { KnownMiner, ReadResult } from './miner.ts';
import type { Board, Identity, MinerError, Reading } from './reading.ts';

export type DiscoveredInput = NonNullable<SyncRequest['discovered_miners']>[number];
export type SampleInput = NonNullable<SyncRequest['miner_stats']>[number];

/** What a miner can truly report; a firmware's overflow or sentinel (255 °C, 65535 rpm) lies outside. */
const SANE = {
  ths: [0, 10_000],
  tempC: [-40, 200],
  rpm: [0, 30_000],
  watts: [0, 20_000],
  count: [0, Number.MAX_SAFE_INTEGER],
  percent: [0, 100],
  chips: [0, 100_000],
  mhz: [0, 10_000],
  volts: [0, 1_000],
  seconds: [0, 10 * 365 * 86_400],
} as const satisfies Record<string, readonly [number, number]>;

const MOST_TEXT = 255;
const MOST_BOARDS = 32;
/** The server takes slots from 0 to this. */
const LAST_SLOT = 255;
const MOST_FANS = 32;
const MOST_POOLS = 16;
const MOST_ERRORS = 64;

function sane(value: number | null, range: keyof typeof SANE): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  const [least, most] = SANE[range];
  return value >= least && value <= most ? value : null;
}

function whole(value: number | null): number | null {
  const counted = sane(value, 'count');
  return counted === null ? null : Math.trunc(counted);
}

/** Cut, without control characters and half characters: neither survives the server's database. */
function text(value: string | null): string | null {
  if (value === null) return null;
  // oxlint-disable-next-line no-control-regex -- a miner may say anything
  const clean = value.replaceAll(/[\u0000-\u001f\u007f]/g, ' ').trim();
  return clean === '' ? null : clean.slice(0, MOST_TEXT).toWellFormed();
}

/** Hottest of what is inside the sane range: a dead sensor at 255 must not win. */
function hottest(values: readonly (number | null)[]): number | null {
  const real = values.map((value) => sane(value, 'tempC')).filter((value) => value !== null);
  return real.length > 0 ? Math.max(...real) : null;
}

/** Drops what is null: "not reported" costs no bytes. */
function reported<T extends object>(shape: T): T {
  return Object.fromEntries(
    Object.entries(shape).filter(([, value]) => value !== null && value !== undefined),
  ) as T;
}

/** A miner found by a scan, in the contract's shape. */
export function toDiscovered(miner: KnownMiner): DiscoveredInput {
  const { identity } = miner;
  const make = text(identity.make);
  return reported({
    ip_address: miner.host,
    port: miner.port,
    manufacturer: make,
    model: text(identity.model),
    // As the agent before ours names them: the server keeps names that people have changed.
    name: `${make ?? 'Unknown'}-${miner.host}`,
    mac: identity.mac,
    serial: text(identity.serial),
    hostname: text(identity.hostname),
    family: miner.family,
    model_raw: text(identity.modelRaw),
    firmware: text(identity.firmware),
    firmware_version: text(identity.firmwareVersion),
    algorithm: text(identity.algorithm),
    control_board: text(identity.controlBoard),
  });
}

/** Boards and pools are two thirds of a sample and change slowly; the rest comes with every poll. */
const DETAIL_EVERY_MS = 300_000;

const detailWindow = (timeMs: number) => Math.floor(timeMs / DETAIL_EVERY_MS);

/** Whether the samples of this slot carry boards and pools: those of the first slot in each five minutes do. */
export function isDetailed(slot: Date, intervalMs: number): boolean {
  return detailWindow(slot.getTime()) !== detailWindow(slot.getTime() - intervalMs);
}

/**
 * One reading in the contract's shape, stamped with its slot. Values outside the sane ranges are
 * not reported. A miner that gave nothing yields its identity, `reachable: false` and why.
 * Boards and pools are left out unless `detailed`, or the miner names a fault of its own.
 */
export function toSample(
  miner: KnownMiner,
  slot: Date,
  result: ReadResult,
  detailed = true,
): SampleInput {
  const identity = result.reachable ? seenNow(miner.identity, result.reading) : miner.identity;
  const common = {
    ip_address: miner.host,
    port: miner.port,
    timestamp: slot.toISOString(),
    mac: identity.mac,
    serial: text(identity.serial),
    manufacturer: text(identity.make),
    model: text(identity.model),
    duration_ms: Math.round(result.durationMs),
  };
  if (!result.reachable) return reported({ ...common, reachable: false, reason: result.reason });
  const { reading } = result;
  return reported({
    ...common,
    reachable: true,
    ...measures(reading),
    ...(detailed || reading.errors.some(isFault) ? details(reading) : {}),
  });
}

const isFault = ({ severity }: MinerError): boolean => severity === 'error';

/** Another MAC than the known one: another miner answers at this address since the last scan. */
function seenNow(known: Identity, { identity }: Reading): Identity {
  if (identity.mac !== null && identity.mac !== known.mac) return identity;
  return {
    ...known,
    serial: identity.serial ?? known.serial,
    make: identity.make ?? known.make,
    model: identity.model ?? known.model,
  };
}

function measures(reading: Reading): Partial<SampleInput> {
  const { hashrate, shares, state, thermal, power } = reading;
  const fans = reading.fans
    .toSorted((a, b) => a.slot - b.slot)
    .slice(0, MOST_FANS)
    .map((fan) => sane(fan.rpm, 'rpm'));
  const turning = fans.filter((rpm) => rpm !== null);
  const chip = hottest([thermal.chipMaxC, ...reading.boards.flatMap((each) => each.chipTempsC)]);
  const pcb = hottest([thermal.boardMaxC, ...reading.boards.flatMap((each) => each.boardTempsC)]);
  return {
    hash_rate: sane(hashrate.nowThs, 'ths'),
    hash_rate_window: text(hashrate.nowWindow),
    hash_rate_avg: sane(hashrate.avgThs, 'ths'),
    expected_hash_rate: sane(hashrate.expectedThs, 'ths'),
    accepted_shares: whole(shares.accepted),
    rejected_shares: whole(shares.rejected),
    stale_shares: whole(shares.stale),
    hw_errors: whole(shares.hwErrors),
    pool_switches: sane(shares.poolRejectedPercent, 'percent'),
    temperature: hottest([chip, pcb]),
    temp_chip: chip,
    temp_board: pcb,
    temp_env: sane(thermal.envC, 'tempC'),
    temp_fluid_in: sane(thermal.fluidInC, 'tempC'),
    temp_fluid_out: sane(thermal.fluidOutC, 'tempC'),
    fan_speed: turning.length > 0 ? Math.round(Math.max(...turning)) : null,
    fans: fans.length > 0 ? fans : null,
    power_consumption: sane(power.watts, 'watts'),
    power_source: power.watts === null ? null : power.source,
    power_limit_w: sane(power.limitW, 'watts'),
    power_mode: text(power.mode),
    mining: state.mining,
    uptime_s: sane(state.uptimeS, 'seconds'),
    restarted: state.restarted === true ? true : null,
    partial: reading.quality.partial ? true : null,
    miner_errors:
      reading.errors.length > 0
        ? reading.errors.slice(0, MOST_ERRORS).map((error) =>
            reported({
              code: text(error.code) ?? 'unknown',
              text: text(error.text),
              severity: error.severity,
            }),
          )
        : null,
  };
}

function details(reading: Reading): Partial<SampleInput> {
  return {
    boards: reading.boards.length > 0 ? toBoards(reading.boards.slice(0, MOST_BOARDS)) : null,
    pools:
      reading.pools.length > 0
        ? reading.pools.slice(0, MOST_POOLS).map((pool) =>
            reported({
              // Some people put the password into the pool's address.
              url: text(pool.url?.replace(/\/\/[^/@]*@/, '//') ?? null),
              user: text(pool.user),
              priority: whole(pool.priority),
              alive: pool.alive,
              active: pool.active,
              accepted: whole(pool.accepted),
              rejected: whole(pool.rejected),
              stale: whole(pool.stale),
              is_dev_fee: pool.isDevFee ? true : null,
            }),
          )
        : null,
  };
}

/** A slot twice would be one point of two boards, and one that is no number would cost the whole batch. */
function toBoards(boards: readonly Board[]): NonNullable<SampleInput['boards']> {
  const taken = new Set<number>();
  return boards.map((board) => {
    const { slot: told } = board;
    let slot = Number.isInteger(told) && told >= 0 && told <= LAST_SLOT ? told : 0;
    while (taken.has(slot)) slot = (slot + 1) % (LAST_SLOT + 1);
    taken.add(slot);
    return toBoard(board, slot);
  });
}

function toBoard(board: Board, slot: number): NonNullable<SampleInput['boards']>[number] {
  return reported({
    slot,
    hash_rate: sane(board.hashrateThs, 'ths'),
    expected_hash_rate: sane(board.expectedThs, 'ths'),
    temp_chip: hottest(board.chipTempsC),
    temp_board: hottest(board.boardTempsC),
    chips: sane(board.chips, 'chips'),
    chips_good: sane(board.chipsGood, 'chips'),
    chips_expected: sane(board.chipsExpected, 'chips'),
    frequency_mhz: sane(board.frequencyMhz, 'mhz'),
    voltage_v: sane(board.voltageV, 'volts'),
    power_w: sane(board.powerW, 'watts'),
    hw_errors: whole(board.hwErrors),
    serial: text(board.serial),
  });
}
