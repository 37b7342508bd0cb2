import type { Miner } from '../../data/miners.ts';

const joined = (...parts: (string | null)[]): string | null =>
  parts.filter(Boolean).join(' ') || null;

/** "AntMiner S19j Pro"; null when the miner says neither. */
export const modelOf = (miner: Pick<Miner, 'manufacturer' | 'model'>): string | null =>
  joined(miner.manufacturer, miner.model);

/** "VNish 1.2.6"; null when the miner says neither. */
export const firmwareOf = (miner: Pick<Miner, 'firmware' | 'firmware_version'>): string | null =>
  joined(miner.firmware, miner.firmware_version);

/** 0a1b2c3d4e5f → 0A:1B:2C:3D:4E:5F. */
export const macOf = (mac: string): string => (mac.match(/../g) ?? []).join(':').toUpperCase();
