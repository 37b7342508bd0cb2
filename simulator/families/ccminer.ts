import { f0, f4, f6, macWithColons, quoted } from '../c-format.ts';
import { CODE, envelope, percent4, shareFields, utility } from '../cgminer-protocol.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import { POOL_PASSWORD } from '../device.ts';
import type { Device } from '../device.ts';
import type { BoardState } from '../board-state.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import { antminerPoolRow } from './antminer-pools.ts';
import { boardRateThs, chipMap } from './antminer-stats.ts';

/**
 * "ccminer 2.3.3" of Hammer, VolcMiner and Blackminer: a fork of Bitmain's cgminer with four slots, rates
 * as text, and no comma between the objects of STATS.
 */
const DESCRIPTION = 'ccminer 2.3.3';
const SLOTS = 4;

interface Unit {
  key: 'MHS' | 'GHS';
  perThs: number;
}

function unitOf(device: Device): Unit {
  return device.model.dialect === 'ccminer-ghs'
    ? { key: 'GHS', perThs: 1e3 }
    : { key: 'MHS', perThs: 1e6 };
}

function buildOf(device: Device): string {
  const builds: Partial<Record<Device['model']['family'], string>> = {
    hammer: '2023-05-10 11-20-35 CST',
    volcminer: '2025-02-10 16-51-04 CST',
  };
  return builds[device.model.family] ?? '2020-06-10 15-01-07 CST';
}

/** VolcMiner leaves its build time out. */
function identity(device: Device): string {
  const { family, type } = device.model;
  const built = family === 'volcminer' ? '' : `"CompileTime":"${buildOf(device)}",`;
  return `"Miner":"${family === 'hammer' ? '2.0.2.2' : '1.3.0.8'}",${built}"Type":"${type}"`;
}

const dialect: RpcDialect = {
  description: DESCRIPTION,
  joins: false,
  acceptsCmd: false,
  privileged: new Set(['config', 'devdetails', 'restart', 'quit', 'addpool', 'switchpool', 'save']),
  commands: {
    version: (device, state) =>
      reply(state, CODE.version, 'CGMiner versions', 'VERSION', [
        `{"CGMiner":"2.3.3","API":"3.1",${identity(device)}}`,
      ]),
    summary: (device, state) =>
      reply(state, CODE.summary, 'Summary', 'SUMMARY', [summaryRow(device, state)]),
    stats: (device, state) =>
      reply(
        state,
        CODE.stats,
        'CGMiner stats',
        'STATS',
        [`{"CGMiner":"2.3.3",${identity(device)}}`, statsRow(device, state)],
        '',
      ),
    pools: (device, state) =>
      reply(
        state,
        CODE.pools,
        `${state.pools.length} Pool(s)`,
        'POOLS',
        state.pools.map((pool) => antminerPoolRow(device, state, pool)),
      ),
  },
};

export const ccminerDialects: Partial<Record<Dialect, RpcDialect>> = {
  'ccminer-mhs': dialect,
  'ccminer-ghs': dialect,
};

function reply(
  state: MinerState,
  code: number,
  message: string,
  section: string,
  rows: readonly string[],
  separator?: string,
): string {
  const status = { whenS: state.timeS, code, message, description: DESCRIPTION };
  return envelope(status, section, rows, separator);
}

function summaryRow(device: Device, state: MinerState): string {
  const { key, perThs } = unitOf(device);
  // The same difficulty twice, as text: the counters are the pools'.
  const difficulty = `"${(8).toFixed(4).padStart(8)}"`;
  return (
    `{"Elapsed":${state.uptimeS},"${key} 5s":"${f4(state.rateThs[5] * perThs)}",` +
    `"${key} av":"${f4(state.averageThs * perThs)}","Found Blocks":0,` +
    `"Getworks":${Math.floor(state.uptimeS / 30)},"Accepted":${difficulty},"Rejected":${difficulty},` +
    `"Hardware Errors":${state.hwErrors},"Utility":${utility(state)},"Discarded":${state.accepted * 6},` +
    `"Stale":${state.stale},"Get Failures":0,"Local Work":${state.accepted * 80},"Remote Failures":0,` +
    `"Network Blocks":${Math.floor(state.uptimeS / 60)},` +
    `"Total MH":${f4(state.averageThs * 1e6 * state.uptimeS)},${shareFields(device, state)},` +
    `"Best Share":${state.bestShare},"Device Hardware%":0.0000,` +
    `"Pool Rejected%":${percent4(state.rejected, state.accepted + state.rejected)},` +
    `"Pool Stale%":${percent4(state.stale, state.accepted + state.stale)},"Last getwork":${state.timeS}}`
  );
}

