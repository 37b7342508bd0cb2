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
