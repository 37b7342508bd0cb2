import { macWithColons } from '../c-format.ts';
import { POOL_PASSWORD } from '../device.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Web } from '../web.ts';
import { MHS } from './cgminer-fork.ts';

const RELEASE = 'V1.0.5';

const rate = (ths: number): number => Number((ths * MHS).toFixed(2));

/** CGI pages with the names of Bitmain's, behind a realm of their own. Nothing on 4028. */
export const elphapexWeb: Web = {
  contentType: 'application/json',
  realm: 'Daoge Miner',
  pages: (device, state, path) => {
    const page = pageOf(device, state, path);
    return page === null ? null : JSON.stringify(page);
  },
};

function pageOf(device: Device, state: MinerState, path: string): unknown {
  switch (path) {
    case '/cgi-bin/stats.cgi':
      return page(device, state, 'stats', { STATS: [stats(device, state)] });
    case '/cgi-bin/summary.cgi':
      return page(device, state, 'summary', { SUMMARY: [summary(state)] });
    case '/cgi-bin/pools.cgi':
      return page(device, state, 'pools', { POOLS: pools(device, state) });
    case '/cgi-bin/get_miner_conf.cgi':
      return {
        algo: 'ltc',
        'fc-fan-ctrl': false,
        'fc-fan-pwm': '20',
        'fc-freq': String(device.model.frequencyMhz),
        'fc-freq-level': '100',
        'fc-voltage': String(Math.round(device.model.voltageV * 100)),
        'fc-work-mode': state.activity === 'sleeping' ? 1 : 0,
        pools: state.pools.map(({ url, user }) => ({ url, user, pass: POOL_PASSWORD })),
      };
    case '/cgi-bin/get_power.cgi':
      return { power_output: String(state.powerW), power_sn: device.serial, power_temp: '270' };
    case '/cgi-bin/get_system_info.cgi':
      return {
        minertype: device.model.type,
        nettype: 'DHCP',
        netdevice: 'eth0',
        macaddr: macWithColons(device.mac).toLowerCase(),
        hostname: device.hostname,
        ipaddress: state.address,
        system_mode: 'GNU/Linux',
        system_kernel_version: '4.4.194 #1 SMP Wed Feb 26 11:19:53 CST 2025',
        system_filesystem_version: `${device.model.type}_${RELEASE}`,
        firmware_type: 'Release',
        Algorithm: 'Scrypt',
      };
    case '/cgi-bin/get_network_info.cgi':
      return {
        nettype: 'DHCP',
        macaddr: macWithColons(device.mac).toLowerCase(),
        ipaddress: state.address,
        conf_hostname: device.hostname,
      };
    case '/cgi-bin/get_blink_status.cgi':
      return { blink: false };
    default:
      return null;
  }
}

/** `when` counts from power-on; the clock is `timestamp`. */
function page(device: Device, state: MinerState, Msg: string, said: Record<string, unknown>) {
  return {
    STATUS: {
      STATUS: 'S',
      when: state.uptimeS + 40,
      timestamp: state.timeS,
      Msg,
      api_version: '1.0.0',
    },
    INFO: {
      miner_version: `${device.model.type}_${RELEASE}`,
      CompileTime: '',
      dev_sn: device.serial,
      type: device.model.type,
      hw_version: `${device.model.type}_HW_V1.0`,
    },
    ...said,
  };
}

/** A window of half an hour is not kept. */
function rates(state: MinerState) {
  return {
    elapsed: state.uptimeS,
    rate_5s: rate(state.rateThs[5]),
    rate_15m: rate(state.rateThs[900]),
    rate_30m: 0,
    rate_avg: rate(state.averageThs),
    rate_ideal: rate(state.ratedThs),
    rate_unit: 'MH/s',
  };
}

function stats(device: Device, state: MinerState) {
  return {
    ...rates(state),
    chain_num: state.boards.filter(({ found }) => found).length,
    fan_num: state.fansRpm.length,
    fan: state.fansRpm.map(String),
    hwp_total: 0.1,
    'miner-mode': state.activity === 'sleeping' ? 1 : 0,
    'freq-level': 100,
    chain: state.boards.map((board) => ({
      index: board.index,
      freq_avg: board.frequencyMhz,
      rate_ideal: board.found ? rate(board.ratedThs) : 0,
      rate_real: board.found ? rate(state.rateThs[5] * board.share) : 0,
      rate_15m: board.found ? rate(state.rateThs[900] * board.share) : 0,
      asic_num: board.chips,
      // Drawn of boards that are not there, too.
      asic: chipRow(device.model.chipsPerBoard),
      // Four constants, whatever the board's temperature.
      temp_pic: [47, 46, 67, 66],
      temp_pcb: [47, 46, 67, 66],
      temp_chip: sensors(board.found ? board.chipTempsC : null),
      hw: board.hwErrors,
      sn: board.found ? board.serial : '',
    })),
  };
}

const chipRow = (chips: number): string =>
  Array.from({ length: Math.ceil(chips / 9) }, (_, group) =>
    'o'.repeat(Math.min(9, chips - group * 9)),
  ).join(' ');

/** Thousandths of a degree, as text; four places. */
function sensors(temps: readonly [number, number] | null): string[] {
  if (temps === null) return ['', '', '', ''];
  const [inlet, outlet] = temps.map((tempC) => String(Math.round(tempC * 1000)));
  return [inlet ?? '', inlet ?? '', outlet ?? '', outlet ?? ''];
}

const check = (type: string, isFine: boolean, msg: string) => ({
  type,
  status: isFine ? 's' : 'e',
  code: isFine ? 0 : 1,
  msg: isFine ? '' : msg,
});

function summary(state: MinerState) {
  return {
    ...rates(state),
    hw_all: state.hwErrors,
    bestshare: state.bestShare,
    status: [
      check(
        'rate',
        state.boards.every(({ found, chipsGood }) => found && chipsGood > 0),
        'hashrate low',
      ),
      check(
        'network',
        state.pools.some(({ alive }) => alive),
        'no pool',
      ),
      check(
        'fans',
        state.fansRpm.every((rpm) => rpm > 0),
        'fan lost',
      ),
      check('temp', state.activity !== 'overheated', 'too hot'),
    ],
  };
}

function pools(device: Device, state: MinerState) {
  return state.pools.map((pool) => ({
    index: pool.priority,
    url: pool.url,
    user: pool.user,
    status: pool.alive ? 'Alive' : 'Unreachable',
    priority: pool.priority,
    getworks: Math.floor(state.uptimeS / 30),
    accepted: pool.accepted,
    rejected: pool.rejected,
    stale: pool.stale,
    discarded: 0,
    diff: String(device.shareDifficulty),
    diff1: 0,
    diffa: pool.accepted * device.shareDifficulty,
    diffr: pool.rejected * device.shareDifficulty,
    diffs: pool.stale * device.shareDifficulty,
    lsdiff: device.shareDifficulty,
    lstime: pool.active ? '00:00:02' : '',
  }));
}
