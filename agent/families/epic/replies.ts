import type { Json } from '../../lenient-json.ts';
import type { Board, Fan } from '../../reading.ts';
import { board } from '../capabilities.ts';
import type { Replies } from '../family.ts';
import { flag, num, numbers, positive, row, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

export const NETWORK = '/network';

export const summary = (replies: Replies): Row => row(replies.get('/summary'));
export const capabilitiesOf = (replies: Replies): Row => row(replies.get('/capabilities'));
export const session = (replies: Replies): Row => row(summary(replies)['Session']);

/** First of `Hashrate` of every board, MH/s; the others are percentages. */
const boardMhs = (one: Row): number | null => numbers(one['Hashrate'])[0] ?? null;

/** Sum over the boards, GH/s; undefined where the firmware does not tell it by board. */
export function boardGhs(replies: Replies): number | undefined {
  const told = rows(summary(replies)['HBs'])
    .map(boardMhs)
    .filter((mhs) => mhs !== null);
  return told.length === 0 ? undefined : told.reduce((sum, mhs) => sum + mhs, 0) / 1e3;
}

/** What the tuner aims at, where its unit is the one asked for. */
export function tuneTarget(replies: Replies, unit: 'TH/s' | 'W'): number | undefined {
  const algorithms = row(row(summary(replies)['PerpetualTune'])['Algorithm']);
  for (const algorithm of Object.values(algorithms)) {
    const told = row(algorithm);
    if (told['Unit'] !== unit) continue;
    return positive(told['Throttle Target']) ?? positive(told['Target']) ?? undefined;
  }
  return undefined;
}

/** `HBStatus` lists every slot; `HBs` only the boards that work. */
export function readBoards(replies: Replies): Board[] {
  const said = summary(replies);
  const working = new Map(rows(said['HBs']).map((one) => [num(one['Index']) ?? 0, one]));
  const slots = rows(said['HBStatus']).filter((one) => flag(one['Detected']) !== false);
  const indexes = [
    ...new Set([...slots.map((one) => num(one['Index']) ?? 0), ...working.keys()]),
  ].sort((a, b) => a - b);
  const temps = new Map(
    rows(replies.get('/temps')).map((one) => [num(one['Index']), numbers(one['Data'])]),
  );
  const perBoard = positive(row(capabilitiesOf(replies)['Performance Estimator'])['Chip Count']);
  const serials = serialsBySlot(replies, indexes, [...working.keys()]);
  const tellsRates = [...working.values()].some((one) => boardMhs(one) !== null);
  return indexes.map((index) => {
    const one = working.get(index);
    const mhs = one ? boardMhs(one) : tellsRates ? 0 : null;
    return board(index, {
      hashrateThs: mhs === null ? null : mhs / 1e6,
      // A board that is switched off has no chip at work; of the others all chips are listed.
      chips: perBoard === null ? null : one ? perBoard : 0,
      chipsExpected: perBoard,
      boardTempsC: sensors(temps.get(index) ?? [num(one?.['Temperature'])]),
      frequencyMhz: positive(one?.['Core Clock Avg']) ?? positive(one?.['Core Clock']),
      voltageV: positive(one?.['Input Voltage']),
      powerW: positive(one?.['Input Power']),
      serial: serials.get(index) ?? null,
    });
  });
}

/** In the order of the boards they belong to: of all detected ones, or of the working ones only. */
function serialsBySlot(
  replies: Replies,
  all: readonly number[],
  working: readonly number[],
): Map<number, string> {
  const listed = capabilitiesOf(replies)['Board Serial Numbers'];
  if (!Array.isArray(listed)) return new Map();
  const slots = [all, working].find(({ length }) => length === listed.length) ?? [];
  return new Map(
    slots.flatMap((slot, at) => {
      const serial = text(listed[at]);
      return serial === null ? [] : [[slot, serial] as const];
    }),
  );
}

/** `Fans Rpm` is an object by name in no order; null = no such connector. One duty for all. */
export function readFans(replies: Replies): Fan[] {
  const percent = num(row(summary(replies)['Fans'])['Fans Speed']);
  const found = Object.entries(row(summary(replies)['Fans Rpm'])).flatMap(([name, value]) => {
    const rpm = num(value);
    const slot = Number(/\d+/.exec(name)?.[0] ?? 0);
    return rpm === null ? [] : [{ slot, rpm, percent }];
  });
  if (found.length > 0) return found.toSorted((a, b) => a.slot - b.slot);
  return percent === null ? [] : [{ slot: 1, rpm: null, percent }];
}

/** The pool in use with the session's counters, then the other configured ones. */
export function readPools(replies: Replies): Json {
  const said = summary(replies);
  const stratum = row(said['Stratum']);
  const current = text(stratum['Current Pool']);
  const others = rows(said['StratumConfigs']);
  const used = num(stratum['Config Id']);
  const { Submitted, Accepted, Rejected } = session(replies);
  const [submitted, accepted, rejected] = [num(Submitted), num(Accepted), num(Rejected)];
  const stale =
    submitted === null || accepted === null || rejected === null
      ? null
      : Math.max(0, submitted - accepted - rejected);
  // A latency is measured on a connection that stands.
  const connected =
    flag(stratum['IsPoolConnected']) ?? (num(stratum['Average Latency']) === null ? null : true);
  const configured = others.map((pool, at) => ({
    URL: pool['pool'] ?? null,
    User: pool['login'] ?? null,
    Priority: at,
    'Stratum Active': used === null ? null : at === used,
  }));
  if (current === null) return configured;
  const active = {
    URL: current,
    User: stratum['Current User'] ?? null,
    Priority: used ?? 0,
    'Stratum Active': true,
    Status: connected === null ? null : connected ? 'Alive' : 'Dead',
    Accepted: accepted,
    Rejected: rejected,
    Stale: stale,
  };
  return [active, ...configured.filter((_, at) => at !== (used ?? 0))];
}
