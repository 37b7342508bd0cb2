import { createHash } from 'node:crypto';
import type { SyncRequest } from '../../../contract/sync.ts';
import { mix } from '../../../simulator/random.ts';
import { macOf, truthOf } from './truth.ts';

/** One batch as an agent of site number `site` left it on its disk. */
export interface RecordedBatch {
  site: number;
  body: SyncRequest;
}

const MINERS = 20;
const STEP_S = 60;
/** Polls between two readings with boards and pools, and between two scans. */
const DETAIL_EVERY = 5;
/** Miners from here on have no MAC: known by their address alone. */
const WITHOUT_MAC = 18;

/**
 * Batches of `sites` sites, one for each minute from `firstS` on, in the order of their making: miners change their
 * address and firmware, fall silent and come back; scans, gaps and bad samples are among them. The last batch of each
 * site says everything of every miner, so that whoever has seen all batches knows the same.
 */
export function record(options: {
  sites: number;
  batches: number;
  firstS: number;
  seed: number;
}): RecordedBatch[] {
  const { sites, batches, firstS, seed } = options;
  return Array.from({ length: batches * sites }, (_, index) => {
    const site = 1 + (index % sites);
    const seq = Math.floor(index / sites);
    return { site, body: batchOf(site, seq, firstS + seq * STEP_S, seed, seq === batches - 1) };
  });
}

function batchOf(
  site: number,
  seq: number,
  atS: number,
  seed: number,
  isLast: boolean,
): SyncRequest {
  const at = new Date(atS * 1000).toISOString();
  const detailed = isLast || seq % DETAIL_EVERY === 0;
  const miners = Array.from({ length: MINERS }, (_, miner) => miner);
  const bad = mix(seed, seq * 8 + site) % 10 === 0 && !isLast;
  return {
    batch: { queue: queueOf(site, seed), seq },
    agent: {
      version: `1.${seq}.0`,
      boot: `boot-${seq >> 4}`,
      backlog: { batches: seq, bytes: seq * 100, oldest: at },
      cycle: {
        at,
        duration_ms: 900 + seq,
        miners: MINERS,
        reachable: MINERS - 1,
        interval_s: STEP_S,
      },
      gaps:
        seq % 7 === 0
          ? [{ id: `gap-${seq}`, from: at, to: at, batches: 1, samples: seq, reason: 'disk' }]
          : [],
    },
    ...(detailed
      ? {
          discovered_miners: miners.map((miner) => ({
            ...identityOf(site, miner, seq),
            hostname: `rig-${miner}-${seq >> 3}`,
            family: 'antminer-stock',
            model_raw: `Antminer S19j Pro v${seq >> 4}`,
            firmware: seq % 20 < 10 ? 'Bitmain' : 'VNish',
            firmware_version: `1.${seq}`,
            algorithm: 'sha256',
            control_board: 'am335x',
          })),
          scan: {
            started_at: at,
            finished_at: at,
            ranges: [`127.${site}.0.0/24`],
            addresses: 254,
            identified: MINERS,
            unknown: 0,
            silent: 254 - MINERS,
            refused: 0,
            excluded: 0,
            unknown_devices: [],
          },
        }
      : {}),
    miner_stats: [
      ...miners.map((miner) => sampleOf(site, miner, seq, { atS, at, detailed, isLast })),
      ...(bad
        ? [{ ...identityOf(site, 0, seq), timestamp: at, hash_rate: -1, temperature: 20_000 }]
        : []),
    ],
  };
}

function sampleOf(
  site: number,
  miner: number,
  seq: number,
  { atS, at, detailed, isLast }: { atS: number; at: string; detailed: boolean; isLast: boolean },
) {
  const common = { ...identityOf(site, miner, seq), timestamp: at, duration_ms: 100 };
  if (!isLast && mix(miner, seq) % 9 === 0) {
    return { ...common, reachable: false, reason: 'timeout' as const };
  }
  const truth = truthOf(site, miner, atS);
  const slots = [0, 1, 2];
  return {
    ...common,
    reachable: true,
    hash_rate: truth.hashrateThs,
    expected_hash_rate: 104,
    temperature: truth.tempC,
    temp_chip: truth.tempC,
    power_consumption: truth.powerW,
    fan_speed: 6000,
    accepted_shares: truth.accepted,
    rejected_shares: seq,
    uptime_s: seq * STEP_S,
    mining: true,
    ...(detailed
      ? {
          fans: [6000, 5900],
          boards: slots.map((slot) => ({ slot, hash_rate: truth.hashrateThs / 3, chips: 114 })),
          pools: [{ url: 'stratum+tcp://pool.example:3333', user: `worker${seq}`, priority: 0 }],
        }
      : {}),
  };
}

/** Two miners trade places every 16 polls, and one moves to a new address each time. */
function identityOf(site: number, miner: number, seq: number) {
  const era = seq >> 4;
  const seat = miner < 2 && era % 2 === 1 ? 1 - miner : miner === 2 ? 100 + (era % 50) : miner;
  return {
    ip_address: `127.${site}.0.${seat + 1}`,
    port: 4028,
    ...(miner < WITHOUT_MAC ? { mac: macOf(site, miner), serial: `SN${site}-${miner}` } : {}),
    manufacturer: 'AntMiner',
    model: miner % 2 === 0 ? 'S19j Pro' : 'S21',
  };
}

function queueOf(site: number, seed: number): string {
  const digits = createHash('sha256').update(`${seed} ${site}`).digest('hex');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
