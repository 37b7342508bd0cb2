import type { RateWindow } from './miner-state.ts';
import type { Dialect, FamilyId, Model } from './models.ts';

/** Which of the true values a model's firmware lets a reader know. */
export interface Reports {
  power: boolean;
  ambient: boolean;
  mac: boolean;
  /** Nominal rate. */
  expected: boolean;
  boardTemp: boolean;
  chipTemp: boolean;
  /** Whether a fan that stands still is told from one that is not fitted: in a row of sixteen keys it is not. */
  standingFans: boolean;
  /** How a fan's speed is told. */
  fans: 'rpm' | 'percent' | 'none';
  /** Whether each board says what it makes. */
  boardRates: boolean;
  /** Which of a board's chips are counted. */
  boardChips: 'found' | 'working' | 'none';
  /** Whether the slot of a board that is gone is listed, with no chips. */
  emptySlots: boolean;
  /** Steps in which the uptime goes, seconds; null = it is not told. */
  uptimeStepS: number | null;
  /** All configured pools, the first two, or the one in use. */
  pools: 'all' | 'first-two' | 'in-use';
  /** Whether each pool says if it is in use. */
  poolsInUse: boolean;
  /** Which pools say whether they are alive. */
  poolsAlive: 'all' | 'in-use' | 'none';
}

const EVERYTHING: Reports = {
  power: true,
  ambient: false,
  mac: true,
  expected: true,
  boardTemp: true,
  chipTemp: true,
  standingFans: true,
  fans: 'rpm',
  boardRates: true,
  boardChips: 'found',
  emptySlots: false,
  uptimeStepS: 1,
  pools: 'all',
  poolsInUse: true,
  poolsAlive: 'all',
};

/** A device that is no miner. */
export const NO_REPORTS: Reports = {
  ...EVERYTHING,
  power: false,
  mac: false,
  expected: false,
  boardTemp: false,
  chipTemp: false,
  standingFans: false,
  fans: 'none',
  boardRates: false,
  boardChips: 'none',
  uptimeStepS: null,
  poolsInUse: false,
  poolsAlive: 'none',
};

/** cgminer's own commands have neither a meter nor a nominal rate. */
const PLAIN: Partial<Reports> = { power: false, expected: false };
/** Keys for eight fans, of which two are there. */
const FROM_S9: Partial<Reports> = { standingFans: false };

const ESP_MINER: Partial<Reports> = { pools: 'first-two', poolsAlive: 'none' };

const BY_FAMILY: Record<FamilyId, Partial<Reports>> = {
  'antminer-stock': { power: false },
  whatsminer: { ambient: true, boardChips: 'working' },
  avalon: { ambient: true, boardTemp: false },
  hammer: { ...PLAIN, chipTemp: false },
  volcminer: { ...PLAIN, chipTemp: false },
  blackminer: { ...PLAIN, chipTemp: false },
  braiins: {},
  luxos: {},
  // To the minute.
  vnish: { uptimeStepS: 60 },
  mara: { emptySlots: true },
  hiveon: FROM_S9,
  mskminer: FROM_S9,
  asicseer: { ...FROM_S9, power: false },
  sealminer: {},
  bitaxe: ESP_MINER,
  nerdqaxe: { ...ESP_MINER, poolsAlive: 'in-use' },
  'generic-cgminer': {
    ...PLAIN,
    mac: false,
    chipTemp: false,
    boardChips: 'none',
    standingFans: false,
  },
  auradine: { ambient: true },
  baikal: { ...PLAIN, mac: false, chipTemp: false, boardChips: 'none', fans: 'percent' },
  bitfury: { ambient: true, expected: false, boardTemp: false, pools: 'in-use' },
  dayun: { ...PLAIN, mac: false, boardRates: false, boardChips: 'none' },
  dragonmint: { ...PLAIN, fans: 'percent', boardRates: false },
  ebang: {
    ...PLAIN,
    mac: false,
    chipTemp: false,
    boardRates: false,
    boardChips: 'none',
    poolsAlive: 'in-use',
  },
  elphapex: { emptySlots: true, boardTemp: false, poolsInUse: false },
  epic: { emptySlots: true, chipTemp: false, poolsAlive: 'in-use' },
  futurebit: { expected: false, boardTemp: false, pools: 'in-use' },
  goldshell: PLAIN,
  honorknight: PLAIN,
  hyperbit: { ...PLAIN, mac: false, chipTemp: false, boardChips: 'none', fans: 'none' },
  ibelink: { ...PLAIN, chipTemp: false, fans: 'none' },
  iceriver: { ...PLAIN, chipTemp: false },
  innosilicon: { expected: false, fans: 'percent' },
  minerva: { ...PLAIN, chipTemp: false },
  multminer: {
    expected: false,
    mac: false,
    boardTemp: false,
    fans: 'none',
    uptimeStepS: null,
  },
  obelisk: {
    ...PLAIN,
    chipTemp: false,
    boardChips: 'none',
    fans: 'percent',
    uptimeStepS: 60,
    poolsInUse: false,
  },
  proto: { chipTemp: false },
  spondoolies: { expected: false, mac: false, boardChips: 'working' },
  strongu: { ...PLAIN, chipTemp: false },
};

const BY_DIALECT: Partial<Record<Dialect, Partial<Reports>>> = {
  'antminer-s9': FROM_S9,
  'antminer-s17': FROM_S9,
  'antminer-s21': { power: true },
  'avalon-10': { power: false },
  moonlander: {
    ...PLAIN,
    mac: false,
    boardTemp: false,
    chipTemp: false,
    boardChips: 'none',
    fans: 'none',
    pools: 'all',
  },
};

export function reportsOf({ family, dialect }: Model): Reports {
  return { ...EVERYTHING, ...BY_FAMILY[family], ...BY_DIALECT[dialect] };
}

const WINDOWS: Partial<Record<FamilyId | Dialect, RateWindow>> = {
  whatsminer: 60,
  avalon: 60,
  sealminer: 60,
  spondoolies: 60,
  dragonmint: 60,
  bitfury: 30,
  apollo: 30,
  dayun: 30,
  goldshell: 20,
  moonlander: 20,
  obelisk: 300,
};

/** The window each family's reading of "now" comes from. */
export function nowWindow({ family, dialect }: Model): RateWindow {
  return WINDOWS[family] ?? WINDOWS[dialect] ?? 5;
}
