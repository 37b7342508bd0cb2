import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';

/** Clocks, as numbers of milliseconds; tests pass their own. */
export interface Clock {
  /** Since 1970; may jump when somebody sets it. */
  wall(): number;
  /** Never jumps. */
  monotonic(): number;
}

/**
 * This machine's clocks. The monotonic one is CLOCK_MONOTONIC on Linux: it counts from the machine's boot, so that
 * what one process has noted another one of the same boot can use.
 */
const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint() / 1000n) / 1000,
};

/** A moment of a clock nobody has confirmed, as `batch.unsure` of the contract. */
export interface Stamp {
  /** The machine's boot. */
  boot: string;
  wall_ms: number;
  monotonic_ms: number;
}

/**
 * The one clock for slots, batches and reports: this machine's wall clock and an offset learnt from the server.
 * When somebody sets the wall clock, the offset takes it back: the timeline goes on as it was.
 */
export interface AgentClock extends Clock {
  /** The server has said the time in this run. */
  isSure(): boolean;
  /** How often the timeline has moved: an earlier slot is then of another time. */
  moves(): number;
  /** This moment, to be put right later; null when there is nothing to put right. */
  stamp(): Stamp | null;
  /**
   * What must be added to the times of a stamp's timeline, ms in whole seconds; null: of another boot, nobody knows.
   * Samples are kept in whole seconds, so a shift never rounds two of them into one. It is rounded down: what was
   * read before stays before what is read after.
   */
  shiftOf(stamp: Stamp): number | null;
  /** The machine's wall clock minus the server's, ms; null: not known. */
  errorMs(): number | null;
  /** The server's clock said `serverMs` in an answer that took `tookMs` and came just now. */
  learn(serverMs: number, tookMs: number): void;
}

/** Smaller differences are left alone: they are not worth a seam in the history. */
export const TOLERANCE_MS = 2000;

export function makeClock(options: {
  log: Pick<Logger, 'warn'>;
  system?: Clock;
  boot?: string;
}): AgentClock {
  const { log, system = systemClock, boot = bootId() } = options;
  let offset = 0;
  let sure = false;
  let moves = 0;
  /** The last measurement: what was to be added to the wall clock. */
  let measured = 0;
  let base = system.wall() - system.monotonic();

  /** Takes back what the wall clock has jumped since the last look. */
  function look(): number {
    const now = system.wall();
    const seen = now - system.monotonic();
    const jumped = seen - base;
    base = seen;
    if (Math.abs(jumped) >= TOLERANCE_MS) {
      offset -= jumped;
      measured -= jumped;
      log.warn({ event: 'clock_jumped', ms: Math.round(jumped) }, 'taken back: times go on');
    }
    return now;
  }
  const wall = (): number => look() + offset;

  return {
    wall,
    monotonic: () => system.monotonic(),
    isSure: () => sure,
    moves: () => moves,
    stamp: () =>
      sure ? null : { boot, wall_ms: wall(), monotonic_ms: Math.round(system.monotonic()) },
    shiftOf(stamp) {
      if (stamp.boot !== boot) return null;
      const then = wall() - (system.monotonic() - stamp.monotonic_ms);
      const exact = then - stamp.wall_ms;
      return Math.abs(exact) <= TOLERANCE_MS ? 0 : Math.floor(exact / 1000) * 1000;
    },
    errorMs() {
      look();
      return sure ? Math.round(0 - measured) : null;
    },
    learn(serverMs, tookMs) {
      if (!Number.isFinite(serverMs)) return;
      measured = serverMs + tookMs / 2 - look();
      sure = true;
      // Of a slow answer nobody knows when in it the time was read.
      if (Math.abs(measured - offset) <= TOLERANCE_MS + tookMs / 2) return;
      const used = Math.abs(measured) <= TOLERANCE_MS ? 0 : measured;
      log.warn({ event: 'clock_set', ms: Math.round(used - offset) }, CLOCK_HELP);
      offset = used;
      moves += 1;
    },
  };
}

/** This machine's clock, believed: for what runs without a server to ask. */
export const machineClock: AgentClock = {
  ...systemClock,
  isSure: () => true,
  moves: () => 0,
  stamp: () => null,
  shiftOf: () => 0,
  errorMs: () => null,
  learn: () => undefined,
};

const CLOCK_HELP =
  "times are corrected by the server's clock; set up NTP here (timedatectl set-ntp true)";

/** Linux names each boot; elsewhere, or where /proc is hidden, each run counts as one. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return randomUUID();
  }
}
