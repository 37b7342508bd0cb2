import { macWithColons } from '../c-format.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Web } from '../web.ts';
import { found } from './cgminer-fork.ts';

const GHS = 1e3;
const RELEASE = '1.8.0';

/** Open to readers; the page says what it is. */
export const protoWeb: Web = {
  contentType: 'application/json',
  // Its owner logs in to change it; what reads needs no token, but some clients bring one.
  posts: (_device, _state, path) =>
    path === '/api/v1/auth/login' ? '{"access_token":"0c0ffee0","refresh_token":"0c0ffee1"}' : null,
  pages: (device, state, path) => {
    if (path === '/') {
      return {
        contentType: 'text/html',
        body: '<!doctype html><html><head><title>Proto OS</title></head><body><div id="root"></div></body></html>\n',
      };
    }
    const page = pageOf(device, state, path);
    return page === null ? null : JSON.stringify(page);
  },
};

const measure = (value: number, unit: string) => ({ unit, value });

function pageOf(device: Device, state: MinerState, path: string): unknown {
  switch (path) {
    case '/api/v1/system':
      return { 'system-info': system(device, state) };
    case '/api/v1/network':
      return {
        'network-info': {
          dhcp: true,
          gateway: '127.0.0.1',
          hostname: device.hostname,
          ip_address: state.address,
          mac: macWithColons(device.mac),
          netmask: '255.255.255.0',
        },
      };
    case '/api/v1/mining':
      return { 'mining-status': mining(device, state) };
    case '/api/v1/mining/target':
      return { power_target_watts: device.model.powerW };
    case '/api/v1/hardware':
      return { 'hardware-info': hardware(device, state) };
    case '/api/v1/pools':
      return {
        pools: state.pools.map((pool) => ({
          id: pool.priority,
          name: `Pool ${pool.priority + 1}`,
          priority: pool.priority,
          url: pool.url,
          user: pool.user,
          enabled: true,
          status: pool.active ? 'Active' : pool.alive ? 'Idle' : 'Dead',
          connection_status: pool.active ? 'Active' : pool.alive ? 'Idle' : 'Dead',
          difficulty: String(device.shareDifficulty),
          accepted: pool.accepted,
          rejected: pool.rejected,
        })),
      };
    case '/api/v1/cooling':
      return {
        'cooling-status': {
          fan_mode: 'Auto',
          speed_percentage: percent(device, state.fansRpm[0] ?? 0),
          target_temperature_c: 50,
          fans: state.fansRpm.map((rpm, fan) => ({
            rpm,
            slot: fan + 1,
            speed_percentage: percent(device, rpm),
          })),
        },
      };
    case '/api/v1/errors':
      return state.fansRpm.flatMap((rpm, fan) =>
        rpm > 0
          ? []
          : [{ source: 'fan', slot: fan + 1, error_code: 'FAN_STOPPED', message: 'Fan stopped' }],
      );
    case '/api/v1/telemetry':
      return telemetry(device, state);
    default:
      return null;
  }
}

const percent = (device: Device, rpm: number): number =>
  Math.round((rpm / device.model.fanMaxRpm) * 100);

const part = (name: string) => ({ name, version: RELEASE });

function system(device: Device, state: MinerState) {
  return {
    board: 'C3',
    cb_sn: device.serial,
    manufacturer: 'Proto',
    model: device.model.type,
    product_name: `Proto ${device.model.type}`,
    soc: 'STM32MP157F',
    os: { ...part('ProtoOS'), hostname: device.hostname, variant: 'release' },
    mining_driver_sw: part('mcdd'),
    pool_interface_sw: part('stratum-client'),
    web_server: part('miner-api-server'),
    web_dashboard: part('miner-web'),
    uptime_seconds: state.uptimeS,
  };
}

const STATUS = {
  starting: 'PoweringOn',
  hashing: 'Mining',
  overheated: 'Error',
  sleeping: 'Stopped',
} as const;

const mean = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

function mining(device: Device, state: MinerState) {
  const boards = found(state);
  const rate = state.rateThs[5];
  return {
    status: STATUS[state.activity],
    hashboards_installed: boards.length,
    hashboards_mining: boards.filter(({ chipsGood }) => chipsGood > 0).length,
    hashrate_ghs: rate * GHS,
    average_hashrate_ghs: state.averageThs * GHS,
    ideal_hashrate_ghs: boards.reduce((sum, board) => sum + board.ratedThs, 0) * GHS,
    average_asic_temp_c: mean(boards.map(({ chipTempsC }) => chipTempsC[1])),
    average_hb_temp_c: mean(boards.map(({ boardTempsC }) => boardTempsC[1])),
    power_usage_watts: state.powerW,
    power_target_watts: device.model.powerW,
    power_efficiency_jth: rate === 0 ? 0 : state.powerW / rate,
    hw_errors: state.hwErrors,
    mining_uptime_s: state.uptimeS,
    reboot_uptime_s: state.uptimeS + 30,
  };
}

function hardware(device: Device, state: MinerState) {
  return {
    'cb-info': {
      board_id: 'CB-001',
      machine_name: device.model.type,
      serial_number: device.serial,
    },
    'hashboards-info': found(state).map((board) => ({
      board: 'B4',
      chip_id: 'BM1370',
      hb_sn: board.serial,
      mining_asic: 'BZM',
      mining_asic_count: board.chips,
      port: board.index,
      slot: board.index + 1,
    })),
    'fans-info': state.fansRpm.map((_, fan) => ({
      name: `Fan ${fan + 1}`,
      slot: fan + 1,
      min_rpm: 1000,
      max_rpm: device.model.fanMaxRpm,
    })),
    'psus-info': [],
  };
}

function telemetry(device: Device, state: MinerState) {
  return {
    timestamp: new Date(state.timeS * 1000).toISOString(),
    miner: {
      hashrate: measure(state.rateThs[5], 'TH/s'),
      power: measure(state.powerW, 'W'),
    },
    hashboards: found(state).map((board) => ({
      index: board.index,
      serial_number: board.serial,
      hashrate: measure(state.rateThs[5] * board.share, 'TH/s'),
      power: measure(state.powerW * board.share, 'W'),
      voltage: measure(board.voltageV, 'V'),
      current: measure((state.powerW * board.share) / device.model.voltageV, 'A'),
      temperature: {
        unit: '°C',
        inlet: board.boardTempsC[0],
        outlet: board.boardTempsC[1],
        average: (board.boardTempsC[0] + board.boardTempsC[1]) / 2,
      },
    })),
    psus: [],
  };
}
