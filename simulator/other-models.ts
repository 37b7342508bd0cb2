import type { Model } from './models.ts';

/** Machines outside the demo's mix; a farm has them when it is given them. */
export const OTHER_MODELS: readonly Model[] = [
  {
    family: 'sealminer',
    dialect: 'sealminer',
    make: 'SealMiner',
    model: 'A2',
    type: 'A2',
    boards: 3,
    chipsPerBoard: 153,
    hashrateThs: 226,
    powerW: 3730,
    frequencyMhz: 347,
    voltageV: 15.6,
    fans: 4,
    fanMaxRpm: 6000,
    riseC: 38,
  },
  {
    family: 'bitaxe',
    dialect: 'axeos',
    make: 'Bitaxe',
    model: 'Gamma',
    type: 'BM1370 602',
    boards: 1,
    chipsPerBoard: 1,
    hashrateThs: 1.07,
    powerW: 18,
    frequencyMhz: 525,
    voltageV: 1.15,
    fans: 1,
    fanMaxRpm: 7000,
    riseC: 32,
  },
];
