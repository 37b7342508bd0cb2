import { f0, f2, f6 } from '../c-format.ts';
import type { Device } from '../device.ts';
import type { BoardState } from '../board-state.ts';
import type { MinerState } from '../miner-state.ts';
import { unit } from '../random.ts';

/** GH/s, in which stock firmware counts. */
const GHS = 1000;

/** Number of the first board: an S9's sockets are 6, 7 and 8 of its control board. */
function firstBoard(device: Device): number {
  return device.model.dialect === 'antminer-s9' ? 6 : 1;
}

export function boardRateThs(state: MinerState, board: BoardState): number {
  return state.rateThs[5] * board.share;
}

/** Nominal rate of the boards that are there: the firmware adds up what it found. */
export function idealThs(state: MinerState): number {
  return state.boards.reduce((sum, board) => sum + (board.found ? board.ratedThs : 0), 0);
}

/** The row of STATS that says what the machine is, also the heart of VERSION. */
export function identityFields(device: Device): string {
  const { bmminer, miner, compileTime, type } = antminerVersion(device);
  return `"BMMiner":"${bmminer}","Miner":"${miner}","CompileTime":"${compileTime}","Type":"${type}"`;
}

export function antminerVersion(device: Device): {
  bmminer: string;
  miner: string;
  compileTime: string;
  type: string;
} {
  const { type } = device.model;
  switch (device.model.dialect) {
    case 'antminer-s9':
      return {
        bmminer: '2.0.0',
        miner: '30.0.1.3',
        compileTime: 'Tue Aug 13 15:37:49 CST 2019',
        type,
      };
    case 'antminer-s17':
      return {
        bmminer: '1.0.0',
        miner: '35.0.1.3',
        compileTime: 'Mon Jun 15 10:21:17 CST 2020',
        type,
      };
    case 'antminer-s21':
      return {
        bmminer: '1.0.0',
        miner: 'uart_trans.1.3',
        compileTime: 'Wed Jan 14 11:02:35 CST 2026',
        type,
      };
    default:
      return {
        bmminer: '1.0.0',
        miner: '49.0.1.3',
        compileTime: 'Thu Dec  8 14:25:09 CST 2022',
        type,
      };
  }
}

/** The row of STATS that holds the numbers, for any dialect. */
export function statsRow(device: Device, state: MinerState): string {
  return device.model.dialect === 'antminer-s9' || device.model.dialect === 'antminer-s17'
    ? sixteenGroups(device, state)
    : fourGroups(device, state);
}

/** `"key1":…,"key2":…` up to `count`, with `absent` where no board or fan sits. */
function numbered(
  key: string,
  count: number,
  first: number,
  values: readonly string[],
  absent: string,
): string {
  let text = '';
  for (let number = 1; number <= count; number += 1) {
    text += `"${key}${number}":${values[number - first] ?? absent},`;
  }
  return text;
}

/** Four sensors of a board in one string. */
const quadUntil2020 = ([inlet, outlet]: readonly [number, number]): string =>
  `"${f0(inlet)}-${f0(inlet + 2)}-${f0(outlet)}-${f0(outlet - 1)}"`;
const quadSince2020 = (inlet: number, outlet: number): string =>
  `"${f0(outlet)}-${f0(inlet)}-${f0(outlet - 2)}-${f0(outlet - 3)}"`;

/** Firmware up to 2020: every key exists for sixteen boards, of which three are there. */
function sixteenGroups(device: Device, state: MinerState): string {
  const s9 = device.model.dialect === 'antminer-s9';
  const first = firstBoard(device);
  const each = (value: (board: BoardState) => string, absent: string): string[] =>
    state.boards.map((board) => (board.found ? value(board) : absent));
  const groups = (
    key: string,
    value: (board: BoardState) => string,
    absent = '0',
    count = 16,
  ): string => numbered(key, count, first, each(value, absent), absent);
  const found = state.boards.filter((board) => board.found).length;

  return (
    `{"STATS":0,"ID":"${s9 ? 'BC50' : 'BTM_SOC0'}","Elapsed":${state.uptimeS},"Calls":0,` +
    `"Wait":${f6(0)},"Max":${f6(0)},"Min":${f6(99_999_999)},` +
    `"GHS 5s":"${f2(state.rateThs[5] * GHS)}","GHS av":${f2(state.averageThs * GHS)},` +
    (s9 ? '' : `"GHS 30m":${f2(state.rateThs[1800] * GHS)},"Mode":${sleepMode(state)},`) +
    `"miner_count":${found},"frequency":${s9 ? device.model.frequencyMhz : `"${device.model.frequencyMhz}"`},` +
    `"fan_num":${state.fansRpm.length},` +
    numbered('fan', s9 ? 8 : 16, s9 ? 5 : 1, state.fansRpm.map(f0), '0') +
    `"temp_num":${found},` +
    groups('temp', (board) => f0(board.boardTempsC[1])) +
    groups('temp2_', (board) => f0(board.chipTempsC[1])) +
    groups('temp3_', () => '0') +
    (s9
      ? groups('freq_avg', (board) => f2(board.frequencyMhz), '0.00')
      : groups('temp_pcb', (board) => quadUntil2020(board.boardTempsC), '"0-0-0-0"') +
        groups('temp_chip', (board) => quadUntil2020(board.chipTempsC), '"0-0-0-0"')) +
    `"total_rateideal":${f2(idealThs(state) * GHS)},"rate_unit":"GH",` +
    `"total_freqavg":${f2(device.model.frequencyMhz)},"total_acn":${chipCount(state)},` +
    `"total_rate":${f2(state.rateThs[5] * GHS)},` +
    groups('chain_rateideal', (board) => f2(board.ratedThs * GHS), '0.00') +
    `"temp_max":${f0(Math.max(0, ...state.boards.map((board) => board.boardTempsC[1])))},` +
    `"Device Hardware%":0.0000,"no_matching_work":${state.hwErrors},` +
    groups('chain_acn', (board) => String(board.chips)) +
    groups('chain_acs', (board) => `"${chipMap(device, board, state, 8)}"`, '""') +
    groups('chain_hw', (board) => String(board.hwErrors)) +
    groups('chain_rate', (board) => `"${f2(boardRateThs(state, board) * GHS)}"`, '""') +
    state.boards
      .map(
        ({ index }) =>
          `"chain_xtime${first + index}":"{}","chain_offside_${first + index}":"0","chain_opencore_${first + index}":"0",`,
      )
      .join('') +
    `"miner_version":"${antminerVersion(device).miner}","miner_id":"${minerId(device)}"}`
  );
}

