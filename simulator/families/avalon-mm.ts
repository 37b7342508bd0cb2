import { f0, f1, f2 } from '../c-format.ts';
import type { Device } from '../device.ts';
import type { BoardState } from '../board-state.ts';
import type { MinerState } from '../miner-state.ts';
import { unit } from '../random.ts';

const GHS = 1000;

/** What a firmware calls itself. */
export function avalonVersion(device: Device): {
  firmware: string;
  prod: string;
  hwtype: string;
  swtype: string;
} {
  switch (device.model.dialect) {
    case 'avalon-10':
      return {
        firmware: '20051101_85dc6f0_0332654',
        prod: 'AvalonMiner 1047',
        hwtype: 'MM3v2_X3',
        swtype: 'MM310',
      };
    case 'avalon-12':
      return {
        firmware: '21072802_4ec6bb0_211fc46',
        prod: 'AvalonMiner 1246-83',
        hwtype: 'MM4v2_X3',
        swtype: 'MM317',
      };
    default:
      return {
        firmware: '24102401_25462b2_9ddf522',
        prod: 'AvalonMiner 15-194',
        hwtype: 'MM4v2_X3',
        swtype: 'MM319',
      };
  }
}

/** Power limit on the DC side, W. */
function limitW(device: Device): number {
  return Math.round((device.model.powerW * 0.95) / 5) * 5;
}

/** The supply turns this share of what it draws into DC. */
const SUPPLY_EFFICIENCY = 0.945;

/** `KEY[values]` after `KEY[values]`: everything an Avalon knows of itself, in one string. */
export function mmString(device: Device, state: MinerState): string {
  const { dialect } = device.model;
  const old = dialect === 'avalon-10';
  const boards = state.boards.filter((board) => board.found);
  const list = (value: (board: BoardState) => string): string => boards.map(value).join(' ');
  const hottest = Math.max(0, ...boards.map((board) => board.chipTempsC[1]));
  const mean =
    boards.reduce((sum, board) => sum + meanChipC(board), 0) / Math.max(1, boards.length);
  const model = old ? '1047' : device.model.type;
  const idle = state.activity === 'sleeping' || state.activity === 'overheated';
  const rated = boards.reduce((sum, board) => sum + board.ratedThs, 0);

  return [
    `Ver[${model}-${avalonVersion(device).firmware}]`,
    `DNA[${device.serial}]`,
    'MEMFREE[1392832.0]',
    'NETFAIL[0 0 0 0 0 0 0 0]',
    `SYSTEMSTATU[Work: In ${idle ? 'Idle' : 'Work'}, Hash Board: ${boards.length} ]`,
    `Elapsed[${state.uptimeS}]`,
    'BOOTBY[0x04.00000000]',
    `LW[${state.accepted * 4800}]`,
    `MH[${list((board) => String(board.hwErrors))}]`,
    ...(dialect === 'avalon-15' ? ['DHW[0]'] : []),
    `HW[${state.hwErrors}]`,
    'DH[1.299%]',
    `Temp[${f0(state.ambientC)}]`,
    `TMax[${f0(hottest)}]`,
    `TAvg[${f0(mean)}]`,
    ...state.fansRpm.map((rpm, index) => `Fan${index + 1}[${rpm}]`),
    `FanR[${f0((Math.max(...state.fansRpm) / device.model.fanMaxRpm) * 100)}%]`,
    `Vo[${old ? 0 : Math.round(device.model.voltageV * 100)}]`,
    supply(device, state, old),
    ...(dialect === 'avalon-15' ? [`WALLPOWER[${state.powerW}]`] : []),
    ...boards.map((board) => `PLL${board.index}[1925 1138 1411 2606]`),
    ...(old ? [] : [`GHSspd[${f2(state.rateThs[5] * GHS)}]`, 'DHspd[1.299%]']),
    `GHSmm[${f2(rated * GHS)}]`,
    `GHSavg[${f2(state.averageThs * GHS)}]`,
    `WU[${f2((state.averageThs * 1e12 * 60) / 2 ** 32)}]`,
    `Freq[${f2(device.model.frequencyMhz)}]`,
    'Led[0]',
    `MGHS[${list((board) => f2(state.averageThs * board.share * GHS))}]`,
    `MTmax[${list((board) => f0(board.chipTempsC[1]))}]`,
    `MTavg[${list((board) => f0(meanChipC(board)))}]`,
    ...(old ? [] : [`MVavg[${list(() => f1(device.model.voltageV * 100))}]`]),
    `TA[${boards.reduce((sum, board) => sum + board.chips, 0)}]`,
    ...(old ? [] : [`Core[${dialect === 'avalon-15' ? 'A3197S' : 'A3201'}]`]),
    'PING[131]',
    ...(old ? [] : ['POWS[0]', 'HASHS[0 0 0]', 'POOLS[0]']),
    `SoftOFF[${state.activity === 'sleeping' ? 1 : 0}]`,
    `ECHU[${list((board) => (board.chipsGood === 0 ? '512' : '0'))}]`,
    'ECMM[0]',
    ...boards.map((board) => `SF${board.index}[300 318 339 360]`),
    ...boards.map((board) => `PVT_T${board.index}[${chipTemperatures(device, board)}]`),
    ...boards.map((board) => `PVT_V${board.index}[${chipVoltages(device, board)}]`),
    `MW[${list(() => String(state.accepted * 1600))}]`,
    ...boards.map((board) => `MW${board.index}[${chipWork(device, board)}]`),
    `CRC[${list(() => '0')}]`,
    ...boards.map((board) => `FACOPTS${board.index}[]`),
    ...boards.map(
      (board) =>
        `ATAOPTS${board.index}[--avalon10-freq 300:318:339:360 --avalon10-voltage-level 118 ]`,
    ),
    'ADJ[1]',
    `MPO[${limitW(device)}]`,
    'MVL[87]',
    'WORKMODE[1]',
  ].join(' ');
}

