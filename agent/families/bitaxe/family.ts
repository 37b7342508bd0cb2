import { AXEOS_CAPABILITIES, AXEOS_PLANS, info } from '../axeos.ts';
import type { Family } from '../family.ts';
import { text } from '../values.ts';

/** Chip of a board revision where that names the model; hex boards carry six chips. */
const BY_BOARD: readonly [board: RegExp, model: string][] = [
  [/^30\d$/, 'Ultra Hex'],
  [/^70\d$/, 'Supra Hex'],
  [/^80\d$/, 'GT'],
  [/^65\d$/, 'Gamma Duo'],
];
const BY_CHIP: Readonly<Record<string, string>> = {
  BM1397: 'Max',
  BM1366: 'Ultra',
  BM1368: 'Supra',
  BM1370: 'Gamma',
};

export const bitaxe: Family = {
  id: 'bitaxe',
  make: 'Bitaxe',
  product: 'AxeOS',
  recognise: {
    page: /AxeOS|Lucky ?miner/i,
    confirm: (replies) => text(info(replies)['ASICModel']) !== null,
  },
  model: (raw) => {
    const [chip = '', board = ''] = raw.split(' ');
    return BY_BOARD.find(([pattern]) => pattern.test(board))?.[1] ?? BY_CHIP[chip] ?? raw;
  },
  plans: AXEOS_PLANS,
  capabilities: AXEOS_CAPABILITIES,
};
