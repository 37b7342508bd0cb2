import type { Board, Fan } from '../reading.ts';
import { board } from './capabilities.ts';
import { rate } from './units.ts';
import { isRow, num, numbers, row, sensors, text } from './values.ts';
import type { Row } from './values.ts';

/**
 * The statistics of Bitfury's OpenMiner, which FutureBit's Apollo took over: `master`, `slots`, `pool`,
 * each with `intervals` by seconds, "0" for all since the start. In GraphQL the numbers are "int_30".
 */

/** A member by number, in either spelling. */
export function numbered(from: Row, number: number): Row {
  return row(from[String(number)] ?? from[`int_${number}`]);
}

/** The numbered members that are there; a list is empty where a device has none. */
function members(value: unknown): [number: number, member: Row][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value as Row).flatMap(([key, member]) => {
    const number = /^(?:int_)?(\d+)$/.exec(key)?.[1];
    return number !== undefined && isRow(member) ? [[Number(number), member] as [number, Row]] : [];
  });
}

export function slotBoards(slots: unknown): Board[] {
  return members(slots).map(([slot, said]) =>
    board(slot, {
      hashrateThs: rate(said['ghs'], 'GH/s'),
      chips: num(said['chips']),
      chipTempsC: sensors([
        said['isTempValid'] === 0 ? null : num(said['temperature']),
        said['isTemp1Valid'] === 0 ? null : num(said['temperature1']),
      ]),
      voltageV: (num(said['voltage']) ?? 0) / 1_000 || null,
      hwErrors: num(said['errors']),
    }),
  );
}

/** Speeds as a list, or by number; duty by number. */
export function machineFans(rpms: unknown, duties: unknown): Fan[] {
  const duty = new Map(members(duties).map(([slot, fan]) => [slot, num(fan['power'])]));
  return numbers(rpms as Row[string]).map((rpm, slot) => ({
    slot: slot + 1,
    rpm,
    percent: duty.get(slot) ?? null,
  }));
}

/** The one pool it mines at, as cgminer would list it. */
export function onePool(pool: Row): Row[] {
  const host = text(pool['host']);
  if (host === null) return [];
  const intervals = row(pool['intervals']);
  const total = numbered(intervals, 0);
  const served = num(numbered(intervals, 30)['inService']);
  return [
    {
      URL: `${host}:${text(pool['port']) ?? ''}`,
      User: pool['userName'] ?? null,
      Status: served === null ? null : served > 0 ? 'Alive' : 'Dead',
      'Stratum Active': true,
      Priority: 0,
      Accepted: total['sharesAccepted'] ?? null,
      Rejected: total['sharesRejected'] ?? null,
      Stale: total['staleJobShares'] ?? null,
    },
  ];
}
