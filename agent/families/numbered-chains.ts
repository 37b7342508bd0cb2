import type { Board, Fan } from '../reading.ts';
import { board } from './capabilities.ts';
import { rate } from './units.ts';
import type { RateUnit } from './units.ts';
import { num, numbers, positive, sensors, text } from './values.ts';
import type { Row } from './values.ts';

/**
 * The flat `stats` row of Bitmain's cgminer forks: `chain_acn6`, `temp2_6`, `fan5` … Numbering starts
 * where the firmware likes (S9: boards 6, 7, 8 and fans 5, 6), so the number is the slot.
 */

const SLOT_KEY = /^(?:chain_acn|chain_rate|CHAIN AVG HASHRATE)(\d+)$/;
/** Keys a sleeping T17+/S17+ still has, only for the slots that hold a board. */
const FITTED_KEY = /^(?:chain_xtime|chain_offside_|chain_opencore_)(\d+)$/;

/** More than any machine has, and few enough that a device that lies costs nobody else anything. */
const MOST_SLOTS = 256;

export interface ChainOptions {
  /** Unit of `chain_rateN` and `chain_rateidealN` where the value carries none. */
  unit: RateUnit;
  /**
   * E3 and T9+: each board has three chains, numbered apart. They are added up where there are three
   * times as many chains as `miner_count` says boards.
   */
  threeChainsPerBoard: boolean;
  /**
   * asicseer, LuxOS: an empty slot has a rate of "0.00000" where Bitmain writes "". Only a slot with chips,
   * a rate or the keys of a fitted board counts.
   */
  zeroRateIsAbsent?: true;
}

export function chainBoards(stats: Row, options: ChainOptions): Board[] {
  const slots = hashingSlots(stats, options);
  if (slots.length === 0) return fittedSlots(stats).map((slot) => board(slot));
  const boards = slots.map((slot) => chainBoard(stats, slot, options.unit));
  const isTriple = boards.length === CHAINS_PER_BOARD * (num(stats['miner_count']) ?? 0);
  return options.threeChainsPerBoard && isTriple ? merged(boards) : boards;
}

const CHAINS_PER_BOARD = 3;

/** Slots in the firmware's order: chips were found, or a rate is reported. */
function hashingSlots(stats: Row, { zeroRateIsAbsent }: ChainOptions): number[] {
  const slots = new Set<number>();
  for (const [key, value] of Object.entries(stats)) {
    const slot = SLOT_KEY.exec(key)?.[1];
    if (slot === undefined) continue;
    const isText = typeof value === 'string' && num(value) !== null;
    const isFitted = !zeroRateIsAbsent || Object.hasOwn(stats, `chain_offside_${slot}`);
    if ((isText && isFitted) || (num(value) ?? 0) > 0) slots.add(Number(slot));
  }
  return [...slots].slice(0, MOST_SLOTS);
}

function fittedSlots(stats: Row): number[] {
  const named = new Set<number>();
  for (const key of Object.keys(stats)) {
    const slot = FITTED_KEY.exec(key)?.[1];
    if (slot !== undefined) named.add(Number(slot));
  }
  const count = Math.min(num(stats['miner_count']) ?? 0, 16);
  if (named.size > 0 && named.size <= 16) return [...named].sort((a, b) => a - b);
  return Array.from({ length: Math.max(count, 0) }, (_, index) => index + 1);
}

function chainBoard(stats: Row, slot: number, unit: RateUnit): Board {
  const health = stats[`chain_acs${slot}`];
  const map = typeof health === 'string' ? health.replace(/[^ox]/gi, '') : '';
  return board(slot, {
    // The Z15's chain_rateN is in a scale of its own; the text with a unit is not.
    hashrateThs:
      rate(stats[`CHAIN AVG HASHRATE${slot}`], unit) ?? rate(stats[`chain_rate${slot}`], unit),
    expectedThs: rate(stats[`chain_rateideal${slot}`], unit) || null,
    chips: num(stats[`chain_acn${slot}`]),
    chipsGood: map === '' ? null : map.replace(/x/gi, '').length,
    boardTempsC: boardSensors(stats, slot),
    chipTempsC: chipSensors(stats, slot),
    frequencyMhz:
      positive(stats[`freq_avg${slot}`]) ??
      positive(stats[`freq${slot}`]) ??
      positive(stats[`frequency${slot}`]) ??
      positive(stats['frequency']),
    hwErrors: num(stats[`chain_hw${slot}`]),
    serial: text(stats[`chain_SN${slot}`]),
  });
}

