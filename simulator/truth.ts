import type { BoardState } from './board-state.ts';
import type { Activity, MinerState, PoolState, RateWindow } from './miner-state.ts';
import type { FamilyId, Model } from './models.ts';
import { nowWindow } from './reports.ts';

/**
 * What is true of a miner at a moment, in the terms its family reports: the window of "now", the
 * expected rate, the board's temperatures. Not rounded; the replies round as the firmware does.
 */
export interface MinerTruth {
  at: Date;
  /** False: no port answers. The other values are then what it would say if one did. */
  reachable: boolean;
  /** Where it is at that moment. */
  address: string;
  activity: Activity;
  /** False in sleep mode and after it stopped itself. */
  mining: boolean;
  uptimeS: number;
  hashrateThs: number;
  /** Window of `hashrateThs`, seconds. */
  hashrateWindowS: RateWindow;
  hashrateAvgThs: number;
  expectedThs: number;
  boards: BoardTruth[];
  /** rpm by position; 0 = stands still. */
  fansRpm: number[];
  ambientC: number;
  /** Hottest sensor of the boards and of the chips, °C. */
  boardMaxC: number;
  chipMaxC: number;
  powerW: number;
  accepted: number;
  rejected: number;
  stale: number;
  hwErrors: number;
  pools: PoolState[];
}

/** A board the miner sees; one it does not see is not in the list. */
export interface BoardTruth {
  index: number;
  hashrateThs: number;
  expectedThs: number;
  /** Chips detected, and of them those that work. */
  chips: number;
  chipsGood: number;
  boardTempC: number;
  chipTempC: number;
  frequencyMhz: number;
  voltageV: number;
  hwErrors: number;
  serial: string;
}

export function truthOf(model: Model, state: MinerState, at: Date): MinerTruth {
  const windowS = nowWindow(model);
  const found = state.boards.filter((board) => board.found);
  // An Avalon has a rate per board only as the average since the start.
  const boardBase = model.family === 'avalon' ? state.averageThs : state.rateThs[windowS];
  return {
    at,
    reachable: state.reachable,
    address: state.address,
    activity: state.activity,
    mining: state.activity === 'hashing' || state.activity === 'starting',
    uptimeS: state.uptimeS,
    hashrateThs: state.rateThs[windowS],
    hashrateWindowS: windowS,
    hashrateAvgThs: state.averageThs,
    expectedThs: expectedThs(model, state, found),
    boards: found.map((board) => ({
      index: board.index,
      hashrateThs: boardBase * board.share,
      expectedThs: board.ratedThs,
      chips: board.chips,
      chipsGood: board.chipsGood,
      boardTempC: board.boardTempsC[1],
      chipTempC: board.chipTempsC[1],
      frequencyMhz: board.frequencyMhz,
      voltageV: board.voltageV,
      hwErrors: board.hwErrors,
      serial: board.serial,
    })),
    fansRpm: state.fansRpm,
    ambientC: state.ambientC,
    boardMaxC: Math.max(state.ambientC, ...found.map((board) => board.boardTempsC[1])),
    chipMaxC: Math.max(state.ambientC, ...found.map((board) => board.chipTempsC[1])),
    powerW: state.powerW,
    accepted: state.accepted,
    rejected: state.rejected,
    stale: state.stale,
    hwErrors: state.hwErrors,
    pools: state.pools,
  };
}

/** A rating or a target stays what it was; the others add up the boards they see. */
const RATED: ReadonlySet<FamilyId> = new Set(['whatsminer', 'auradine', 'elphapex', 'epic']);

function expectedThs(model: Model, state: MinerState, found: readonly BoardState[]): number {
  return RATED.has(model.family)
    ? state.ratedThs
    : found.reduce((sum, board) => sum + board.ratedThs, 0);
}
