import type { Device } from './device.ts';
import type { Fault, FaultKind } from './faults.ts';
import * as physics from './physics.ts';
import { between } from './random.ts';
import { current } from './windows.ts';

export interface BoardState {
  /** Position in the machine, from 0. */
  index: number;
  /** False: the controller does not see the board. */
  found: boolean;
  /** Share of the machine's hashrate this board makes now. */
  share: number;
  ratedThs: number;
  chips: number;
  chipsGood: number;
  /** Inlet and outlet sensors of the board, hottest last, and of the chips beside them. °C. */
  boardTempsC: [number, number];
  chipTempsC: [number, number];
  frequencyMhz: number;
  voltageV: number;
  hwErrors: number;
  serial: string;
}

/** The boards at one second, their shares not yet made to add up to one. `workS` is full-rate work since the start. */
export function boardsAt(
  device: Device,
  timeS: number,
  active: readonly Fault[],
  air: {
    ambientC: number;
    load: number;
    weakCooling: boolean;
    residualC: number;
    workS: number;
  },
): BoardState[] {
  const { model, seed } = device;
  return Array.from({ length: model.boards }, (_, index) => {
    const hit = (kind: FaultKind): Fault | undefined =>
      active.find((fault) => fault.kind === kind && fault.target % model.boards === index);
    const found = hit('board-missing') === undefined;
    const works = found && hit('board-dead') === undefined;
    const dying = hit('chips');
    const lostChips = dying === undefined ? 0 : chipsLost(dying, timeS, model.chipsPerBoard);
    const chipsGood = works ? model.chipsPerBoard - lostChips : 0;
    const load = works ? air.load : 0;
    const outletC = physics.boardC(device, index, timeS, { ...air, load });
    const inletC = outletC - between(seed, 190 + index, 0.35, 0.5) * (outletC - air.ambientC);
    const sickS = dying === undefined ? 0 : timeS - (current(dying.window, timeS) ?? timeS);
    return {
      index,
      found,
      share: works
        ? ((chipsGood / model.chipsPerBoard) * physics.boardQuality(device, index, timeS)) /
          model.boards
        : 0,
      ratedThs: device.ratedThs / model.boards,
      chips: found ? model.chipsPerBoard : 0,
      chipsGood,
      boardTempsC: [inletC, outletC],
      chipTempsC: [
        physics.chipC(device, index, inletC, load),
        physics.chipC(device, index, outletC, load),
      ],
      frequencyMhz: found ? model.frequencyMhz : 0,
      voltageV: found ? model.voltageV : 0,
      hwErrors: works
        ? Math.floor(air.workS * between(seed, 200 + index, 0.0004, 0.008) + sickS * 0.02)
        : 0,
      serial: `HYB${index}${(seed >>> 4).toString(36).toUpperCase().padStart(7, '0')}`,
    };
  });
}

/** Up to a fifth of the board's chips, one after another over the first half of the fault. */
function chipsLost(fault: Fault, timeS: number, chips: number): number {
  const sinceS = timeS - (current(fault.window, timeS) ?? timeS);
  const progress = Math.min(1, sinceS / (fault.window.lengthS / 2));
  return Math.ceil(progress * chips * 0.2);
}
