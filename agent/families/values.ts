import type { Json } from '../lenient-json.ts';

/** Readers of single values. None throws; null = the miner did not say. */

export type Row = Readonly<Record<string, Json>>;

const EMPTY: Row = {};
const MAX_TEXT = 255;
/**
 * No value that means something is longer. Patterns meant for short texts would take minutes for a long one, and that
 * would be every other miner's time.
 */
const LONGEST_NUMBER = 128;
const LONGEST_TEXT = 4 * 1024;
const LONGEST_LIST = 16 * 1024;

export function row(value: Json | undefined): Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : EMPTY;
}

export function isRow(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function rows(value: Json | undefined): Row[] {
  return Array.isArray(value) ? value.filter(isRow) : isRow(value) ? [value] : [];
}

/**
 * A number, or the number a text begins with: "504.56", " 8.0000", "18,500.5", "58.94W", "49%".
 * "nan", "inf" and "" are null.
 */
export function num(value: Json | undefined): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  const plain = value.slice(0, LONGEST_NUMBER).replace(/(?<=\d),(?=\d{3}(?:\D|$))/g, '');
  const match = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/i.exec(plain);
  if (!match) return null;
  const parsed = Number(match[0]);
  return Number.isFinite(parsed) ? parsed : null;
}

/** A number above zero; vendors write 0 and -1 for "no meter", "unknown". */
export function positive(value: Json | undefined): number | null {
  const parsed = num(value);
  return parsed !== null && parsed > 0 ? parsed : null;
}

/** Text without control characters, at most 255 long; placeholders and "" are null. */
export function text(value: Json | undefined): string | null {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return null;
  const clean = value
    .slice(0, LONGEST_TEXT)
    // oxlint-disable-next-line no-control-regex
    .replace(/[\s\u0000-\u001f\u007f]+/g, ' ')
    .trim();
  if (/^(|n\/?a|null|none|unknown?|redacted|<deleted>)$/i.test(clean)) return null;
  return clean.slice(0, MAX_TEXT);
}

/** Without the quotes some firmwares put inside: `'20230101.22.REL'`. */
export function unquoted(value: Json | undefined): string | null {
  return text(typeof value === 'string' ? value.replace(/^['"]|['"]$/g, '') : value);
}

export function flag(value: Json | undefined): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === 1 || (typeof value === 'string' && /^(true|y|yes|1|on)$/i.test(value))) return true;
  if (value === 0 || (typeof value === 'string' && /^(false|n|no|0|off)$/i.test(value)))
    return false;
  return null;
}

/** Any notation → 12 lower-case hex digits; all-zero and invalid ones are null. */
export function mac(value: Json | undefined): string | null {
  if (typeof value !== 'string') return null;
  const digits = value.trim().replace(/[:.-]/g, '').toLowerCase();
  return /^[0-9a-f]{12}$/.test(digits) && !/^(0{12}|f{12})$/.test(digits) ? digits : null;
}

/** Every number of "55-66-78--1", "45 66 78" or a list, in order. */
export function numbers(value: Json | undefined): number[] {
  if (Array.isArray(value))
    return value
      .slice(0, LONGEST_LIST)
      .map(num)
      .filter((item) => item !== null);
  if (typeof value === 'number') return Number.isFinite(value) ? [value] : [];
  if (typeof value !== 'string') return [];
  // In "2--1-20" the first dash separates, the second is a sign.
  return [...value.slice(0, LONGEST_LIST).matchAll(/(?<![\d.])-?\d+(?:\.\d+)?/g)].map(([digits]) =>
    Number(digits),
  );
}

const COLDEST_C = -40;
const HOTTEST_C = 200;
const PLACEHOLDERS_C = new Set([0, -1, 255]);
/** Above this a sensor of the same board that says 0 is not fitted; below it 0 may be the weather. */
const FROST_C = 15;

/** The sensors of one place that are really there. */
export function sensors(values: readonly (number | null)[]): number[] {
  const told = values.filter((value) => value !== null);
  const [first] = told;
  if (first !== undefined && PLACEHOLDERS_C.has(first) && told.every((value) => value === first)) {
    return [];
  }
  const sane = told.filter((value) => value >= COLDEST_C && value <= HOTTEST_C);
  return Math.max(...sane) > FROST_C ? sane.filter((value) => value !== 0) : sane;
}

/** "1:55", "10 days, 18:00", "30 h 8 m 57 s", "62:14:17:36" (dd:hh:mm:ss) → seconds. */
export function duration(value: Json | undefined): number | null {
  if (typeof value !== 'string') return num(value);
  return durationIn(value.slice(0, LONGEST_NUMBER));
}

function durationIn(value: string): number | null {
  const named = [...value.matchAll(/(\d+)\s*(d|h|m|s)(?:[a-z]*)/gi)];
  const days = named.find(([, , unit]) => unit?.toLowerCase() === 'd');
  const clock = /(\d+(?::\d+)+)/.exec(value)?.[1]?.split(':').map(Number);
  if (clock) {
    const [s = 0, m = 0, h = 0, d = 0] =
      clock.length === 2 ? [0, clock[1], clock[0]] : clock.toReversed();
    return s + 60 * m + 3_600 * h + 86_400 * (d + Number(days?.[1] ?? 0));
  }
  if (named.length === 0) return num(value);
  const worth: Record<string, number> = { d: 86_400, h: 3_600, m: 60, s: 1 };
  return named.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (worth[unit?.toLowerCase() ?? ''] ?? 0),
    0,
  );
}
