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

const BYTE_UNITS = [
  [1, 'byte'],
  [1e3, 'kilobyte'],
  [1e6, 'megabyte'],
  [1e9, 'gigabyte'],
  [1e12, 'terabyte'],
] as const;

/** In which zone times are written: this browser's, or UTC. */
export const ZONES = ['browser', 'utc'] as const;
export type Zone = (typeof ZONES)[number];

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
  /** Money: as many decimals as were given, up to six. */
  amount(value: number): string;
  /** "5 min. ago", as seen at `now` (ms). */
  ago(iso: string, now: number): string;
  /** "5 min", "3 h": how long `ms` is. */
  span(ms: number): string;
  /** Date and time, short. */
  moment(iso: string): string;
  /** For tooltips: full date and time with its zone, then UTC, and the time at a place with another zone. */
  exact(iso: string, placeZone?: string | null): string;
  /** The time of day at a place: hours and minutes of `ms` there. */
  clockIn(ms: number, timeZone: string): string;
  /** Hours and minutes of `ms`. */
  clock(ms: number): string;
  /** 1,536,000 → "1.5 MB". */
  bytes(count: number): string;
}

function unitOf(ths: number): readonly [number, string] {
  const size = Math.abs(ths);
  if (size === 0) return HASHRATE_UNITS[2];
  return HASHRATE_UNITS.find(([from]) => size >= from) ?? HASHRATE_UNITS[4];
}

/** Sums in PH/s and EH/s change in the second digit. */
const digitsOf = (value: number, unit: number) => (unit >= 1e3 && Math.abs(value) < 100 ? 2 : 1);

/** `locale`: a language, or one with its region, whose ways of writing dates differ ("en-GB"). */
export function makeFormat(locale: string, t: Translate, zone: Zone = 'browser'): Format {
  const timeZone = zone === 'utc' ? { timeZone: 'UTC' } : {};
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
  const smallPercent = new Intl.NumberFormat(locale, {
    style: 'percent',
    maximumSignificantDigits: 1,
  });
  const relative = new Intl.RelativeTimeFormat(locale, { style: 'short' });
  const exact = new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'long',
    ...timeZone,
  });
  const moment = new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...timeZone,
  });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'short', ...timeZone });
  const unit = (value: number, name: string, digits = 0, display: 'narrow' | 'short' = 'narrow') =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: display,
      maximumFractionDigits: digits,
    }).format(value);

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
    percent: (share) => (share > 0 && share < 0.01 ? smallPercent : percent).format(share),
    power(watts) {
      if (watts === null) return NOT_REPORTED;
      if (watts >= 1e6) return `${number(watts / 1e6, 2)} ${t('unit.mw')}`;
      if (watts >= 1e4) return `${number(watts / 1e3, 1)} ${t('unit.kw')}`;
      return `${number(watts, 0)} ${t('unit.w')}`;
    },
    temperature: (celsius) => (celsius === null ? NOT_REPORTED : `${number(celsius, 0)} °C`),
    fan: (rpm) => (rpm === null ? NOT_REPORTED : `${number(rpm, 0)} ${t('unit.rpm')}`),
    decimal: (value) => number(value, 1),
    amount: (value) => new Intl.NumberFormat(locale, { maximumFractionDigits: 6 }).format(value),
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
    span(ms) {
      const size = Math.abs(ms);
      if (size < 10_000) return unit(ms / 1000, 'second', 1);
      if (size < 2 * MINUTE_MS) return unit(ms / 1000, 'second');
      if (size < 2 * HOUR_MS) return unit(ms / MINUTE_MS, 'minute');
      if (size < 2 * DAY_MS) return unit(ms / HOUR_MS, 'hour');
      return unit(ms / DAY_MS, 'day');
    },
    moment(iso) {
      const at = new Date(iso);
      return Number.isNaN(at.getTime()) ? iso : moment.format(at);
    },
    exact(iso, placeZone) {
      const at = new Date(iso);
      if (Number.isNaN(at.getTime())) return iso;
      const lines = [exact.format(at)];
      if (placeZone) {
        const there = new Intl.DateTimeFormat(locale, {
          dateStyle: 'medium',
          timeStyle: 'long',
          timeZone: placeZone,
        }).format(at);
        lines.push(t('time.there', { time: there }));
      }
      return [...lines, at.toISOString()].join('\n');
    },
    bytes(count) {
      const step = BYTE_UNITS.findLast(([from]) => count >= from) ?? BYTE_UNITS[0];
      return unit(count / step[0], step[1], count / step[0] < 100 && step[0] > 1 ? 1 : 0, 'short');
    },
    clock: (ms) => clock.format(ms),
    clockIn: (ms, place) =>
      new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: place }).format(ms),
  };
}
