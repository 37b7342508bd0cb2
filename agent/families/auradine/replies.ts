import type { Json } from '../../lenient-json.ts';
import type { Board } from '../../reading.ts';
import { board } from '../capabilities.ts';
import type { Replies } from '../family.ts';
import { num, positive, row, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';

const firstOf =
  (page: string, name: string) =>
  (replies: Replies): Row =>
    rows(row(replies.get(page))[name])[0] ?? {};

export const report = firstOf('/ipreport', 'IPReport');
export const mode = firstOf('/mode', 'Mode');
export const psu = firstOf('/psu', 'PSU');
export const led = firstOf('/led', 'LED');

const sections = (replies: Replies): Row[] => rows(row(replies.get('/temperature'))['Temperature']);

const temperatures = (value: Json | undefined): (number | null)[] =>
  rows(value).map((sensor) => num(sensor['Temperature']));

/** Section 0 is the control board, in the air before the hash boards. */
export function controlBoardC(replies: Replies): Json | undefined {
  const control = sections(replies).find((one) => num(one['ID']) === 0);
  return sensors(temperatures(control?.['BoardTemp']))[0];
}

/** Boards are numbered from 1. `asccount` counts the chips of all; serials come in order of the slots. */
export function readBoards(replies: Replies): Board[] {
  const count = firstOf('asccount', 'ASCCount')(replies);
  const [asics, of] = [positive(count['AsicCount']), positive(count['BoardCount'])];
  const serials = report(replies)['HBSerialNo'];
  const temps = new Map(sections(replies).map((one) => [num(one['ID']), one]));
  const devs = rows(row(replies.get('devs'))['DEVS']);
  const ids = devs.map((one, index) => num(one['ID']) ?? index + 1);
  const slots = ids.length > 0 ? ids : [...temps.keys()].filter((id) => id !== null && id > 0);
  return slots.map((slot, index) => {
    const mhs = num(devs[index]?.['MHS 5s']);
    const told = temps.get(slot);
    return board(slot ?? index + 1, {
      hashrateThs: mhs === null || mhs < 0 ? null : mhs / 1e6,
      chips: asics === null || of === null || asics % of !== 0 ? null : asics / of,
      boardTempsC: sensors(
        told ? temperatures(told['BoardTemp']) : [num(devs[index]?.['Temperature'])],
      ),
      chipTempsC: sensors(temperatures(told?.['ChipTemp'])),
      serial: Array.isArray(serials) ? text(serials[index]) : null,
    });
  });
}
