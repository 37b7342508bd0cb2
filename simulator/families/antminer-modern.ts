import { f0, f1, f2, macWithColons, quoted, withSuffix } from '../c-format.ts';
import type { Device } from '../device.ts';
import type { BoardState } from '../board-state.ts';
import type { MinerState } from '../miner-state.ts';
import { antminerVersion, boardRateThs, chipMap, idealThs } from './antminer-stats.ts';

const GHS = 1000;

/** Four sensors of a board, hottest first. */
const quad = (inlet: number, outlet: number): string =>
  `[${[outlet, inlet, outlet - 2, outlet - 3].map(f0).join(',')}]`;

/** One line of the page's self-check. */
const check = (type: string, ok: boolean, code: number, msg: string): string =>
  `{"type":"${type}","status":"${ok ? 's' : 'e'}","code":${ok ? 0 : code},"msg":"${ok ? '' : msg}"}`;

/** The modern dialect: pages of the S19's web interface, and RPC with `"new_api": true`. */
export function modernStats(device: Device, state: MinerState): string {
  const found = state.boards.filter((board) => board.found);
  return (
    `{${modernHead(device, state, 'stats')},"STATS":[{${modernRates(state)},` +
    `"chain_num":${found.length},"fan_num":${state.fansRpm.length},"fan":[${state.fansRpm.join(',')}],` +
    `"hwp_total":0.0000,"miner-mode":${state.activity === 'sleeping' ? 1 : 0},"freq-level":100,` +
    (device.model.dialect === 'antminer-s21' ? `"watt":${state.powerW},` : '') +
    `"chain":[${found.map((board) => chain(device, state, board)).join(',')}]}]}`
  );
}

function chain(device: Device, state: MinerState, board: BoardState): string {
  const [inlet, outlet] = board.boardTempsC;
  return (
    `{"index":${board.index},"freq_avg":${f0(board.frequencyMhz)},` +
    `"rate_ideal":${f1(board.ratedThs * GHS)},"rate_real":${f2(boardRateThs(state, board) * GHS)},` +
    `"asic_num":${board.chips},"asic":"${chipMap(device, board, state, 8)}",` +
    `"temp_pic":${quad(inlet - 10, outlet - 10)},"temp_pcb":${quad(inlet, outlet)},` +
    `"temp_chip":${quad(board.chipTempsC[0], board.chipTempsC[1])},` +
    `"hw":${board.hwErrors},"eeprom_loaded":true,"sn":"${board.serial}","hwp":0.0000}`
  );
}

export function modernSummary(device: Device, state: MinerState): string {
  const complains = (...kinds: string[]): boolean =>
    state.complaints.some((kind) => kinds.includes(kind));
  const status = [
    check('rate', !complains('board-dead', 'board-missing', 'chips'), 1, 'hashrate is too low'),
    check('network', !complains('pool'), 2, 'pool 0 is not reachable'),
    check('fans', !complains('fan'), 3, 'fan lost'),
    check('temp', !complains('overheat'), 4, 'temperature is too high'),
  ].join(',');
  return (
    `{${modernHead(device, state, 'summary')},"SUMMARY":[{${modernRates(state)},` +
    `"hw_all":${state.hwErrors},"bestshare":${state.bestShare},"status":[${status}]}]}`
  );
}

export function modernPools(device: Device, state: MinerState): string {
  const rows = state.pools.map(
    (pool) =>
      `{"index":${pool.priority},"url":${quoted(pool.url)},"user":${quoted(pool.user)},` +
      `"status":"${pool.alive ? 'Alive' : 'Dead'}","priority":${pool.priority},` +
      `"getworks":${Math.floor(state.uptimeS / 30)},"accepted":${pool.accepted},` +
      `"rejected":${pool.rejected},"discarded":${pool.accepted * 6},"stale":${pool.stale},` +
      `"diff":"${pool.active ? withSuffix(device.shareDifficulty) : ''}","diff1":0,` +
      `"diffa":${pool.accepted * device.shareDifficulty},"diffr":${pool.rejected * device.shareDifficulty},` +
      `"diffs":0,"lsdiff":${pool.active ? device.shareDifficulty : 0},"lstime":"0:00:0${state.timeS % 10}"}`,
  );
  return `{${modernHead(device, state, 'pools')},"POOLS":[${rows.join(',')}]}`;
}

export function modernSystemInfo(device: Device, address: string): string {
  const { compileTime } = antminerVersion(device);
  return JSON.stringify({
    minertype: device.model.type,
    nettype: 'DHCP',
    netdevice: 'eth0',
    macaddr: macWithColons(device.mac),
    hostname: device.hostname,
    ipaddress: address,
    netmask: '255.255.255.0',
    gateway: '',
    dnsservers: '',
    system_mode: 'GNU/Linux',
    system_kernel_version: 'Linux 4.9.113 #1 SMP PREEMPT',
    system_filesystem_version: compileTime,
    firmware_type: 'Release',
    serinum: device.serial,
  });
}

function modernHead(device: Device, state: MinerState, message: string): string {
  const { miner, compileTime, type } = antminerVersion(device);
  return (
    `"STATUS":{"STATUS":"S","when":${state.timeS},"Msg":"${message}","api_version":"1.0.0"},` +
    `"INFO":{"miner_version":"${miner}","CompileTime":"${compileTime}","type":"${type}"}`
  );
}

function modernRates(state: MinerState): string {
  return (
    `"elapsed":${state.uptimeS},"rate_5s":${f2(state.rateThs[5] * GHS)},` +
    `"rate_30m":${f2(state.rateThs[1800] * GHS)},"rate_avg":${f2(state.averageThs * GHS)},` +
    `"rate_ideal":${f1(idealThs(state) * GHS)},"rate_unit":"GH/s"`
  );
}