function statsRow(device: Device, state: MinerState): string {
  const { key, perThs } = unitOf(device);
  const found = state.boards.filter((board) => board.found);
  const slots = (name: string, value: (board: BoardState) => string, absent = '0'): string =>
    Array.from({ length: SLOTS }, (_, slot) => {
      const board = state.boards[slot];
      return `"${name}${slot + 1}":${board?.found ? value(board) : absent},`;
    }).join('');
  return (
    `{"STATS":0,"ID":"A30","Elapsed":${state.uptimeS},"Calls":0,"Wait":${f6(0)},"Max":${f6(0)},` +
    `"Min":${f6(99_999_999)},"${key} 5s":"${f4(state.rateThs[5] * perThs)}",` +
    `"${key} av":"${f4(state.averageThs * perThs)}","miner_count":${found.length},` +
    `"frequency":"${device.model.frequencyMhz}","fan_num":${state.fansRpm.length},` +
    `${state.fansRpm.map((rpm, fan) => `"fan${fan + 1}":${rpm},`).join('')}"temp_num":${found.length},` +
    slots('temp', ({ boardTempsC: [, outlet] }) => f0(outlet)) +
    `"temp_max":${f0(Math.max(0, ...found.map(({ boardTempsC: [, outlet] }) => outlet)))},` +
    `"Device Hardware%":0.0000,"no_matching_work":${state.hwErrors},` +
    slots('chain_acn', (board) => String(board.chips)) +
    slots('chain_acs', (board) => `"${chipMap(device, board, state, 8)}"`, '""') +
    slots('chain_hw', (board) => String(board.hwErrors)) +
    slots('chain_rate', (board) => `"${f4(boardRateThs(state, board) * perThs)}"`, '""')
  ).replace(/,$/, '}');
}

/** A page of the web interface, behind the realm that all three makers have. */
export function ccminerPage(device: Device, state: MinerState, path: string): string | null {
  switch (path) {
    case '/':
      return '<html><head><title>Miner Configuration</title></head><body></body></html>\n';
    case '/cgi-bin/get_system_info.cgi':
      return systemInfo(device, state);
    case '/cgi-bin/get_network_info.cgi':
      return JSON.stringify({
        nettype: 'DHCP',
        netdevice: 'eth0',
        macaddr: macWithColons(device.mac),
        ipaddress: state.address,
        conf_nettype: 'DHCP',
        conf_hostname: device.hostname,
      });
    case '/cgi-bin/get_miner_conf.cgi':
      return minerConf(device, state);
    case '/cgi-bin/get_miner_status.cgi':
      return minerStatus(device, state);
    default:
      return null;
  }
}

/** A Blackminer does not say its type here. */
function systemInfo(device: Device, state: MinerState): string {
  const { family, type } = device.model;
  return JSON.stringify({
    ...(family === 'blackminer' ? {} : { minertype: type }),
    nettype: 'DHCP',
    macaddr: macWithColons(device.mac),
    hostname: device.hostname,
    ipaddress: state.address,
    system_filesystem_version: buildOf(device),
    cgminer_version: '2.3.3',
  });
}

function minerConf(device: Device, state: MinerState): string {
  const pools = state.pools
    .map(
      ({ url, user }) =>
        `{\n"url" : ${quoted(url)},\n"user" : ${quoted(user)},\n"pass" : "${POOL_PASSWORD}"\n}`,
    )
    .join(',\n');
  const coin = device.model.family === 'blackminer' ? '"coin-type": "ckb",\n' : '';
  return `{\n"pools" : [\n${pools}\n]\n,\n"api-listen": true,\n"api-network": true,\n"freq": "${device.model.frequencyMhz}",\n${coin}"api-allow": "R:0/0,W:127.0.0.1"\n}\n`;
}

/** Numbers as text; VolcMiner groups their thousands. */
function minerStatus(device: Device, state: MinerState): string {
  const { perThs } = unitOf(device);
  const rate = (ths: number): string =>
    device.model.family === 'volcminer'
      ? (ths * perThs).toLocaleString('en-US', { maximumFractionDigits: 1 })
      : f4(ths * perThs);
  const fans = state.fansRpm.map((rpm, fan) => [`fan${fan + 1}`, String(rpm)] as const);
  return JSON.stringify({
    summary: {
      elapsed: String(state.uptimeS),
      ghs5s: rate(state.rateThs[5]),
      ghsav: rate(state.averageThs),
      hw: String(state.hwErrors),
    },
    pools: state.pools.map((pool) => ({
      index: String(pool.priority),
      url: pool.url,
      user: pool.user,
      status: pool.alive ? 'Alive' : 'Dead',
      priority: String(pool.priority),
      accepted: String(pool.accepted),
      rejected: String(pool.rejected),
      stale: String(pool.stale),
    })),
    ...Object.fromEntries(fans),
    devs: state.boards
      .filter((board) => board.found)
      .map((board) => ({
        index: String(board.index + 1),
        chain_acn: String(board.chips),
        freq: String(board.frequencyMhz),
        temp: f0(board.boardTempsC[1]),
        chain_acs: chipMap(device, board, state, 8),
        hw: String(board.hwErrors),
      })),
  });
}
