/** The firmware a device speaks like; the agent's family of that name reads it. */
export type FamilyId =
  | 'antminer-stock'
  | 'whatsminer'
  | 'avalon'
  | 'hammer'
  | 'volcminer'
  | 'blackminer'
  | CustomFirmware
  | OneDialect
  | 'bitaxe'
  | 'nerdqaxe'
  | 'innosilicon'
  | 'futurebit'
  | 'generic-cgminer';

/** Firmwares for Antminers, each a family and a dialect of its own. */
export type CustomFirmware =
  | 'braiins'
  | 'luxos'
  | 'vnish'
  | 'mara'
  | 'hiveon'
  | 'mskminer'
  | 'asicseer';

/** Families of one dialect, which has their name. */
export type OneDialect =
  | 'auradine'
  | 'baikal'
  | 'bitfury'
  | 'dayun'
  | 'dragonmint'
  | 'ebang'
  | 'elphapex'
  | 'epic'
  | 'goldshell'
  | 'honorknight'
  | 'hyperbit'
  | 'ibelink'
  | 'iceriver'
  | 'minerva'
  | 'multminer'
  | 'obelisk'
  | 'proto'
  | 'sealminer'
  | 'spondoolies'
  | 'strongu';

/** How a family's replies differ from one firmware to the next. */
export type Dialect =
  /** bmminer of 2017–2019: sixteen numbered groups, boards 6–8, no comma between the objects of STATS. */
  | 'antminer-s9'
  /** cgminer 1.0.0 of 2019–2020: sixteen numbered groups, boards 1–3. */
  | 'antminer-s17'
  /** cgminer 1.0.0 since 2020: four numbered groups, `rate_30m`, modern CGI pages. */
  | 'antminer-s19'
  /** As above, and the firmware measures power. */
  | 'antminer-s21'
  /** cgminer 4.9.2, API 1.4: wants `command`, errors in the summary. */
  | 'whatsminer-v1'
  /** btminer, API 2.0.4: every reply in the `Msg` envelope. */
  | 'whatsminer-v2-msg'
  /** btminer, API 2.0.5: cgminer's envelope for summary, devs and pools, `Msg` for the rest. */
  | 'whatsminer-v2'
  /** API 3.0 on port 4433, and still v2 on 4028. */
  | 'whatsminer-v3'
  /** MM string without GHSspd and without power. */
  | 'avalon-10'
  | 'avalon-12'
  /** MM string with WALLPOWER. */
  | 'avalon-15'
  /** ccminer 2.3.3, whose `MHS` are MH/s; of a Blackminer `GHS` and GH/s. */
  | 'ccminer-mhs'
  | 'ccminer-ghs'
  | CustomFirmware
  | OneDialect
  /** AxeOS: one page over HTTP, nothing on 4028. */
  | 'axeos'
  /** Innosilicon's cgminer: Zcash machines count solutions under `MHS`, the others megahashes. */
  | 'innominer-sols'
  | 'innominer-mhs'
  /** GraphQL on 5000, and bfgminer on 4028. */
  | 'apollo'
  | 'moonlander'
  | 'generic';

export interface Model {
  family: FamilyId;
  dialect: Dialect;
  /** As the inventory spells it; null when the device does not say. */
  make: string | null;
  model: string | null;
  /** The device's own word for its model, as its replies carry it. */
  type: string;
  boards: number;
  chipsPerBoard: number;
  hashrateThs: number;
  powerW: number;
  frequencyMhz: number;
  /** Chain voltage, volts. */
  voltageV: number;
  fans: number;
  fanMaxRpm: number;
  /** How much warmer than the air a board gets at full load, °C. */
  riseC: number;
}

const antminer = { family: 'antminer-stock', make: 'AntMiner', boards: 3, fans: 4 } as const;
const whatsminer = { family: 'whatsminer', make: 'Whatsminer', boards: 3, fans: 2 } as const;
const avalon = { family: 'avalon', make: 'Avalon' } as const;

