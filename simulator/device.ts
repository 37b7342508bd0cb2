import type { Fault } from './faults.ts';
import type { Model } from './models.ts';
import { bin } from './physics.ts';
import { hex, mix } from './random.ts';

/** What a simulated miner is, as far as it does not change with time. */
export interface Device {
  index: number;
  seed: number;
  model: Model;
  /** Where it lives; `otherAddress` where it goes when it moves. */
  address: string;
  otherAddress: string | null;
  /** 12 lower-case hex digits, locally administered. */
  mac: string;
  serial: string;
  hostname: string;
  /** Account at the pools. */
  worker: string;
  faults: readonly Fault[];
  /** Nominal TH/s of this unit (model and bin). */
  ratedThs: number;
  /** Difficulty the pool gave it, so that it finds about nine shares a minute. */
  shareDifficulty: number;
}

/** The pools every miner of a farm has, by priority. */
export const POOL_URLS = [
  'stratum+tcp://pool.example:3333',
  'stratum+tcp://pool.example:443',
  'stratum+tcp://backup.example:3333',
] as const;

/** Stands in every device's pool settings, so that a leak of it can be looked for. */
export const POOL_PASSWORD = 'simulated-pool-password';

const HASHES_PER_DIFFICULTY = 0x1_0000_0000;

export function makeDevice(options: {
  index: number;
  seed: number;
  model: Model;
  address: string;
  otherAddress: string | null;
  faults: readonly Fault[];
}): Device {
  const seed = mix(options.seed, options.index + 1);
  const ratedThs = options.model.hashrateThs * bin(seed);
  const sharesPerS = 0.15;
  const difficulty = (ratedThs * 1e12) / HASHES_PER_DIFFICULTY / sharesPerS;
  const number = String(options.index + 1).padStart(3, '0');
  return {
    ...options,
    seed,
    mac: `02${hex(seed, 11, 10).toLowerCase()}`,
    serial: serialOf(options.model, seed),
    hostname: hostnameOf(options.model, number),
    worker: `worker.${number}`,
    ratedThs,
    shareDifficulty: 2 ** Math.round(Math.log2(difficulty)),
  };
}

/** Shares a second at `ths`. */
export function shareRate(device: Device, ths: number): number {
  return (ths * 1e12) / HASHES_PER_DIFFICULTY / device.shareDifficulty;
}

function serialOf(model: Model, seed: number): string {
  if (model.family === 'avalon') return `02010000${hex(seed, 12, 8).toLowerCase()}`;
  if (model.family === 'whatsminer') return `HTM${hex(seed, 12, 4)}S${hex(seed, 13, 16)}`;
  return `HYSM${hex(seed, 12, 13)}`;
}

function hostnameOf(model: Model, number: string): string {
  if (model.family === 'whatsminer') return 'WhatsMiner';
  if (model.family === 'hammer') return 'Hammer';
  if (model.family === 'volcminer') return model.type;
  if (model.family === 'blackminer') return 'blackMiner';
  if (model.dialect === 'antminer-s9' || model.dialect === 'antminer-s17') return 'antMiner';
  return model.family === 'antminer-stock' ? 'Antminer' : `rack-${number}`;
}
