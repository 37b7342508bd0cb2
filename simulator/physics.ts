import { between, drift, unit } from './random.ts';
import type { Device } from './device.ts';

/** A machine draws this much with its hash engines off; a small one a share of its power. */
const IDLE_W = 45;
const IDLE_SHARE = 0.15;
/** Seconds from power-on to the first hash, and from there to full rate. */
const BOOT_S = 60;
const RAMP_S = 300;
const DAY_S = 86_400;

/** Seconds of full-rate work done `upS` seconds after a start: the integral of the ramp. */
export function workSince(upS: number): number {
  const t = upS - BOOT_S;
  if (t <= 0) return 0;
  return t < RAMP_S ? (t * t) / (2 * RAMP_S) : t - RAMP_S / 2;
}

/**
 * Share of full rate over the last `windowS` seconds, 0 to 1. Work stopped at `stoppedAtS` seconds of
 * uptime. The window is not shortened to the uptime: cgminer's averages climb from nought after a start.
 */
export function loadOver(windowS: number, upS: number, stoppedAtS: number): number {
  const done = workSince(Math.min(upS, stoppedAtS));
  const before = workSince(Math.min(Math.max(0, upS - windowS), stoppedAtS));
  return (done - before) / windowS;
}

/** Air at the inlet: the hall's own level, warmer in the afternoon (UTC) than before dawn. */
export function ambientC(device: Device, timeS: number): number {
  const day = Math.sin(((timeS % DAY_S) / DAY_S - 0.375) * 2 * Math.PI);
  return between(device.seed, 1, 17, 24) + 5.5 * day + 0.8 * drift(device.seed, 2, timeS, 3600);
}

/** How much noise a hashrate averaged over `windowS` shows: ±5 % over 5 s, ±0.5 % over 30 min. */
export function rateNoise(device: Device, windowS: number, timeS: number): number {
  const amplitude = 0.05 * (5 / windowS) ** 0.3914;
  return 1 + amplitude * drift(device.seed, 3 + windowS, timeS, windowS);
}

/** How well this one board performs against its nominal rate; part of it is luck that wanders for hours. */
export function boardQuality(device: Device, board: number, timeS: number): number {
  const made = between(device.seed, 100 + board, 0.985, 1.01);
  return made + 0.004 * drift(device.seed, 110 + board, timeS, 7200);
}

/** A board's hottest sensor. `load` is the share of full rate over the last minutes. */
export function boardC(
  device: Device,
  board: number,
  timeS: number,
  air: { ambientC: number; load: number; weakCooling: boolean; residualC: number },
): number {
  const rise = device.model.riseC * between(device.seed, 120 + board, 0.94, 1.06);
  const cooling = air.weakCooling ? 1.22 : 1;
  const wander = 0.6 * drift(device.seed, 130 + board, timeS, 45);
  return air.ambientC + rise * air.load * cooling + air.residualC + wander;
}

/** Chips run hotter than the board they sit on. */
export function chipC(device: Device, board: number, boardTempC: number, load: number): number {
  return boardTempC + 1 + between(device.seed, 140 + board, 11, 15) * load;
}

/** The fan controller: idle speed up to 50 °C at the chips, full speed from 95 °C; tachometers count in thirties. */
export function fanRpm(device: Device, fan: number, timeS: number, hottestChipC: number): number {
  const demand = Math.min(1, Math.max(0, (hottestChipC - 50) / 45));
  const share = 0.32 + 0.68 * demand;
  const own = between(device.seed, 150 + fan, 0.97, 1);
  const wander = 1 + 0.006 * drift(device.seed, 160 + fan, timeS, 20);
  return Math.min(
    device.model.fanMaxRpm,
    Math.round((device.model.fanMaxRpm * share * own * wander) / 30) * 30,
  );
}

/** Power at the wall. `working` is the share of the machine's hash engines that run, 0 to 1. */
export function powerW(device: Device, timeS: number, working: number): number {
  const efficiency = between(device.seed, 170, 0.985, 1.02);
  const noise = 1 + 0.006 * drift(device.seed, 171, timeS, 30);
  const idleW = Math.min(IDLE_W, device.model.powerW * IDLE_SHARE);
  return Math.round(idleW + (device.model.powerW - idleW) * working * efficiency * noise);
}

/** What this unit makes against its model's nominal rate: the bin its chips came from. */
export function bin(deviceSeed: number): number {
  return 0.98 + 0.04 * unit(deviceSeed, 180);
}
