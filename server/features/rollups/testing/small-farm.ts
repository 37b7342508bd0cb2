import type { SyncRequest } from '#contract/sync.ts';
import type { Sent } from './oracle.ts';

type Numbers =
  | 'hash_rate'
  | 'expected_hash_rate'
  | 'power_consumption'
  | 'temperature'
  | 'temp_chip'
  | 'fan_speed'
  | 'uptime_s'
  | 'accepted_shares'
  | 'rejected_shares'
  | 'stale_shares'
  | 'hw_errors';
/** Agents may write numbers as texts; these do not. */
type Sample = Omit<NonNullable<SyncRequest['miner_stats']>[number], Numbers> &
  Partial<Record<Numbers, number>>;

/** Of a small farm: what one agent sends of one poll. */
export interface Delivery {
  agent: number;
  slotS: number;
  body: SyncRequest;
  /** What the rollups should know of it. */
  sent: Omit<Sent, 'scope'>[];
}

interface FarmMiner {
  agent: number;
  serial: string;
  make: string;
  model: string;
  algo: string;
  ths: number;
  /** Measures it does not report. */
  lacks?: (keyof Sample)[];
}

/** Agent 4 is an old one: it names no batch, and its samples say neither what a miner is nor how it does beyond the basics. */
export const OLD_AGENT = 4;
/** Seconds between polls of each agent. */
export const EVERY_MINUTE = [60, 60, 300, 30, 60] as const;
export const SELDOM = [300, 600, 900, 600, 300] as const;

const SHA = 'sha256';
const S19 = { make: 'AntMiner', model: 'S19j Pro', algo: SHA };
const M30 = { make: 'Whatsminer', model: 'M30S', algo: SHA };
const S21 = { make: 'AntMiner', model: 'S21', algo: SHA };
const MINERS: FarmMiner[] = [
  { agent: 0, serial: 'a1', ...S19, ths: 104 },
  { agent: 0, serial: 'a2', ...S19, ths: 100.1 },
  { agent: 0, serial: 'a3', make: 'AntMiner', model: 'L7', algo: 'scrypt', ths: 0.0095 },
  { agent: 1, serial: 'b1', ...M30, ths: 88, lacks: ['hw_errors'] },
  { agent: 1, serial: 'b2', ...M30, model: 'M50', ths: 120, lacks: ['expected_hash_rate'] },
  { agent: 1, serial: 'b3', ...S19, ths: 98, lacks: ['power_consumption'] },
  { agent: 2, serial: 'c1', ...M30, ths: 90 },
  {
    agent: 2,
    serial: 'c2',
    make: 'Goldshell',
    model: 'KD6',
    algo: 'blake2s',
    ths: 29,
    lacks: ['temp_chip', 'uptime_s'],
  },
  { agent: 3, serial: 'd1', ...S21, ths: 200, lacks: ['stale_shares'] },
  { agent: 3, serial: 'd2', ...S21, ths: 195 },
  { agent: OLD_AGENT, serial: 'e1', make: '', model: '', algo: 'other', ths: 13.5 },
];
const OF_OLD = new Set([
  'ip_address',
  'timestamp',
  'hash_rate',
  'temperature',
  'fan_speed',
  'power_consumption',
  'accepted_shares',
  'rejected_shares',
]);
/** What happens does so again after so many minutes. */
const CYCLE = 360;

/**
 * All that the farm's agents have to say from `startS` (a whole hour) on, in order of time. There are miners that do not
 * answer for a while, restart, count from zero again, stop mining, run low, change their model or say that they
 * should do nothing, and an agent that is silent for twenty-five minutes and one that is for an hour and a half.
 */
export function deliveriesOf(
  startS: number,
  hours: number,
  pollS: readonly number[] = EVERY_MINUTE,
): Delivery[] {
  const deliveries: Delivery[] = [];
  for (let slotS = startS; slotS < startS + hours * 3600; slotS += 30) {
    for (const [agent, everyS] of pollS.entries()) {
      const minute = ((slotS - startS) / 60) % CYCLE;
      if ((slotS - startS) % everyS !== 0 || isSilent(agent, minute)) continue;
      const miners = MINERS.filter((miner) => miner.agent === agent);
      const samples = miners.map((miner) => sampleOf(miner, slotS, minute));
      const seq = (slotS - startS) / 30;
      const batch = { queue: `00000000-0000-4000-8000-00000000000${agent}`, seq };
      const body = { miner_stats: samples, ...(agent === OLD_AGENT ? {} : { batch }) };
      const sent = samples.map((sample, i) => sentOf(miners[i] as FarmMiner, sample, slotS));
      deliveries.push({ agent, slotS, body, sent });
    }
  }
  return deliveries;
}

