import type { SyncRequest } from '../../../contract/sync.ts';
import { mix } from '../../../simulator/random.ts';

/** What miner number `miner` of site number `site` shows at a time: a function, so that whoever knows it can judge what is stored. */
export interface TrueSample {
  hashrateThs: number;
  tempC: number;
  powerW: number;
  accepted: number;
}

/** `atS`: epoch seconds. Every value is one the server stores as it is. */
export function truthOf(site: number, miner: number, atS: number): TrueSample {
  const at = mix(mix(site, miner), atS);
  return {
    hashrateThs: 100 + (at % 500) / 10,
    tempC: 50 + ((at >>> 9) % 400) / 10,
    powerW: 3000 + ((at >>> 18) % 500),
    accepted: at % 1_000_000,
  };
}

/** A MAC of its own for each; also the value of the tag `miner`. */
export function macOf(site: number, miner: number): string {
  return `02${site.toString(16).padStart(2, '0')}${miner.toString(16).padStart(8, '0')}`;
}

/** The number of the miner of a site; null: none of it. */
export function minerOf(site: number, mac: string): number | null {
  const number = Number.parseInt(mac.slice(4), 16);
  return macOf(site, number) === mac ? number : null;
}

type Sample = NonNullable<SyncRequest['miner_stats']>[number];

/** The sample of a miner at a time, as an agent reads it. */
export function sampleOf(site: number, miner: number, atS: number) {
  const truth = truthOf(site, miner, atS);
  return {
    ip_address: `127.${site}.${miner >> 8}.${miner & 255}`,
    port: 4028,
    mac: macOf(site, miner),
    manufacturer: 'AntMiner',
    model: 'S19j Pro',
    timestamp: new Date(atS * 1000).toISOString(),
    reachable: true,
    hash_rate: truth.hashrateThs,
    temperature: truth.tempC,
    power_consumption: truth.powerW,
    accepted_shares: truth.accepted,
  } satisfies Sample;
}
