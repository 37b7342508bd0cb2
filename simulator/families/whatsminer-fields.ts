import { f1, f2, f4, f8, macWithColons, quoted } from '../c-format.ts';
import { hostOf, percent4, shareFields, utility } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { BoardState } from '../board-state.ts';
import type { MinerState, PoolState } from '../miner-state.ts';

/** MH/s, in which btminer counts on port 4028. */
const MHS = 1e6;

/** What a firmware generation calls itself. */
export function whatsminerFirmware(device: Device): { version: string; api: string } {
  switch (device.model.dialect) {
    case 'whatsminer-v1':
      return { version: '20210322.22.REL', api: '1.4.0' };
    case 'whatsminer-v2-msg':
      return { version: '20230911.12.REL', api: '2.0.4' };
    case 'whatsminer-v2':
      return { version: '20230803.11.REL', api: '2.0.5' };
    default:
      return { version: '20251209.16.Rel2', api: '3.0.2' };
  }
}

/** The board sensors a Whatsminer reports are one per board: the hottest. */
export function boardTempC(board: BoardState): number {
  return board.boardTempsC[1];
}

/** Coldest, average and hottest chip of some boards. */
export function chipTemps(boards: readonly BoardState[]): [number, number, number] {
  const all = boards.flatMap((board) => board.chipTempsC);
  if (all.length === 0) return [0, 0, 0];
  return [Math.min(...all), all.reduce((sum, c) => sum + c, 0) / all.length, Math.max(...all)];
}

/** What the machine complains about, in MicroBT's positional codes. */
export function errorCodes(state: MinerState): number[] {
  return state.complaints.flatMap((kind) => {
    switch (kind) {
      case 'board-missing':
        return [530];
      case 'board-dead':
        return [550];
      case 'fan':
        return [110];
      case 'chips':
        return [560];
      case 'overheat':
        return [350];
      case 'pool':
        return [2020];
      default:
        return [];
    }
  });
}

/** Nominal rate by the factory's test: it does not shrink when a board goes missing. */
export function factoryThs(state: MinerState): number {
  return state.ratedThs;
}

export function powerLimitW(device: Device): number {
  return Math.ceil((device.model.powerW * 1.05) / 100) * 100;
}

/** Field list of SUMMARY, between its braces. */
export function summaryFields(device: Device, state: MinerState): string {
  const { rateThs } = state;
  const [coldest, mean, hottest] = chipTemps(found(state));
  const { version } = whatsminerFirmware(device);
  const oldest = device.model.dialect === 'whatsminer-v1';
  return (
    `"Elapsed":${state.uptimeS},"MHS av":${f2(state.averageThs * MHS)},"MHS 5s":${f2(rateThs[5] * MHS)},` +
    `"MHS 1m":${f2(rateThs[60] * MHS)},"MHS 5m":${f2(rateThs[300] * MHS)},"MHS 15m":${f2(rateThs[900] * MHS)},` +
    `"HS RT":${f2(rateThs[60] * MHS)},` +
    (oldest ? legacyCounters(device, state) : '') +
    `"Accepted":${state.accepted},"Rejected":${state.rejected},"Hardware Errors":${state.hwErrors},` +
    `"Total MH":${f4(state.averageThs * MHS * state.uptimeS)},` +
    `"Temperature":${f2(Math.max(0, ...found(state).map(boardTempC)))},"freq_avg":${device.model.frequencyMhz},` +
    `"Fan Speed In":${state.fansRpm[0] ?? 0},"Fan Speed Out":${state.fansRpm[1] ?? 0},` +
    `"Voltage":${Math.round(device.model.voltageV * 100)},"Power":${state.powerW},` +
    (oldest ? `"Power_RT":${state.powerW},` : powerRate(state)) +
    `"Device Hardware%":0.0000,"Device Rejected%":${percent4(state.rejected, state.accepted + state.rejected)},` +
    `"Pool Rejected%":${percent4(state.rejected, state.accepted + state.rejected)},` +
    `"Pool Stale%":${percent4(state.stale, state.accepted + state.stale)},"Last getwork":0,` +
    `"Uptime":${state.uptimeS + 90},` +
    (oldest ? legacyErrors(state) : '') +
    `"Security Mode":0,"Liquid Cooling":false,"Hash Stable":true,"Hash Stable Cost Seconds":415,` +
    `"Hash Deviation%":0.0214,"Target Freq":${device.model.frequencyMhz},` +
    `"Target MHS":${Math.round(device.ratedThs * MHS)},"Env Temp":${f2(state.ambientC)},` +
    `"Power Mode":"Normal",` +
    // Only the oldest builds put the version in apostrophes; 20200917 even escaped them.
    `"Firmware Version":"${oldest ? `'${version}'` : version}",` +
    `"CB Platform":"${oldest ? 'ALLWINNER_H3' : 'ALLWINNER_H616'}","CB Version":"V10",` +
    `"MAC":"${macWithColons(device.mac)}","Factory GHS":${Math.round(factoryThs(state) * 1000)},` +
    `"Power Limit":${powerLimitW(device)},"Chip Temp Min":${f2(coldest)},"Chip Temp Max":${f2(hottest)},` +
    `"Chip Temp Avg":${f2(mean)}${oldest ? '' : ',"Btminer Fast Boot":"disable"'}`
  );
}

function powerRate(state: MinerState): string {
  const now = state.rateThs[60];
  return `"Power Rate":${now === 0 ? '0.00' : f2(state.powerW / now)},`;
}