function isSilent(agent: number, minute: number): boolean {
  return (
    (agent === 1 && minute >= 47 && minute < 72) || (agent === 2 && minute >= 55 && minute < 150)
  );
}

function sampleOf(miner: FarmMiner, slotS: number, minute: number): Sample {
  const { serial, make, ths, lacks = [] } = miner;
  const phase = serial.charCodeAt(0) * 7 + serial.charCodeAt(1);
  const model = serial === 'a2' && minute >= 95 ? 'S19j Pro+' : miner.model;
  const named = {
    ip_address: `10.9.${miner.agent}.1`,
    serial: `serial-${serial}`,
    manufacturer: make,
    model,
    timestamp: new Date(slotS * 1000).toISOString(),
  };
  const isOff =
    (serial === 'a1' && minute >= 20 && minute < 33) ||
    (serial === 'b1' && minute >= 100 && minute < 101) ||
    (serial === 'c2' && minute >= 30 && minute < 61);
  if (isOff) return { ...named, reachable: false, reason: 'timeout' };
  const startedAt =
    serial === 'a1' && minute >= 33 ? 31 : serial === 'd1' && minute >= 70.3 ? 70 : -5000;
  const uptime = Math.round((minute - startedAt) * 60);
  const isIdle = serial === 'd2' && minute >= 40 && minute < 55;
  const wave = Math.sin(minute / 9 + phase);
  // Pools give new work: these counters fall without a restart.
  const shares = (rate: number) => Math.floor((uptime * rate) % (serial === 'b3' ? 2900 : 1e9));
  const low = serial === 'b2' || (serial === 'c1' && minute < 60) ? 0.8 : 1;
  const sample: Sample = {
    ...named,
    reachable: true,
    hash_rate: isIdle ? 0 : ths * low * (1 + wave / 50),
    expected_hash_rate: serial === 'b3' && minute >= 110 && minute < 120 ? 0 : ths,
    power_consumption: isIdle ? 60 : 3000 + 40 * wave,
    temperature: 70 + 5 * wave,
    temp_chip: 72 + 5 * wave,
    fan_speed: 5000 + Math.round(300 * wave),
    fans: [5000 + Math.round(300 * wave), 4900 + phase],
    mining: !isIdle,
    uptime_s: uptime,
    accepted_shares: shares(0.31),
    rejected_shares: shares(0.004),
    stale_shares: shares(0.002),
    hw_errors: shares(0.01),
    ...(serial === 'c2' && minute >= 160 && minute < 165 ? { restarted: true } : {}),
  };
  for (const name of lacks) delete sample[name];
  if (miner.agent !== OLD_AGENT) return sample;
  const basics = Object.entries(sample).filter(([name]) => OF_OLD.has(name));
  return Object.fromEntries(basics) as Sample;
}

/** A sample as InfluxDB keeps it, by docs/samples.md. */
function sentOf(
  { agent, algo }: FarmMiner,
  sample: Sample,
  timeS: number,
): Delivery['sent'][number] {
  const fans = sample.fans?.filter((rpm) => rpm !== null) ?? given(sample.fan_speed);
  const kind = `${sample.manufacturer ?? ''}-${sample.model ?? ''}`.toLowerCase();
  return {
    miner: agent === OLD_AGENT ? 'ip-10-9-4-1-4028' : `sn-${sample.serial}`,
    model: kind === '-' ? 'unknown' : kind.replaceAll(' ', '-').replace('+', '-plus'),
    algo,
    timeS,
    up: sample.reachable !== false,
    hashrate: digits(sample.hash_rate),
    // Of 0 nothing can be said in percent: it is not reported.
    expected: digits(sample.expected_hash_rate) || undefined,
    power: to(10, sample.power_consumption),
    temp: to(10, sample.temperature),
    chip: to(10, sample.temp_chip),
    fanMin: fans.length > 0 ? Math.min(...fans) : undefined,
    fanMax: sample.fan_speed ?? undefined,
    mining: sample.mining ?? undefined,
    restarted: sample.restarted === true,
    uptime: sample.uptime_s ?? undefined,
    counters: {
      accepted: sample.accepted_shares ?? undefined,
      rejected: sample.rejected_shares ?? undefined,
      stale: sample.stale_shares ?? undefined,
      hw_errors: sample.hw_errors ?? undefined,
    },
  };
}

function given(value: number | null | undefined): number[] {
  return value === null || value === undefined ? [] : [value];
}

function to(parts: number, value: number | null | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Math.round(value * parts) / parts;
}

/** 0.001 or six digits, whichever is finer. */
export function digits(value: number | null | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  return Math.abs(value) >= 1000 ? to(1000, value) : Number(value.toPrecision(6));
}
