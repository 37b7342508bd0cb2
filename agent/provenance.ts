import { decode } from './families/decode.ts';
import { makeReplies } from './families/family.ts';
import type { Family } from './families/family.ts';
import type { Json } from './lenient-json.ts';
import type { Identity, Reading } from './reading.ts';

/** One value of a reading, for people. */
export interface Told {
  /** "hashrate.nowThs", "boards.0.chips". */
  field: string;
  value: boolean | number | string;
  unit: string | null;
  /** Places in the replies: "summary SUMMARY.0.GHS 5s"; none: computed, or the same for every machine of the family. */
  from: string[];
}

/** More than a machine has; a device that lies must not keep `probe` busy. */
const MOST_PLACES = 4_000;
const MOST_SHOWN = 3;

/**
 * Where each value comes from, found by trying: a place in the replies is changed, the replies are decoded again, and what
 * comes out differently came from there. So it cannot disagree with what the family really does.
 */
export function provenanceOf(
  family: Family,
  replies: ReadonlyMap<string, Json>,
  known: Identity,
  reading: Reading,
): Told[] {
  const told = leavesOf(reading);
  const from = new Map<string, string[]>([...told.keys()].map((field) => [field, []]));
  let room = MOST_PLACES;
  for (const [name, reply] of replies) {
    for (const path of pathsOf(reply)) {
      if (room-- === 0) break;
      const changed = new Map(replies).set(name, changedAt(reply, path));
      const other = leavesOf(decode(family, makeReplies(changed, known, true)));
      for (const [field, value] of told) {
        if (other.get(field) !== value) from.get(field)?.push(`${name} ${path.join('.')}`.trim());
      }
    }
  }
  return [...told].map(([field, value]) => ({
    field,
    value,
    unit: unitOf(field),
    from: (from.get(field) ?? []).slice(0, MOST_SHOWN),
  }));
}

/** What the family can tell and this machine did not, as "boards.voltageV". */
export function missingIn(family: Family, reading: Reading): string[] {
  const told = new Set(
    [...leavesOf(reading).keys()].map((field) => field.replaceAll(/\.\d+(?=\.|$)/g, '')),
  );
  const declared = new Set(family.capabilities.flatMap(({ fills }) => fills));
  return [...declared].filter(
    (field) => ![...told].some((one) => one === field || one.startsWith(`${field}.`)),
  );
}

/** Everything a reading tells but its quality, by path. */
function leavesOf(reading: Reading): Map<string, boolean | number | string> {
  const leaves = new Map<string, boolean | number | string>();
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
      leaves.set(path, value);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value))
        walk(inner, path === '' ? key : `${path}.${key}`);
    }
  };
  const { quality: _, ...rest } = reading;
  walk(rest, '');
  return leaves;
}

function pathsOf(value: Json, path: (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => pathsOf(item, [...path, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]));
  }
  return [path];
}

/** A copy in which the value at `path` is another of its kind. */
function changedAt(value: Json, path: readonly (string | number)[]): Json {
  const [key, ...rest] = path;
  if (key === undefined) return another(value);
  if (Array.isArray(value)) {
    return value.with(Number(key), changedAt(value[Number(key)] ?? null, rest));
  }
  if (typeof value !== 'object' || value === null) return value;
  return { ...value, [key]: changedAt(value[key] ?? null, rest) };
}

function another(value: Json): Json {
  if (typeof value === 'number') return value === 0 ? 3 : value * 1.25;
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string') return 'x';
  // A number in a text stays a number of the same length; a text without one becomes another text.
  const turned = value.replaceAll(/[1-8]/g, (digit) => String(9 - Number(digit)));
  return turned === value
    ? value.replace(/^$|[a-z]/i, (letter) => (letter === 'x' ? 'o' : 'x'))
    : turned;
}

const UNITS: readonly [field: RegExp, unit: string][] = [
  [/Ths$/, 'TH/s'],
  [/(?:MaxC|envC|TempsC(?:\.\d+)?|fluid(?:In|Out)C)$/, '°C'],
  [/(?:watts|limitW|powerW)$/, 'W'],
  [/(?:rpm|psuFans\.\d+)$/, 'rpm'],
  [/(?:percent|RejectedPercent)$/i, '%'],
  [/uptimeS$/, 's'],
  [/frequencyMhz$/, 'MHz'],
  [/voltageV$/, 'V'],
];

const unitOf = (field: string): string | null =>
  UNITS.find(([name]) => name.test(field))?.[1] ?? null;