function boardSensors(stats: Row, slot: number): number[] {
  return firstFitted(
    numbers(stats[`temp_pcb${slot}`]),
    [...numbers(stats[`temp_in_pcb_${slot}`]), ...numbers(stats[`temp_out_pcb_${slot}`])],
    [num(stats[`temp${slot}`]), num(stats[`temp3_${slot}`])],
  );
}

function chipSensors(stats: Row, slot: number): number[] {
  const outlet = stats[`temp_out_chip_${slot}`];
  // The Z15 repeats the PCB outlet there, cooler than its own inlet.
  const repeated = outlet !== undefined && outlet === stats[`temp_out_pcb_${slot}`];
  return firstFitted(
    numbers(stats[`temp_chip${slot}`]),
    [
      ...numbers(stats[`temp_in_chip_${slot}`]),
      ...(repeated ? numbers(stats[`temp2_${slot}`]) : numbers(outlet)),
    ],
    [num(stats[`temp2_${slot}`]), num(stats[`temp4_${slot}`])],
  );
}

function firstFitted(...groups: readonly (number | null)[][]): number[] {
  for (const group of groups) {
    const fitted = sensors(group);
    if (fitted.length > 0) return fitted;
  }
  return [];
}

function sum(of: readonly Board[], pick: (chain: Board) => number | null): number | null {
  const told = of.map(pick).filter((value) => value !== null);
  return told.length > 0 ? told.reduce((total, value) => total + value, 0) : null;
}

/** Chains of a T9's boards; other machines count straight through. */
const T9_WIRING = [
  [2, 9, 10],
  [3, 11, 12],
  [4, 13, 14],
] as const;

function grouped(chains: readonly Board[]): Board[][] {
  const bySlot = new Map(chains.map((chain) => [chain.slot, chain]));
  const wired = T9_WIRING.map((slots) =>
    slots.map((slot) => bySlot.get(slot)).filter((chain) => chain !== undefined),
  );
  if (wired.flat().length === chains.length) return wired;
  return Array.from({ length: chains.length / CHAINS_PER_BOARD }, (_, index) =>
    chains.slice(index * CHAINS_PER_BOARD, (index + 1) * CHAINS_PER_BOARD),
  );
}

function merged(chains: readonly Board[]): Board[] {
  return grouped(chains).map((group) =>
    Object.assign({}, group[0]!, {
      hashrateThs: sum(group, (board) => board.hashrateThs),
      expectedThs: sum(group, (board) => board.expectedThs),
      chips: sum(group, (board) => board.chips),
      chipsGood: sum(group, (board) => board.chipsGood),
      hwErrors: sum(group, (board) => board.hwErrors),
      boardTempsC: group.flatMap((board) => board.boardTempsC),
      chipTempsC: group.flatMap((board) => board.chipTempsC),
    }),
  );
}

/**
 * `fan1`, `fan2` … A firmware that lists exactly `fan_num` fans means each of them, so 0 is a fan that
 * stands; where it lists sixteen, a 0 is an empty connector.
 */
export function chainFans(stats: Row): Fan[] {
  const listed: Fan[] = [];
  for (const [key, value] of Object.entries(stats)) {
    const slot = /^fan(\d+)$/.exec(key)?.[1];
    const rpm = num(value);
    if (slot !== undefined && rpm !== null) listed.push({ slot: Number(slot), rpm, percent: null });
  }
  listed.splice(MOST_SLOTS);
  listed.sort((a, b) => a.slot - b.slot);
  return listed.length === num(stats['fan_num']) ? listed : listed.filter(({ rpm }) => rpm);
}
