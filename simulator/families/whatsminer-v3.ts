import { macWithColons } from '../c-format.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import { hex } from '../random.ts';
import {
  boardTempC,
  chipTemps,
  errorCodes,
  factoryThs,
  found,
  milli,
  powerLimitW,
  tenth,
  whatsminerFirmware,
} from './whatsminer-fields.ts';
import { psuFanRpm } from './whatsminer.ts';

/** API 3's codes. */
const OK = 0;
const FAILED = -1;
const INVALID_COMMAND = -2;
const PARAMETER_MISSING = -3;
const NO_PERMISSION = -4;

/** Answers one request of API 3 (port 4433); `denied` names a refused write. */
export function answerV3(
  device: Device,
  state: MinerState,
  received: string,
): { reply: string; denied: string | null } {
  let request: unknown;
  try {
    request = JSON.parse(received);
  } catch {
    return { reply: reply(FAILED, 'json parse error', '', state), denied: null };
  }
  const { cmd, param } = (request ?? {}) as { cmd?: unknown; param?: unknown };
  if (typeof cmd !== 'string') {
    return { reply: reply(INVALID_COMMAND, 'invalid command', '', state), denied: null };
  }
  const wanted = typeof param === 'string' && param !== '' ? param.split('+') : null;
  switch (cmd) {
    case 'get.device.info':
      return plain(reply(OK, pick(deviceInfo(device, state), wanted), cmd, state));
    case 'get.miner.status':
      if (wanted === null) return plain(reply(PARAMETER_MISSING, 'param missing', cmd, state));
      return plain(reply(OK, pick(minerStatus(device, state), wanted), cmd, state));
    case 'get.miner.setting':
      return plain(reply(OK, minerSetting(device), cmd, state));
    default:
      return cmd.startsWith('set.')
        ? { reply: reply(NO_PERMISSION, 'no permission', cmd, state), denied: cmd }
        : plain(reply(INVALID_COMMAND, 'invalid command', cmd, state));
  }
}

function plain(text: string): { reply: string; denied: null } {
  return { reply: text, denied: null };
}

function reply(code: number, msg: unknown, desc: string, state: MinerState): string {
  return JSON.stringify({ code, when: state.timeS, msg, desc });
}

function pick(all: Record<string, unknown>, wanted: readonly string[] | null): unknown {
  if (wanted === null) return all;
  return Object.fromEntries(
    wanted.filter((key) => Object.hasOwn(all, key)).map((key) => [key, all[key]]),
  );
}

function deviceInfo(device: Device, state: MinerState): Record<string, unknown> {
  const { version, api } = whatsminerFirmware(device);
  const family = device.model.type.replace(/V[A-Z]*\d+$/, '');
  const at = new Date(state.timeS * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return {
    network: {
      ip: state.address,
      proto: 'dhcp',
      netmask: '255.255.255.0',
      dns: '',
      gateway: '',
      mac: macWithColons(device.mac),
      hostname: device.hostname,
    },
    miner: {
      working: String(state.activity !== 'sleeping'),
      type: `${family}_${device.model.type.slice(family.length)}`,
      'hash-board': 'K40',
      'detect-hash-rate': state.boards.map((board) => Math.round(board.ratedThs * 1000)).join(':'),
      cointype: 'BTC',
      'pool-strategy': 'FAILOVER',
      'hash-percent': '0',
      'fast-boot': 'disable',
      'board-num': String(device.model.boards),
      'miner-sn': device.serial,
      ...Object.fromEntries(found(state).map((board) => [`pcbsn${board.index}`, board.serial])),
    },
    system: {
      api,
      platform: 'H616',
      fwversion: version,
      'control-board-version': 'CB6V10',
      ledstatus: 'auto',
      apiswitch: '1',
    },
    power: {
      type: 'P221C',
      mode: '1',
      hwversion: 'RT0159',
      swversion: '230224.220429',
      model: 'P221C',
      sn: `P${device.serial.slice(-10)}`,
      iin: Number((state.powerW / 229).toFixed(2)),
      vin: 229,
      pin: state.powerW,
      vout: Math.round(device.model.voltageV * 100),
      fanspeed: psuFanRpm(state),
      temp0: tenth(state.ambientC + 14),
      vendor: '1',
    },
    salt: hex(device.seed, 30, 8),
    'error-code': errorCodes(state).map((code) => ({ [code]: at, reason: 'see manual' })),
  };
}

function minerStatus(device: Device, state: MinerState): Record<string, unknown> {
  const boards = found(state);
  const [coldest, mean, hottest] = chipTemps(boards);
  return {
    summary: {
      elapsed: state.uptimeS,
      'bootup-time': state.uptimeS + 90,
      'freq-avg': device.model.frequencyMhz,
      'target-freq': device.model.frequencyMhz,
      'factory-hash': milli(factoryThs(state)),
      'hash-average': milli(state.averageThs),
      'hash-1min': milli(state.rateThs[60]),
      'hash-15min': milli(state.rateThs[900]),
      'hash-realtime': milli(state.rateThs[60]),
      'power-rate': state.rateThs[60] === 0 ? 0 : milli(state.powerW / state.rateThs[60]),
      'power-5min': state.powerW,
      'power-realtime': state.powerW,
      'environment-temperature': tenth(state.ambientC),
      'board-temperature': boards.map((board) => tenth(boardTempC(board))),
      'chip-temp-min': tenth(coldest),
      'chip-temp-avg': tenth(mean),
      'chip-temp-max': tenth(hottest),
      'power-limit': powerLimitW(device),
      'up-freq-finish': state.uptimeS > 360 ? 1 : 0,
      'fan-speed-in': state.fansRpm[0] ?? 0,
      'fan-speed-out': state.fansRpm[1] ?? 0,
    },
    pools: state.pools.map((pool) => ({
      id: pool.priority + 1,
      url: pool.url,
      account: pool.user,
      status: pool.alive ? 'alive' : 'dead',
      'stratum-active': pool.active,
      'reject-rate': pool.accepted === 0 ? 0 : milli((pool.rejected / pool.accepted) * 100),
      'last-share-time': pool.active ? state.timeS : 0,
    })),
    edevs: boards.map((board) => {
      const [min, avg, max] = chipTemps([board]);
      return {
        id: board.index,
        slot: board.index,
        'hash-average': milli(state.averageThs * board.share),
        'hash-realtime': milli(state.rateThs[60] * board.share),
        'factory-hash': milli(board.ratedThs),
        freq: board.frequencyMhz,
        'effective-chips': board.chipsGood,
        'chip-temp-min': tenth(min),
        'chip-temp-avg': tenth(avg),
        'chip-temp-max': tenth(max),
      };
    }),
  };
}

function minerSetting(device: Device): Record<string, unknown> {
  return {
    'power-limit': powerLimitW(device),
    'power-mode': 'normal',
    'power-percent': '100',
    'target-freq': '0',
    'upfreq-speed': '10',
    'fast-boot': 'disable',
  };
}
