import type { Board, Fan } from '../../reading.ts';
import { board, section } from '../capabilities.ts';
import type { Replies } from '../family.ts';
import { rate } from '../units.ts';
import { num, positive, row, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

/** BOSminer's and BOSer's cgminer API: rates in MH/s, boards by the number on the control board. */

export const summary = section('summary', 'SUMMARY');
export const tuner = section('tunerstatus', 'TUNERSTATUS');
const version = section('version', 'VERSION');

const list = (replies: Replies, command: string, name: string) =>
  rows(row(replies.get(command))[name]);

/** The key of the version is the product's own name: BOSminer, BOSminer+, BOSer. */
export function productVersion(replies: Replies): string | null {
  for (const [key, value] of Object.entries(version(replies))) {
    if (/^bos|^bmminer$/i.test(key)) return text(value);
  }
  // Every reply says who answered: "BOSminer+ 0.2.0-36c56a9363".
  for (const command of DESCRIBED) {
    const said = text(section(command, 'STATUS')(replies)['Description']);
    const found = said === null ? null : (/^bos\S*\s+(?:.*\s)?(\d\S*)$/i.exec(said)?.[1] ?? null);
    if (found !== null) return found;
  }
  return null;
}

const DESCRIBED = ['version', 'summary', 'devs', 'pools', 'temps', 'fans', 'devdetails'] as const;

/** "braiins-am1-s9" as a type, "bosminer-plus-am1-s9 0.4.0-…" as a description. */
export function platform(replies: Replies): string | null {
  const type = text(version(replies)['Type']);
  if (type !== null) return type;
  for (const command of DESCRIBED) {
    const said = text(section(command, 'STATUS')(replies)['Description']);
    const found = said === null ? null : (/\bam\d-s\d+\b/.exec(said)?.[0] ?? null);
    if (found !== null) return found;
  }
  return null;
}

export function nominalThs(replies: Replies): number | undefined {
  const nominal = list(replies, 'devs', 'DEVS')
    .map((device) => rate(device['Nominal MHS'], 'MH/s'))
    .filter((ths) => ths !== null);
  return nominal.length > 0 ? nominal.reduce((sum, ths) => sum + ths, 0) : undefined;
}

function byId(entries: Row[], key = 'ID'): Map<number, Row> {
  return new Map(entries.map((entry) => [num(entry[key]) ?? -1, entry]));
}

export function rpcBoards(replies: Replies): Board[] {
  const devices = byId(list(replies, 'devs', 'DEVS'));
  const temps = byId(list(replies, 'temps', 'TEMPS'));
  const details = byId(list(replies, 'devdetails', 'DEVDETAILS'));
  const tuned = byId(rows(tuner(replies)['TunerChainStatus']), 'HashchainIndex');
  const slots = new Set([...devices.keys(), ...temps.keys(), ...details.keys()]);
  return [...slots]
    .filter((slot) => slot >= 0)
    .sort((a, b) => a - b)
    .map((slot) => {
      const device = devices.get(slot) ?? {};
      const temp = temps.get(slot) ?? {};
      const detail = details.get(slot) ?? {};
      const hertz = positive(detail['Frequency']);
      return board(slot, {
        hashrateThs: rate(device['MHS 5s'], 'MH/s') ?? rate(device['MHS 1m'], 'MH/s'),
        expectedThs: rate(device['Nominal MHS'], 'MH/s') || null,
        chips: num(detail['Chips']),
        boardTempsC: sensors([num(temp['Board'])]),
        // 0.0 where the board has no sensor at a chip.
        chipTempsC: sensors([num(temp['Chip'])]),
        frequencyMhz: hertz === null ? null : hertz / 1e6,
        voltageV: positive(detail['Voltage']),
        powerW: positive(tuned.get(slot)?.['ApproximatePowerConsumptionWatt']),
        hwErrors: num(device['Hardware Errors']),
      });
    });
}

export function rpcFans(replies: Replies): Fan[] {
  return list(replies, 'fans', 'FANS').map((fan, index) => ({
    slot: num(fan['ID']) ?? index,
    rpm: num(fan['RPM']),
    percent: num(fan['Speed']),
  }));
}

/**
 * Four connectors are listed whatever is plugged in: two fans of four that stand together while the
 * others turn are not there (an S9 has two). One that stands alone is a fan that failed.
 */
export function withoutEmptyConnectors(fans: readonly Fan[]): Fan[] {
  const turning = fans.filter(({ rpm }) => rpm !== 0);
  return fans.length === 4 &&
    turning.length === 2 &&
    fans.at(-1)?.rpm === 0 &&
    fans.at(-2)?.rpm === 0
    ? turning
    : [...fans];
}
