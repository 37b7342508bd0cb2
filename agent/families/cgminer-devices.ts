import type { Board } from '../reading.ts';
import { board } from './capabilities.ts';
import type { Replies, Source } from './family.ts';
import { rate } from './units.ts';
import { num, positive, row, rows, sensors, text } from './values.ts';
import type { Row } from './values.ts';

/** The rows of cgminer's `devs` (`edevs`: those that are switched on): each device is a board. */
export function devices(reply = 'devs'): (replies: Replies) => Row[] {
  return (replies) => rows(row(replies.get(reply))['DEVS']);
}

/** What the devices say together; nothing when none says it. */
export function sumOf(list: (replies: Replies) => readonly Row[], ...keys: string[]): Source {
  return (replies) => {
    const told = list(replies)
      .map((device) => keys.map((key) => num(device[key])).find((value) => value !== null))
      .filter((value) => value !== undefined && value !== null);
    return told.length > 0 ? told.reduce((total, value) => total + value, 0) : undefined;
  };
}

/** The longest any of them has run, for firmwares without a summary. */
export function longest(list: (replies: Replies) => readonly Row[], key: string): Source {
  return (replies) => {
    const told = list(replies).flatMap((entry) => num(entry[key]) ?? []);
    return told.length > 0 ? Math.max(...told) : undefined;
  };
}

export function deviceSlot(device: Row, index: number): number {
  return num(device['ASC']) ?? num(device['PGA']) ?? num(device['ID']) ?? index;
}

/** Fields that forks of cgminer have in common, rates in MH/s; `told` is what one of them adds. */
export function deviceBoard(device: Row, index: number, told: Partial<Board> = {}): Board {
  return board(deviceSlot(device, index), {
    hashrateThs: rate(device['MHS 5s'], 'MH/s') ?? rate(device['MHS av'], 'MH/s'),
    boardTempsC: sensors([num(device['Temperature'] ?? device['temperature'])]),
    frequencyMhz: positive(device['Frequency']),
    hwErrors: num(device['Hardware Errors']),
    ...told,
  });
}

/** Name of the driver, which is all some forks tell of the model. */
export function driverName(list: (replies: Replies) => readonly Row[]): Source {
  return (replies) => text(list(replies)[0]?.['Name']);
}
