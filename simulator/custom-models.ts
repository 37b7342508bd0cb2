import type { CustomFirmware, Model } from './models.ts';

const machine = {
  make: 'AntMiner',
  boards: 3,
  fans: 4,
  fanMaxRpm: 6200,
  riseC: 41,
} as const;

const S19J_PRO = {
  ...machine,
  model: 'S19j Pro',
  type: 'Antminer S19j Pro',
  chipsPerBoard: 126,
  hashrateThs: 104,
  powerW: 3068,
  frequencyMhz: 545,
  voltageV: 13.6,
} as const;

const S9 = {
  ...machine,
  fans: 2,
  model: 'S9',
  chipsPerBoard: 63,
  hashrateThs: 13.5,
  powerW: 1323,
  frequencyMhz: 650,
  voltageV: 8.6,
  fanMaxRpm: 6000,
  riseC: 38,
} as const;

const custom = (family: CustomFirmware) => ({ family, dialect: family });

/** Antminers under custom firmware; a farm has them when it is told to. */
export const CUSTOM_MODELS: readonly Model[] = [
  { ...S19J_PRO, ...custom('braiins') },
  { ...S19J_PRO, ...custom('luxos') },
  { ...S19J_PRO, ...custom('vnish') },
  { ...S19J_PRO, ...custom('mara') },
  { ...S9, ...custom('hiveon'), type: 'Antminer S9 Hiveon' },
  { ...S9, ...custom('mskminer'), model: 'S9 Pro', type: 'Antminer S9 Pro (v5.2) ' },
  { ...S9, ...custom('asicseer'), type: 'Antminer S9' },
];
