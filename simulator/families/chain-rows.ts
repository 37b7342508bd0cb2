import { f0 } from '../c-format.ts';
import type { Fields } from '../c-format.ts';
import type { BoardState } from '../board-state.ts';

/**
 * Fields by chip as Innosilicon's drivers print them: "00 HW errors", "00 Temp" … Temperatures climb along the
 * board from the inlet's to the outlet's; `temp` null leaves them at nought.
 */
export function chipFields(board: BoardState, temp: 'Temp' | null): Fields {
  const [inlet, outlet] = board.chipTempsC;
  const fields: Record<string, string | number> = {};
  for (let chip = 0; chip < board.chips; chip += 1) {
    const name = String(chip).padStart(2, '0');
    const share = board.chips > 1 ? chip / (board.chips - 1) : 1;
    // The last chip has what the division leaves over.
    const each = Math.floor(board.hwErrors / board.chips);
    const errors = chip === board.chips - 1 ? board.hwErrors - each * (board.chips - 1) : each;
    fields[`${name} HW errors`] = errors;
    fields[`${name} Stales`] = 0;
    fields[`${name} Temp`] = temp === null ? 0 : f0(inlet + (outlet - inlet) * share);
  }
  return fields;
}
