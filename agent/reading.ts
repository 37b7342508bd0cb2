/**
 * What one conversation with a miner yields, whatever its make. `null` = not reported,
 * `0` = reported as zero. Families fill it, nobody else; the batch and the CLI read it.
 * Hashrates are TH/s (also for other algorithms: exact doubles, never rounded to zero), temperatures °C,
 * fans rpm, power W, times seconds.
 */
export interface Reading {
  identity: Identity;
  hashrate: Hashrate;
  boards: Board[];
  fans: Fan[];
  /** Fans inside the power supply, rpm; not among `fans`. */
  psuFans: number[];
  pools: Pool[];
  thermal: Thermal;
  power: Power;
  shares: Shares;
  state: State;
  errors: MinerError[];
  quality: Quality;
}

export interface Identity {
  /** 12 lower-case hex digits. */
  mac: string | null;
  serial: string | null;
  hostname: string | null;
  /** "AntMiner", "Whatsminer", "Avalon" … as the old system spells the makes it knows. */
  make: string | null;
  /** Without the make: "S19j Pro", "M60S". */
  model: string | null;
  /** As the miner says it. */
  modelRaw: string | null;
  /** Product: "Bitmain", "MicroBT", "Canaan", "VNish" … */
  firmware: string | null;
  firmwareVersion: string | null;
  apiVersion: string | null;
  controlBoard: string | null;
  algorithm: string | null;
}

export interface Hashrate {
  nowThs: number | null;
  /** "5s", "1m", "realtime" …: the window of `nowThs`. */
  nowWindow: string | null;
  avgThs: number | null;
  expectedThs: number | null;
}

export interface Board {
  slot: number;
  hashrateThs: number | null;
  expectedThs: number | null;
  chips: number | null;
  chipsGood: number | null;
  chipsExpected: number | null;
  /** Every sensor in the order the miner gives them. */
  boardTempsC: number[];
  chipTempsC: number[];
  frequencyMhz: number | null;
  voltageV: number | null;
  powerW: number | null;
  hwErrors: number | null;
  serial: string | null;
}

export interface Fan {
  slot: number;
  rpm: number | null;
  percent: number | null;
}

export interface Pool {
  url: string | null;
  user: string | null;
  priority: number | null;
  alive: boolean | null;
  active: boolean | null;
  accepted: number | null;
  rejected: number | null;
  stale: number | null;
  isDevFee: boolean;
}

export interface Thermal {
  /** Hottest chip, hottest board sensor, air at the inlet. */
  chipMaxC: number | null;
  boardMaxC: number | null;
  envC: number | null;
  /** Water or oil as it comes in and goes out, the warmest of each. */
  fluidInC: number | null;
  fluidOutC: number | null;
}

export interface Power {
  watts: number | null;
  source: 'psu' | 'estimate' | 'dc' | null;
  limitW: number | null;
  mode: string | null;
}

export interface Shares {
  accepted: number | null;
  rejected: number | null;
  stale: number | null;
  hwErrors: number | null;
  /** cgminer's "Pool Rejected%". */
  poolRejectedPercent: number | null;
}

export interface State {
  mining: boolean | null;
  /** As the miner says it: "In Work", "sleep" … */
  text: string | null;
  uptimeS: number | null;
  /** It has started anew since its last reading; null: there was none to compare with, or no uptime. */
  restarted: boolean | null;
}

export interface MinerError {
  code: string;
  text: string | null;
  severity: 'info' | 'warning' | 'error' | null;
}

export interface Quality {
  /** Some requests failed or came cut short. */
  partial: boolean;
  /** One line per request or field that failed, for `probe` and the log. */
  problems: string[];
}

/** A reading in which nothing is known yet. */
export function emptyReading(): Reading {
  return {
    identity: {
      mac: null,
      serial: null,
      hostname: null,
      make: null,
      model: null,
      modelRaw: null,
      firmware: null,
      firmwareVersion: null,
      apiVersion: null,
      controlBoard: null,
      algorithm: null,
    },
    hashrate: { nowThs: null, nowWindow: null, avgThs: null, expectedThs: null },
    boards: [],
    fans: [],
    psuFans: [],
    pools: [],
    thermal: { chipMaxC: null, boardMaxC: null, envC: null, fluidInC: null, fluidOutC: null },
    power: { watts: null, source: null, limitW: null, mode: null },
    shares: {
      accepted: null,
      rejected: null,
      stale: null,
      hwErrors: null,
      poolRejectedPercent: null,
    },
    state: { mining: null, text: null, uptimeS: null, restarted: null },
    errors: [],
    quality: { partial: false, problems: [] },
  };
}