const S9: Model = {
  ...antminer,
  dialect: 'antminer-s9',
  model: 'S9',
  type: 'Antminer S9',
  fans: 2,
  chipsPerBoard: 63,
  hashrateThs: 13.5,
  powerW: 1323,
  frequencyMhz: 650,
  voltageV: 8.6,
  fanMaxRpm: 6000,
  riseC: 38,
};
const S17_PRO: Model = {
  ...antminer,
  dialect: 'antminer-s17',
  model: 'S17 Pro',
  type: 'Antminer S17 Pro',
  chipsPerBoard: 48,
  hashrateThs: 53,
  powerW: 2094,
  frequencyMhz: 595,
  voltageV: 17.4,
  fanMaxRpm: 6600,
  riseC: 40,
};
const S19: Model = {
  ...antminer,
  dialect: 'antminer-s19',
  model: 'S19',
  type: 'Antminer S19',
  chipsPerBoard: 76,
  hashrateThs: 95,
  powerW: 3250,
  frequencyMhz: 675,
  voltageV: 14,
  fanMaxRpm: 6200,
  riseC: 41,
};
const S19J_PRO: Model = {
  ...S19,
  model: 'S19j Pro',
  type: 'Antminer S19j Pro',
  chipsPerBoard: 126,
  hashrateThs: 104,
  powerW: 3068,
  frequencyMhz: 545,
  voltageV: 13.6,
};
const S19_XP: Model = {
  ...S19,
  model: 'S19 XP',
  type: 'Antminer S19 XP',
  chipsPerBoard: 110,
  hashrateThs: 140,
  powerW: 3010,
  frequencyMhz: 525,
  voltageV: 13.2,
};
const S21: Model = {
  ...S19,
  dialect: 'antminer-s21',
  model: 'S21',
  type: 'Antminer S21',
  chipsPerBoard: 108,
  hashrateThs: 200,
  powerW: 3500,
  frequencyMhz: 490,
  voltageV: 15.2,
};
const M20S: Model = {
  ...whatsminer,
  dialect: 'whatsminer-v1',
  model: 'M20S',
  type: 'M20SV10',
  chipsPerBoard: 105,
  hashrateThs: 68,
  powerW: 3360,
  frequencyMhz: 622,
  voltageV: 12.6,
  fanMaxRpm: 7200,
  riseC: 46,
};
const M30S_PLUS: Model = {
  ...whatsminer,
  dialect: 'whatsminer-v2-msg',
  model: 'M30S+',
  type: 'M30S+VF20',
  chipsPerBoard: 111,
  hashrateThs: 100,
  powerW: 3400,
  frequencyMhz: 668,
  voltageV: 12.4,
  fanMaxRpm: 7200,
  riseC: 45,
};
const M50S: Model = {
  ...whatsminer,
  dialect: 'whatsminer-v2',
  model: 'M50S',
  type: 'M50SVH20',
  chipsPerBoard: 135,
  hashrateThs: 126,
  powerW: 3276,
  frequencyMhz: 600,
  voltageV: 12.8,
  fanMaxRpm: 7200,
  riseC: 44,
};
const M60S: Model = {
  ...whatsminer,
  dialect: 'whatsminer-v3',
  model: 'M60S',
  type: 'M60SVK40',
  chipsPerBoard: 225,
  hashrateThs: 186,
  powerW: 3441,
  frequencyMhz: 625,
  voltageV: 13.1,
  fanMaxRpm: 7200,
  riseC: 42,
};
const A1047: Model = {
  ...avalon,
  dialect: 'avalon-10',
  model: '1047',
  type: '1047',
  boards: 2,
  fans: 2,
  chipsPerBoard: 120,
  hashrateThs: 37,
  powerW: 2380,
  frequencyMhz: 662,
  voltageV: 3.19,
  fanMaxRpm: 6600,
  riseC: 36,
};
const A1246: Model = {
  ...avalon,
  dialect: 'avalon-12',
  model: '1246-83',
  type: '1246-83',
  boards: 3,
  fans: 4,
  chipsPerBoard: 120,
  hashrateThs: 83,
  powerW: 3420,
  frequencyMhz: 502,
  voltageV: 3.07,
  fanMaxRpm: 7000,
  riseC: 38,
};
const A1566: Model = {
  ...avalon,
  dialect: 'avalon-15',
  model: '15-194',
  type: '15-194',
  boards: 3,
  fans: 2,
  chipsPerBoard: 160,
  hashrateThs: 194,
  powerW: 3700,
  frequencyMhz: 346,
  voltageV: 2.86,
  fanMaxRpm: 7000,
  riseC: 40,
};
const GENERIC: Model = {
  family: 'generic-cgminer',
  dialect: 'generic',
  make: null,
  model: null,
  type: 'SCB',
  boards: 3,
  fans: 2,
  chipsPerBoard: 54,
  hashrateThs: 22,
  powerW: 1950,
  frequencyMhz: 480,
  voltageV: 9.4,
  fanMaxRpm: 5400,
  riseC: 37,
};

/** Every model there is, one of each. */
export const MODELS: readonly Model[] = [
  S19J_PRO,
  S21,
  M50S,
  S19,
  M60S,
  A1246,
  S9,
  M30S_PLUS,
  S19_XP,
  A1566,
  S17_PRO,
  M20S,
  A1047,
  GENERIC,
];

const ccminer = { boards: 3, fanMaxRpm: 6200, riseC: 32 } as const;

/** Machines of other algorithms than a farm's usual; a farm has them when it is told to. */
export const CCMINER_MODELS: readonly Model[] = [
  {
    ...ccminer,
    family: 'hammer',
    dialect: 'ccminer-mhs',
    make: 'Hammer',
    model: 'D10',
    type: 'Hammer D10',
    fans: 4,
    chipsPerBoard: 108,
    hashrateThs: 0.005,
    powerW: 2200,
    frequencyMhz: 810,
    voltageV: 14,
  },
  {
    ...ccminer,
    family: 'volcminer',
    dialect: 'ccminer-mhs',
    make: 'VolcMiner',
    model: 'D1',
    type: 'VolcMiner D1',
    fans: 4,
    chipsPerBoard: 105,
    hashrateThs: 0.0155,
    powerW: 3900,
    frequencyMhz: 1900,
    voltageV: 15,
  },
  {
    ...ccminer,
    family: 'blackminer',
    dialect: 'ccminer-ghs',
    make: 'Blackminer',
    model: 'F1',
    type: 'Blackminer F1',
    boards: 2,
    fans: 2,
    chipsPerBoard: 6,
    hashrateThs: 0.016,
    powerW: 800,
    frequencyMhz: 460,
    voltageV: 12,
  },
];

/** What the n-th miner of a farm is: first one of each, then the mix of a farm that grew over years. */
export function modelOf(index: number): Model {
  const first = MODELS[index];
  if (first !== undefined) return first;
  return FLEET[index % FLEET.length] ?? S19J_PRO;
}

const FLEET: readonly Model[] = [
  S19J_PRO,
  S21,
  S19J_PRO,
  M50S,
  S19,
  S19J_PRO,
  M60S,
  S21,
  S19_XP,
  M30S_PLUS,
  S19J_PRO,
  A1246,
  S21,
  S17_PRO,
  S19,
  S19_XP,
  S9,
  M60S,
  A1566,
  S21,
];
