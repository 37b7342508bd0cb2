import type { SyncRequest } from '#contract/sync.ts';

type Sample = NonNullable<SyncRequest['miner_stats']>[number];

/** Of a small farm: what one agent sends of one poll. */
export interface Delivery {
  agent: number;
  slotS: number;
  body: SyncRequest;
}

interface FarmMiner {
  agent: number;
  serial: string;
  make: string;
  model: string;
  ths: number;
  /** Measures it does not report. */
  lacks?: (keyof Sample)[];
}

/** Seconds between polls of each agent; the last one is an old agent, which names no batch. */
export const POLL_S = [60, 60, 300, 30, 60] as const;
const OLD_AGENT = 4;

const MINERS: FarmMiner[] = [
  { agent: 0, serial: 'a1', make: 'AntMiner', model: 'S19j Pro', ths: 104 },
  { agent: 0, serial: 'a2', make: 'AntMiner', model: 'S19j Pro', ths: 100.1 },
  { agent: 0, serial: 'a3', make: 'AntMiner', model: 'L7', ths: 0.0095 },
  { agent: 1, serial: 'b1', make: 'Whatsminer', model: 'M30S', ths: 88, lacks: ['hw_errors'] },
  {
    agent: 1,
    serial: 'b2',
    make: 'Whatsminer',
    model: 'M50',
    ths: 120,
    lacks: ['expected_hash_rate'],
  },
  {
    agent: 1,
    serial: 'b3',
    make: 'AntMiner',
    model: 'S19j Pro',
    ths: 98,
    lacks: ['power_consumption'],
  },
  { agent: 2, serial: 'c1', make: 'Whatsminer', model: 'M30S', ths: 90 },
  {
    agent: 2,
    serial: 'c2',
    make: 'Goldshell',
    model: 'KD6',
    ths: 29,
    lacks: ['temp_chip', 'uptime_s'],
  },
  { agent: 3, serial: 'd1', make: 'AntMiner', model: 'S21', ths: 200, lacks: ['stale_shares'] },
  { agent: 3, serial: 'd2', make: 'AntMiner', model: 'S21', ths: 195 },
  {
    agent: 4,
    serial: 'e1',
    make: 'AntMiner',
    model: 'S9',
    ths: 13.5,
    lacks: ['uptime_s', 'mining'],
  },
];

/**
 * All that the farm's agents have to say from `startS` (a whole hour) on, in order of time. There are miners that do not
 * answer for a while, restart, count from zero again, stop mining, run low or change their model, and an agent that
 * is silent for twenty-five minutes and one that is for an hour and a half.
 */
export function deliveriesOf(startS: number, hours: number): Delivery[] {
  const deliveries: Delivery[] = [];
  for (let slotS = startS; slotS < startS + hours * 3600; slotS += 30) {
    for (const [agent, pollS] of POLL_S.entries()) {
      const minute = (slotS - startS) / 60;
      if ((slotS - startS) % pollS !== 0 || isSilent(agent, minute)) continue;
      const samples = MINERS.filter((miner) => miner.agent === agent).map((miner) =>
        sampleOf(miner, slotS, minute),
      );
      const seq = (slotS - startS) / 30;
      const batch = { queue: `00000000-0000-4000-8000-00000000000${agent}`, seq };
      const body = { miner_stats: samples, ...(agent === OLD_AGENT ? {} : { batch }) };
      deliveries.push({ agent, slotS, body });
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
    ip_address: `10.9.${miner.agent}.${phase % 250}`,
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
    expected_hash_rate: ths,
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
  };
  for (const name of lacks) delete sample[name];
  return sample;
}
