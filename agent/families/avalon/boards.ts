import type { Board, Fan } from '../../reading.ts';
import { board } from '../capabilities.ts';
import { rate } from '../units.ts';
import { sensors } from '../values.ts';
import { numberIn, numbersIn } from './mm.ts';
import type { Machine, Module } from './mm.ts';

/**
 * A rack of 7xx–9xx modules has no finer grain than the module, so each is a board; a machine of one
 * module (A10 and later, Q, Mini, Nano) lists its boards inside.
 */
export function boardsOf({ modules }: Machine): Board[] {
  const [only] = modules;
  if (only && modules.length === 1 && hasBoards(only)) return innerBoards(only);
  return modules.map(moduleBoard);
}

const hasBoards = (module: Module) => module.has('MGHS') || module.has('HBITemp');

function innerBoards(module: Module): Board[] {
  const rates = numbersIn(module, 'MGHS');
  const hottest = numbersIn(module, 'MTmax');
  const mean = numbersIn(module, 'MTavg');
  const chips = numberIn(module, 'TA');
  const count = Math.max(rates.length, hottest.length, 1);
  return Array.from({ length: count }, (_, slot) => {
    const perChip = numbersIn(module, `PVT_T${slot}`);
    return board(slot, {
      hashrateThs: rate(rates[slot], 'GH/s'),
      chips: perChip.length > 0 ? perChip.length : chips === null ? null : chips / count,
      chipsExpected: chips === null ? null : chips / count,
      // Q, Mini and Nano: air into and out of the board.
      boardTempsC: sensors([numberIn(module, 'HBITemp'), numberIn(module, 'HBOTemp')]),
      chipTempsC: sensors(chipTemps(module, slot, count, mean, hottest)),
      frequencyMhz: numberIn(module, 'Freq'),
      hwErrors: numbersIn(module, 'MH')[slot] ?? null,
    });
  });
}

/** Mean and hottest chip of a board; a machine of one board may say them for itself only. */
function chipTemps(
  module: Module,
  slot: number,
  count: number,
  mean: readonly number[],
  hottest: readonly number[],
): (number | null)[] {
  if (hottest.length > 0) return [mean[slot] ?? null, hottest[slot] ?? null];
  return count === 1 ? [numberIn(module, 'TAvg'), numberIn(module, 'TMax')] : [];
}

function moduleBoard(module: Module, slot: number): Board {
  return board(slot, {
    expectedThs: rate(module.get('GHSmm'), 'GH/s'),
    chips: numberIn(module, 'TA'),
    boardTempsC: sensors([numberIn(module, 'Temp')]),
    chipTempsC: sensors([numberIn(module, 'TMax')]),
    frequencyMhz: numberIn(module, 'Freq'),
    hwErrors: numberIn(module, 'HW'),
  });
}

/** "Fan1".."Fan4", or one "Fan" for each module; the duty of a module is that of all its fans. */
export function fansOf({ modules }: Machine): Fan[] {
  const fans: Fan[] = [];
  for (const module of modules) {
    const percent = numberIn(module, 'FanR');
    const speeds = [...module.keys()].filter((key) => /^Fan\d*$/.test(key)).sort();
    for (const key of speeds) {
      fans.push({ slot: fans.length + 1, rpm: numberIn(module, key), percent });
    }
  }
  return fans;
}