function legacyCounters(device: Device, state: MinerState): string {
  return (
    `"Found Blocks":0,"Getworks":${Math.floor(state.uptimeS / 25)},"Utility":${utility(state)},` +
    `"Discarded":${state.accepted * 5},"Stale":${state.stale},"Get Failures":0,` +
    `"Local Work":${state.accepted * 170},"Remote Failures":0,` +
    `"Network Blocks":${Math.floor(state.uptimeS / 600)},"Work Utility":0.00,` +
    `${shareFields(device, state)},"Best Share":${state.bestShare},`
  );
}

function legacyErrors(state: MinerState): string {
  const codes = errorCodes(state);
  const listed = codes.map((code, index) => `"Error Code ${index}":${code},`).join('');
  return `${listed}"Error Code Count":${codes.length},"Factory Error Code Count":0,`;
}

/** One row of DEVS or EDEVS per board. */
export function deviceRow(device: Device, state: MinerState, board: BoardState): string {
  const rate = (windowS: 5 | 60 | 300 | 900): string =>
    f2(state.rateThs[windowS] * board.share * MHS);
  const [coldest, mean, hottest] = chipTemps([board]);
  const accepted = Math.floor(state.accepted * board.share);
  return (
    `{"ASC":${board.index},"Name":"SM","ID":${board.index},"Slot":${board.index},"Enabled":"Y","Status":"Alive",` +
    `"Temperature":${f2(boardTempC(board))},"Chip Frequency":${board.frequencyMhz},` +
    `"Fan Speed In":${state.fansRpm[0] ?? 0},"Fan Speed Out":${state.fansRpm[1] ?? 0},` +
    `"MHS av":${f2(state.averageThs * board.share * MHS)},"MHS 5s":${rate(5)},"MHS 1m":${rate(60)},` +
    `"MHS 5m":${rate(300)},"MHS 15m":${rate(900)},"Factory GHS":${Math.round(board.ratedThs * 1000)},` +
    `"Accepted":${accepted},"Rejected":${Math.floor(state.rejected * board.share)},` +
    `"Hardware Errors":${board.hwErrors},"Utility":${f2((accepted * 60) / Math.max(1, state.uptimeS))},` +
    `"Last Share Pool":0,"Last Share Time":${state.timeS},` +
    `"Total MH":${f4(state.averageThs * board.share * MHS * state.uptimeS)},"Diff1 Work":0,` +
    `"Difficulty Accepted":${f8(accepted * device.shareDifficulty)},` +
    `"Last Share Difficulty":${f8(device.shareDifficulty)},"Device Hardware%":0.0000,` +
    `"Device Rejected%":0.0000,"Device Elapsed":${state.uptimeS},"Upfreq Complete":${state.uptimeS > 360 ? 1 : 0},` +
    `"Effective Chips":${board.chipsGood},"PCB SN":"${board.serial}",` +
    `"Chip Temp Min":${f2(coldest)},"Chip Temp Max":${f2(hottest)},"Chip Temp Avg":${f2(mean)},` +
    `"chip_vol_diff":11}`
  );
}

/** Boards the controller sees. */
export function found(state: MinerState): BoardState[] {
  return state.boards.filter((board) => board.found);
}

export function poolRow(device: Device, state: MinerState, pool: PoolState): string {
  const difficulty = device.shareDifficulty;
  // API 2 counts pools from one.
  const number = pool.priority + (device.model.dialect === 'whatsminer-v1' ? 0 : 1);
  return (
    `{"POOL":${number},"URL":${quoted(pool.url)},"Status":"${pool.alive ? 'Alive' : 'Dead'}",` +
    `"Priority":${pool.priority},"Quota":1,"Long Poll":"N","Getworks":${Math.floor(state.uptimeS / 25)},` +
    `"Accepted":${pool.accepted},"Rejected":${pool.rejected},"Works":${pool.accepted * 170},` +
    `"Discarded":0,"Stale":${pool.stale},"Get Failures":${pool.alive ? 0 : 2},"Remote Failures":0,` +
    `"User":${quoted(pool.user)},"Last Share Time":${pool.active ? state.timeS : 0},"Diff1 Shares":0,` +
    `"Proxy Type":"","Proxy":"","Difficulty Accepted":${f8(pool.accepted * difficulty)},` +
    `"Difficulty Rejected":${f8(pool.rejected * difficulty)},"Difficulty Stale":${f8(pool.stale * difficulty)},` +
    `"Last Share Difficulty":${f8(pool.active ? difficulty : 0)},"Work Difficulty":${f8(pool.active ? difficulty : 0)},` +
    `"Has Stratum":true,"Stratum Active":${pool.active},"Stratum URL":"${pool.active ? hostOf(pool.url) : ''}",` +
    `"Stratum Difficulty":${f8(pool.active ? difficulty : 0)},"Has GBT":false,` +
    `"Best Share":${pool.active ? state.bestShare : 0},` +
    `"Pool Rejected%":${percent4(pool.rejected, pool.accepted + pool.rejected)},` +
    `"Pool Stale%":${percent4(pool.stale, pool.accepted + pool.stale)},"Bad Work":0,` +
    `"Current Block Height":0,"Current Block Version":536870912}`
  );
}

/** One decimal, as API 3 prints temperatures. */
export const tenth = (value: number): number => Number(f1(value));
/** Three decimals, as API 3 prints TH/s. */
export const milli = (value: number): number => Number(value.toFixed(3));