/** Firmware since the S19: four groups, temperatures of four sensors per board, frequencies per chain. */
function fourGroups(device: Device, state: MinerState): string {
  const each = (value: (board: BoardState) => string, absent: string): string[] =>
    state.boards.map((board) => (board.found ? value(board) : absent));
  const groups = (key: string, value: (board: BoardState) => string, absent = '0'): string =>
    numbered(key, 4, 1, each(value, absent), absent);
  const found = state.boards.filter((board) => board.found);

  return (
    `{"STATS":0,"ID":"BTM_SOC0","Elapsed":${state.uptimeS},"Calls":0,"Wait":0,"Max":0,"Min":99999999,` +
    `"GHS 5s":${f2(state.rateThs[5] * GHS)},"GHS av":${f2(state.averageThs * GHS)},` +
    `"rate_30m":${f2(state.rateThs[1800] * GHS)},"Mode":2,"miner_count":${found.length},` +
    `"frequency":${device.model.frequencyMhz},"fan_num":${state.fansRpm.length},` +
    numbered('fan', state.fansRpm.length, 1, state.fansRpm.map(f0), '0') +
    `"temp_num":${found.length},` +
    found
      .map(
        (board) =>
          `"temp${board.index + 1}":${f0(board.boardTempsC[1])},"temp2_${board.index + 1}":${f0(board.chipTempsC[1])},`,
      )
      .join('') +
    groups(
      'temp_pcb',
      ({ boardTempsC: [inlet, outlet] }) => quadSince2020(inlet, outlet),
      '"0-0-0-0"',
    ) +
    groups(
      'temp_chip',
      ({ chipTempsC: [inlet, outlet] }) => quadSince2020(inlet, outlet),
      '"0-0-0-0"',
    ) +
    groups(
      'temp_pic',
      ({ boardTempsC: [inlet, outlet] }) => quadSince2020(inlet - 10, outlet - 10),
      '"0-0-0-0"',
    ) +
    `"total_rateideal":${f2(idealThs(state) * GHS)},"rate_unit":"GH",` +
    `"total_freqavg":${device.model.frequencyMhz},"total_acn":${chipCount(state)},` +
    `"total rate":${f2(state.rateThs[5] * GHS)},"temp_max":0,"no_matching_work":${state.hwErrors},` +
    groups('chain_acn', (board) => String(board.chips)) +
    groups('chain_acs', (board) => `"${chipMap(device, board, state, 3)}"`, '""') +
    groups('chain_hw', (board) => String(board.hwErrors)) +
    groups('chain_rate', (board) => `"${f2(boardRateThs(state, board) * GHS)}"`, '""') +
    groups('freq', (board) => f0(board.frequencyMhz)) +
    `"miner_version":"${antminerVersion(device).miner}","miner_id":"${minerId(device)}"}`
  );
}

function chipCount(state: MinerState): number {
  return state.boards.reduce((sum, board) => sum + board.chips, 0);
}

/** S17-class firmware says by mode 254 that it sleeps. */
function sleepMode(state: MinerState): number {
  return state.activity === 'sleeping' ? 254 : 2;
}

function minerId(device: Device): string {
  return `80${device.mac}04`.slice(0, 16);
}

const maps = new Map<string, string>();

/** `o` a working chip, `x` a failed one, a space before every `group` of them; all fail when nothing hashes. */
export function chipMap(
  device: Device,
  board: BoardState,
  state: MinerState,
  group: number,
): string {
  const good = state.activity === 'hashing' || state.activity === 'starting' ? board.chipsGood : 0;
  // Failed chips differ from board to board, but not every board of a farm needs its own picture.
  const variant = Math.floor(unit(device.seed, 300 + board.index) * 8);
  const key = `${board.chips}/${good}/${group}/${variant}`;
  let map = maps.get(key);
  if (map === undefined) {
    map = drawMap(board.chips, good, group, variant);
    maps.set(key, map);
  }
  return map;
}

function drawMap(chips: number, good: number, group: number, variant: number): string {
  const ranked = Array.from({ length: chips }, (_, chip) => chip).sort(
    (a, b) => unit(variant, a) - unit(variant, b),
  );
  const bad = new Set(ranked.slice(0, chips - good));
  let map = '';
  for (let chip = 0; chip < chips; chip += 1) {
    map += `${chip % group === 0 ? ' ' : ''}${bad.has(chip) ? 'x' : 'o'}`;
  }
  return map;
}
