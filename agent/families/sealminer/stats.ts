import type { Board, Fan } from '../../reading.ts';
import { board, section } from '../capabilities.ts';
import type { Replies } from '../family.ts';
import { flag, num, positive, sensors, text } from '../values.ts';

/** One flat row: what is of the machine by name, what is of a board or fan behind its number. */
export const stats = section('stats', 'STATS');

/** Numbers in front of a key: "0 Chip Count", "2 Speed". */
function numbered(replies: Replies, key: RegExp): number[] {
  const found = Object.keys(stats(replies)).flatMap((name) => {
    const match = /^(\d+) (.+)$/.exec(name);
    return match && key.test(match[2]!) ? [Number(match[1])] : [];
  });
  return [...new Set(found)].sort((a, b) => a - b);
}

export function readBoards(replies: Replies): Board[] {
  const said = stats(replies);
  return numbered(replies, /^(?:Chip Count|MHS\(|Online|SN)/).flatMap((slot) => {
    const at = (key: string) => said[`${slot} ${key}`];
    const chips = num(at('Chip Count'));
    // A slot without a board is listed as offline and without a serial.
    if (flag(at('Online')) === false && !chips && text(at('SN')) === null) return [];
    const bad = num(at('Bad Chip Count'));
    const mhs = num(at('MHS(Sample)'));
    const ideal = positive(at('MHS(Ideal)'));
    return [
      board(slot, {
        hashrateThs: mhs === null || mhs < 0 ? null : mhs / 1e6,
        expectedThs: ideal === null ? null : ideal / 1e6,
        chips,
        chipsGood: chips === null || bad === null ? null : Math.max(0, chips - bad),
        // 0 and 1 are of the board, in and out; 2 and 3 of the chips.
        boardTempsC: sensors([num(at('Temp 0')), num(at('Temp 1'))]),
        chipTempsC: sensors([num(at('Temp 2')), num(at('Temp 3'))]),
        frequencyMhz: positive(at('Freq')),
        serial: text(at('SN')),
      }),
    ];
  });
}

/** `n Speed` is the fan n, whatever board has the number. */
export function readFans(replies: Replies): Fan[] {
  const said = stats(replies);
  const count = positive(said['Fan Count']) ?? Infinity;
  return numbered(replies, /^Speed$/)
    .filter((slot) => slot < count)
    .map((slot) => ({
      slot: slot + 1,
      rpm: num(said[`${slot} Speed`]),
      percent: duty(num(said[`${slot} PWM`])),
    }));
}

/** Steps of 0–255 where the firmware gives the register, percent otherwise. */
function duty(value: number | null): number | null {
  if (value === null || value < 0) return null;
  return value <= 100 ? value : null;
}
