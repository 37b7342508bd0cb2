import { randomUUID } from 'node:crypto';
import { isDetailed } from '../../agent/sample.ts';
import type { SyncRequest } from '../../contract/sync.ts';

/** Seconds between two batches of an agent. */
const SLOT_S = 60;

/**
 * The batch one agent sends after a poll: every miner with four fans and, once in five minutes, three boards and
 * three pools, as a stock Antminer reports them and our agent passes on. Values differ by miner and slot, and are the same for the same arguments.
 */
export function batchOf(agent: number, slotS: number, miners: number, seq: number): SyncRequest {
  return {
    batch: { queue: QUEUES[agent] ?? randomUUID(), seq },
    agent: {
      version: '0.1.0',
      boot: `boot-${agent}`,
      backlog: { batches: 0, bytes: 0, oldest: null },
      cycle: { at: iso(slotS), duration_ms: 4200, miners, reachable: miners },
    },
    miner_stats: Array.from({ length: miners }, (_, miner) => sampleOf(agent, miner, slotS)),
  };
}

/** `count` consecutive slots from `firstS` on. */
export function slotsFrom(firstS: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => firstS + i * SLOT_S);
}

const QUEUES = Array.from({ length: 16 }, () => randomUUID());

function sampleOf(agent: number, miner: number, slotS: number) {
  const wave = (period: number, shift: number) =>
    Math.sin((slotS / period) * 2 * Math.PI + miner * 0.7 + shift);
  const hashrate = 104 + 3 * wave(3600, 0);
  const boards = [0, 1, 2].map((slot) => ({
    slot,
    hash_rate: hashrate / 3 + wave(600, slot) / 10,
    expected_hash_rate: 34.7,
    temp_chip: 71 + 4 * wave(1800, slot),
    temp_board: 58 + 3 * wave(1800, slot + 1),
    chips: 126,
    chips_good: 126,
    frequency_mhz: 525,
    voltage_v: 13.7,
    hw_errors: Math.floor(slotS / 3600) % 100,
    serial: `SN${agent}${miner}${slot}ABCDEF`,
  }));
  const pools = [0, 1, 2].map((priority) => ({
    url: `stratum+tcp://pool${priority}.example:3333`,
    user: `farm.a${agent}m${miner}`,
    priority,
    alive: true,
    active: priority === 0,
    accepted: priority === 0 ? Math.floor(slotS / 20) % 100_000 : 0,
    rejected: 0,
    stale: 0,
  }));
  return {
    ip_address: `10.${agent}.${Math.floor(miner / 250)}.${(miner % 250) + 1}`,
    port: 4028,
    timestamp: iso(slotS),
    mac: `02${agent.toString(16).padStart(2, '0')}${miner.toString(16).padStart(8, '0')}`,
    manufacturer: 'AntMiner',
    model: 'S19j Pro',
    reachable: true,
    duration_ms: 180 + Math.floor(40 * wave(60, 2)),
    hash_rate: hashrate,
    hash_rate_window: '5s',
    hash_rate_avg: 104,
    expected_hash_rate: 104.1,
    mining: true,
    uptime_s: slotS % 1_000_000,
    temperature: 75 + 4 * wave(1800, 0),
    temp_chip: 75 + 4 * wave(1800, 0),
    temp_board: 61 + 3 * wave(1800, 1),
    fan_speed: 5880,
    fans: [5880, 5760, 5820, 5800],
    power_consumption: 3068 + Math.floor(20 * wave(900, 0)),
    power_source: 'psu' as const,
    accepted_shares: Math.floor(slotS / 20) % 100_000,
    rejected_shares: 12,
    stale_shares: 3,
    hw_errors: Math.floor(slotS / 3600) % 100,
    ...(isDetailed(new Date(slotS * 1000), SLOT_S * 1000) ? { boards, pools } : {}),
  };
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
