import type { Translate } from './i18n/messages.ts';

const NOT_REPORTED = '—';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Thresholds in TH/s from which a hashrate is written in the unit. */
const HASHRATE_UNITS = [
  [1e6, 'EH/s'],
  [1e3, 'PH/s'],
  [1, 'TH/s'],
  [1e-3, 'GH/s'],
  [1e-6, 'MH/s'],
] as const;

/** Values in words a person reads. `null` = not reported, always "—"; 0 is written as zero. */
export interface Format {
  /** TH/s, scaled: 0.5 → "500 GH/s", 1234 → "1.23 PH/s". */
  hashrate(ths: number | null): string;
  /** As `hashrate`, in the unit of `like` without naming it, and with as many digits for all: for columns. */
  hashrateIn(ths: number | null, like: number): string;
  /** A whole number. */
  count(n: number): string;
  /** 0.953 → "95 %". */
  percent(share: number): string;
  /** W, scaled to kW and MW from 10 kW on. */
  power(watts: number | null): string;
  temperature(celsius: number | null): string;
  fan(rpm: number | null): string;
  /** J/TH. */
  decimal(value: number): string;
  /** "5 min. ago", as seen at `now` (ms). */
  ago(iso: string, now: number): string;
  /** Full date and time with the zone of this browser. */
  exact(iso: string): string;
  /** Hours and minutes of `ms` in this browser's zone. */
  clock(ms: number): string;
}

function unitOf(ths: number): readonly [number, string] {
  const size = Math.abs(ths);
  if (size === 0) return HASHRATE_UNITS[2];
  return HASHRATE_UNITS.find(([from]) => size >= from) ?? HASHRATE_UNITS[4];
}

/** Sums in PH/s and EH/s change in the second digit. */
const digitsOf = (value: number, unit: number) => (unit >= 1e3 && Math.abs(value) < 100 ? 2 : 1);

/** `locale`: a language, or one with its region, whose ways of writing dates differ ("en-GB"). */
export function makeFormat(locale: string, t: Translate): Format {
  const fixed = [0, 1, 2].map(
    (digits) =>
      new Intl.NumberFormat(locale, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
  );
  const upTo = [1, 2].map(
    (digits) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }),
  );
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const relative = new Intl.RelativeTimeFormat(locale, { style: 'short' });
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long' });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });

  const number = (value: number, digits: 0 | 1 | 2) => fixed[digits]?.format(value) ?? '';

  return {
    hashrate(ths) {
      if (ths === null) return NOT_REPORTED;
      const [unit, name] = unitOf(ths);
      const value = ths / unit;
      return `${upTo[digitsOf(value, unit) - 1]?.format(value)} ${name}`;
    },
    hashrateIn(ths, like) {
      if (ths === null) return NOT_REPORTED;
      const [unit] = unitOf(like);
      return number(ths / unit, digitsOf(ths / unit, unit));
    },
    count: (n) => number(n, 0),
    percent: (share) => percent.format(share),
    power(watts) {
      if (watts === null) return NOT_REPORTED;
      if (watts >= 1e6) return `${number(watts / 1e6, 2)} ${t('unit.mw')}`;
      if (watts >= 1e4) return `${number(watts / 1e3, 1)} ${t('unit.kw')}`;
      return `${number(watts, 0)} ${t('unit.w')}`;
    },
    temperature: (celsius) => (celsius === null ? NOT_REPORTED : `${number(celsius, 0)} °C`),
    fan: (rpm) => (rpm === null ? NOT_REPORTED : `${number(rpm, 0)} ${t('unit.rpm')}`),
    decimal: (value) => number(value, 1),
    ago(iso, now) {
      const age = now - Date.parse(iso);
      if (Number.isNaN(age)) return NOT_REPORTED;
      // A clock that runs ahead of ours is no news from the future.
      if (age < 5_000) return t('time.now');
      if (age < MINUTE_MS) return relative.format(-Math.floor(age / 1000), 'second');
      if (age < HOUR_MS) return relative.format(-Math.floor(age / MINUTE_MS), 'minute');
      if (age < 2 * DAY_MS) return relative.format(-Math.floor(age / HOUR_MS), 'hour');
      return relative.format(-Math.floor(age / DAY_MS), 'day');
    },
    exact(iso) {
      const at = new Date(iso);
      return Number.isNaN(at.getTime()) ? iso : exact.format(at);
    },
    clock: (ms) => clock.format(ms),
  };
}
