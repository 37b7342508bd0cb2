import { macWithColons } from '../c-format.ts';
import { hostOf } from '../cgminer-protocol.ts';
import { POOL_PASSWORD } from '../device.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Web } from '../web.ts';
import { found, MHS } from './cgminer-fork.ts';

const CONNECTORS = 12;

const api: Web = {
  contentType: 'application/json',
  port: 4028,
  pages: (device, state, path) => {
    const page = pageOf(device, state, path);
    return page === null ? null : JSON.stringify(page);
  },
};

const ui: Web = {
  contentType: 'text/html',
  pages: (_device, _state, path) =>
    path === '/'
      ? '<!doctype html><html><head><title>Miner Web Dashboard</title></head><body><div id="root"></div></body></html>\n'
      : null,
};

/** HTTP where others have cgminer, and the application on 80. */
export const epicWebs: readonly Web[] = [ui, api];

const chips = (count: number, value: (chip: number) => unknown) =>
  Array.from({ length: count }, (_, chip) => value(chip));

function pageOf(device: Device, state: MinerState, path: string): unknown {
  const perBoard = (value: (board: MinerState['boards'][number]) => unknown) =>
    found(state).map((board) => ({ Index: board.index, Total: 0, Data: value(board) }));
  switch (path) {
    case '/summary':
      return summary(device, state);
    case '/capabilities':
      return capabilities(device, state);
    case '/network':
      return {
        dhcp: {
          address: state.address,
          dns: '127.0.0.1',
          gateway: '127.0.0.1',
          mac_address: macWithColons(device.mac),
          netmask: '255.255.255.0',
        },
      };
    case '/temps':
      return perBoard(({ boardTempsC }) => boardTempsC);
    case '/temps/chip':
      return perBoard((board) =>
        chips(board.chips, (chip) => {
          const [inlet, outlet] = board.chipTempsC;
          return inlet + ((outlet - inlet) * chip) / Math.max(1, board.chips - 1);
        }),
      );
    case '/hashrate': {
      return perBoard((board) =>
        chips(board.chips, (chip) => {
          const isGood = chip < board.chipsGood;
          const mhs = isGood ? (state.rateThs[5] * board.share * MHS) / board.chipsGood : 0;
          return [mhs, percentOf(mhs, (board.ratedThs * MHS) / board.chips), 0.8];
        }),
      );
    }
    case '/clocks':
      return perBoard((board) => chips(board.chips, () => board.frequencyMhz));
    case '/voltages':
      return perBoard((board) => chips(board.chips, () => 0));
    default:
      return null;
  }
}

const percentOf = (part: number, whole: number): number => (whole === 0 ? 0 : (part / whole) * 100);

/** Without the scheme, as the page of the pool in use has it. */
const bare = (url: string): string => `${hostOf(url)}:${url.split(':').at(-1)}`;

function summary(device: Device, state: MinerState) {
  const working = found(state).filter(({ chipsGood }) => chipsGood > 0);
  const pool = state.pools.find(({ active }) => active);
  const isOn = state.activity === 'hashing' || state.activity === 'starting';
  return {
    Hostname: device.hostname,
    Software: 'PowerPlay-BMS v1.5.13',
    'OS Type': 'umcOS',
    Preset: null,
    PresetInfo: { 'Target Power': device.model.powerW },
    Mining: { Algorithm: 'SHA-256', Coin: 'BTC' },
    Misc: { 'Critical Temp': 100, 'Locate Miner State': false, 'Shutdown Temp': 85 },
    Status: {
      'Last Command': null,
      'Last Command Result': null,
      'Last Error': state.activity === 'overheated' ? 'Shutdown temperature reached' : null,
      'Operating State': isOn ? 'Mining' : 'Idling',
    },
    PerpetualTune: {
      Running: isOn,
      Algorithm: {
        VoltageOptimizer: {
          'Min Throttle Target': 50,
          Optimized: true,
          Target: Math.round(device.ratedThs),
          'Throttle Step': 5,
          'Throttle Target': null,
          Unit: 'TH/s',
        },
      },
    },
    Session: {
      Uptime: state.uptimeS,
      'Startup Timestamp': state.timeS - state.uptimeS,
      'Last Work Timestamp': state.timeS,
      'Active HBs': working.length,
      'Average MHs': state.averageThs * MHS,
      LastAverageMHs: { Hashrate: state.rateThs[1800] * MHS, Timestamp: state.timeS },
      Accepted: state.accepted,
      Rejected: state.rejected,
      Submitted: state.accepted + state.rejected + state.stale,
      Difficulty: device.shareDifficulty,
    },
    Stratum: {
      'Average Latency': 0.038,
      'Config Id': pool?.priority ?? 0,
      'Current Pool': bare(pool?.url ?? ''),
      'Current User': pool?.user ?? '',
      IsPoolConnected: pool?.alive ?? false,
      'Worker Unique Id': false,
    },
    StratumConfigs: state.pools.map(({ url, user }) => ({
      pool: url,
      login: user,
      password: POOL_PASSWORD,
    })),
    'Power Supply Stats': {
      'Input Power': state.powerW,
      'Output Power': state.powerW * 0.95,
      'Output Voltage': device.model.voltageV,
      'Target Voltage': Math.round(device.model.voltageV * 1000),
    },
    Fans: {
      'Fan Mode': { Auto: { 'Idle Speed': 20, 'Target Temperature': 60 } },
      'Fans Speed': Math.round(((state.fansRpm[0] ?? 0) / device.model.fanMaxRpm) * 100),
      'Minimum Working Fans': 0,
    },
    // An object, and null where nothing is plugged in.
    'Fans Rpm': Object.fromEntries(
      Array.from({ length: CONNECTORS }, (_, fan) => [
        `Fans Speed ${fan + 1}`,
        state.fansRpm[fan] ?? null,
      ]),
    ),
    HBStatus: state.boards.map((board) => ({
      Index: board.index,
      Detected: board.found,
      Enabled: board.found,
    })),
    // Only those that work.
    HBs: working.map((board) => ({
      Index: board.index,
      'Core Clock': [],
      'Core Clock Avg': board.frequencyMhz,
      Hashrate: [
        state.rateThs[5] * board.share * MHS,
        percentOf(state.rateThs[5] * board.share, board.ratedThs),
        0.8,
      ],
      'Input Current': 0,
      'Input Power': 0,
      'Input Voltage': board.voltageV,
      'Output Current': 0,
      'Output Power': 0,
      'Output Voltage': 0,
      Temperature: board.boardTempsC[1],
    })),
  };
}

function capabilities(device: Device, state: MinerState) {
  const { model } = device;
  return {
    Model: model.type,
    'Model Subtype': 'BHB56801',
    'Chip Type': 'BM1366',
    'Chips Per Bank': 10,
    Coins: ['BTC'],
    'Max HBs': model.boards,
    'Default Clock': model.frequencyMhz,
    'Default Hashrate': device.ratedThs,
    'Default Voltage': Math.round(model.voltageV * 1000),
    'Performance Estimator': {
      'Chip Count': model.chipsPerBoard,
      'Hashes Per Second Per Chip': 894,
    },
    'Board Serial Numbers': found(state).map(({ serial }) => serial),
    'Control Board Version': {
      cpuHardware: 'STM32 (Device Tree Support)',
      cpuSerial: device.serial,
      carrierBoardVersion: '4.1.0',
      somBoardVersion: '7.1.0',
    },
    PerpetualTune: [
      { algorithm: 'VoltageOptimizer', name: 'Voltage Optimizer', min: 60, max: 300 },
    ],
  };
}