/** [error, control rail ×100, output V ×100, output A, DC output W, set V ×100, AC input W]; the 10xx has no meter. */
function supply(device: Device, state: MinerState, old: boolean): string {
  if (old) return 'PS[0 0 0 0 0 0]';
  const volts = device.model.voltageV * 4.15;
  const dcW = Math.round(state.powerW * SUPPLY_EFFICIENCY);
  const centivolts = Math.round(volts * 100);
  return `PS[0 1209 ${centivolts} ${Math.round(dcW / volts)} ${dcW} ${centivolts + 1} ${state.powerW}]`;
}

function meanChipC(board: BoardState): number {
  return (board.chipTempsC[0] + board.chipTempsC[1]) / 2;
}

const pictures = new Map<string, string>();

/**
 * Every chip's temperature. The spread within a board is the same for all boards of a farm at the same
 * two temperatures, so that the text is made once and shared.
 */
function chipTemperatures(device: Device, board: BoardState): string {
  const low = Math.round(board.chipTempsC[0]);
  const high = Math.round(board.chipTempsC[1]);
  return picture(`t/${device.model.chipsPerBoard}/${low}/${high}/${board.chipsGood}`, () =>
    Array.from({ length: board.chips }, (_, chip) => {
      if (chip >= board.chipsGood) return '  0';
      // The hottest chip must be there: MTmax is the maximum of this list.
      const share = chip === 1 ? 1 : unit(0xc1, chip) * 0.999;
      return String(Math.round(low + (high - low) * share)).padStart(3, ' ');
    }).join(' '),
  );
}

function chipVoltages(device: Device, board: BoardState): string {
  return picture(`v/${device.model.chipsPerBoard}/${device.model.voltageV}/${board.index}`, () =>
    Array.from({ length: device.model.chipsPerBoard }, (_, chip) =>
      f0(device.model.voltageV * 100 * (0.97 + 0.06 * unit(0xc2 + board.index, chip))),
    ).join(' '),
  );
}

/** Nonces each chip found lately; a dead chip finds none. */
function chipWork(device: Device, board: BoardState): string {
  return picture(`w/${device.model.chipsPerBoard}/${board.index}/${board.chipsGood}`, () =>
    Array.from({ length: board.chips }, (_, chip) =>
      chip < board.chipsGood ? f0(12 + 18 * unit(0xc5 + board.index, chip)) : '0',
    ).join(' '),
  );
}

function picture(key: string, draw: () => string): string {
  let text = pictures.get(key);
  if (text === undefined) {
    text = draw();
    pictures.set(key, text);
  }
  return text;
}
