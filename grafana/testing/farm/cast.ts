/** Whom the simulated farm is made of, and what is wrong with whom. Times are minutes before its end. */
export interface Role {
  name: string;
  site: 'North' | 'East' | 'South';
  agent: 'north' | 'east' | 'sleeper' | 'south';
  /** Series keys, the newest first; the others were used until a day before the end. */
  keys: readonly [string, ...string[]];
  manufacturer: string;
  model: string;
  algorithm: string;
  container: string | null;
  hashrateThs: number;
  /** null: the miner does not say. */
  expectedThs: number | null;
  powerW: number | null;
  chipC: number | null;
  fans: readonly number[] | null;
  boards: number;
  /** Chips its boards should have and that do not work, all boards together. */
  chipsMissing?: number;
  /** Does not answer since. */
  offlineSince?: number;
  mining?: false;
  restartedAt?: number;
  pool: string;
  poolAlive?: false;
  rejectedPer1000: number;
  firmware: string;
  error?: string;
}

const S19 = {
  manufacturer: 'AntMiner',
  model: 'S19j Pro',
  algorithm: 'sha256',
  hashrateThs: 100,
  expectedThs: 100,
  powerW: 3000,
  chipC: 70,
  fans: [5000, 5100, 5200, 5300],
  boards: 3,
  container: 'C1',
  pool: 'stratum+tcp://btc.example.com:3333',
  rejectedPer1000: 2,
  firmware: 'Bitmain',
} as const;
const north = { ...S19, site: 'North', agent: 'north' } as const;

/** Minutes before the end since when the agent "sleeper" is silent. */
export const SLEEPS_SINCE = 40;

export const CAST: readonly Role[] = [
  { ...north, name: 'steady', keys: ['02aabbccdd01'] },
  { ...north, name: 'degraded', keys: ['02aabbccdd02', 'ip-10-0-0-7-4028'], hashrateThs: 70 },
  { ...north, name: 'gone', keys: ['02aabbccdd03'], offlineSince: 300, container: null },
  { ...north, name: 'hot', keys: ['02aabbccdd04'], chipC: 95, hashrateThs: 88 },
  { ...north, name: 'fan', keys: ['02aabbccdd05'], fans: [5000, 0, 5200, 5300], container: 'C2' },
  {
    ...north,
    name: 'board',
    keys: ['02aabbccdd06'],
    boards: 2,
    hashrateThs: 66,
    chipsMissing: 3,
    container: 'C2',
  },
  { ...north, name: 'restarted', keys: ['02aabbccdd07'], restartedAt: 180, rejectedPer1000: 30 },
  {
    ...S19,
    name: 'astray',
    site: 'East',
    agent: 'east',
    keys: ['02aabbccdd08'],
    pool: 'stratum+tcp://elsewhere.test:3333',
    fans: [30_600, 5000],
    firmware: 'Braiins',
    error: 'fan 1 cannot be true',
  },
  {
    ...S19,
    name: 'plain',
    site: 'East',
    agent: 'east',
    keys: ['sn-plain0001'],
    algorithm: 'SHA-256',
    expectedThs: null,
    powerW: null,
    chipC: null,
    fans: null,
  },
  { ...S19, name: 'asleep', site: 'East', agent: 'sleeper', keys: ['02aabbccdd0a'] },
  {
    ...S19,
    name: 'scrypt',
    site: 'South',
    agent: 'south',
    keys: ['02aabbccdd0b'],
    model: 'L7',
    algorithm: 'scrypt',
    hashrateThs: 0.0095,
    expectedThs: 0.0095,
    powerW: 3425,
    container: null,
    pool: 'stratum+tcp://ltc.example.com:3333',
  },
  {
    ...S19,
    name: 'idle',
    site: 'South',
    agent: 'south',
    keys: ['02aabbccdd0c'],
    hashrateThs: 0,
    mining: false,
    powerW: 45,
    container: null,
    poolAlive: false,
  },
];
