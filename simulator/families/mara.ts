import { macWithColons, quoted } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import { CODE, envelope } from '../cgminer-protocol.ts';
import type { BoardState } from '../board-state.ts';
import { POOL_PASSWORD } from '../device.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import { idealThs } from './antminer-stats.ts';

const GHS = 1000;
const FIRMWARE = 'MaraFW rel 3.14_590';
const DESCRIPTION = 'kaonsu 3.14';
/** What the chips run at beyond what the raw sensor at the board's edge says. */
const RAW_BELOW_CHIP_C = 15;

/** On 4028 it names itself; all else is on the web. */
export const maraDialects: Partial<Record<Dialect, RpcDialect>> = {
  mara: {
    description: DESCRIPTION,
    joins: false,
    acceptsCmd: false,
    privileged: new Set(['restart', 'quit', 'addpool']),
    commands: {
      version: (device, state) =>
        envelope(
          { whenS: state.timeS, code: CODE.version, message: 'versions', description: DESCRIPTION },
          'VERSION',
          [
            `{"API":"3.7","Kaonsu":"3.14","Firmware":"${FIRMWARE}","Model":${quoted(device.model.type)}}`,
          ],
        ),
    },
  },
};

const STATUS = {
  starting: 'Starting',
  hashing: 'Mining',
  overheated: 'Failure',
  sleeping: 'Sleep',
} as const;

export function maraPage(device: Device, state: MinerState, path: string): string | null {
  switch (path) {
    case '/kaonsu/v1/overview':
      return JSON.stringify({
        control_board: 'CVCtrl',
        is_one_shot_firmware: false,
        mac: macWithColons(device.mac),
        model: device.model.type,
        model_extended: `${device.model.type} (${device.model.hashrateThs}.0TH)`,
        version_firmware: FIRMWARE,
      });
    case '/kaonsu/v1/brief':
      return JSON.stringify(briefOf(state));
    case '/kaonsu/v1/hashboards':
      return JSON.stringify({
        hashboard_num: state.boards.filter(({ found }) => found).length,
        hashboard_num_ideal: state.boards.length,
        hashboards: state.boards.map((board) => boardOf(state, board)),
      });
    case '/kaonsu/v1/fans':
      return JSON.stringify({
        error: false,
        error_description: '',
        fans: state.fansRpm.map((rpm, index) => ({
          current_speed: rpm,
          index,
          max_speed: device.model.fanMaxRpm,
        })),
        percent: 70,
        profile: 'AirCooling',
      });
    case '/kaonsu/v1/pools':
      return JSON.stringify(
        state.pools.map((pool) => ({
          index: pool.priority,
          url: pool.url,
          user: pool.user,
          status: pool.alive ? 'Alive' : 'Dead',
          priority: pool.priority,
          accepted: pool.accepted,
          rejected: pool.rejected,
          stale: pool.stale,
          discarded: 0,
        })),
      );
    case '/kaonsu/v1/network_config':
      return JSON.stringify({ hostname: device.hostname, dhcp: true });
    case '/kaonsu/v1/miner_config':
      return JSON.stringify({
        pools: state.pools.map(({ url, user }) => ({ url, user, pass: POOL_PASSWORD })),
        'general-config': { 'environment-profile': 'AirCooling' },
        'advance-config': { 'override-fan-control': false, 'fan-fixed-percent': 0 },
        mode: {
          'work-mode-selector': state.activity === 'sleeping' ? 'Sleep' : 'Auto',
          concorde: { 'mode-select': 'PowerTarget', 'power-target': device.model.powerW },
        },
      });
    case '/kaonsu/v1/details':
      return JSON.stringify({
        hashboard_infos: state.boards
          .filter(({ found }) => found)
          .map((board) => ({
            index: board.index,
            asic_num: board.chips,
            hashrate_avg: state.averageThs * board.share * GHS,
            hashrate_ideal: board.ratedThs * GHS,
            serial_number: board.serial,
            asic_infos: [],
          })),
      });
    case '/kaonsu/v1/locate_miner':
      return '{"blinking":false}';
    default:
      return null;
  }
}

function briefOf(state: MinerState) {
  const isWhole = state.boards.every(({ found, chipsGood }) => found && chipsGood > 0);
  const hottest = Math.max(...state.boards.map(({ chipTempsC }) => chipTempsC[1]));
  return {
    elapsed: state.uptimeS,
    hashrate_average: state.averageThs * GHS,
    hashrate_ideal: idealThs(state) * GHS,
    hashrate_realtime: state.rateThs[5] * GHS,
    hashrate_unit: 'GH/s',
    indicator: isWhole ? 'Fully functional' : 'Degraded',
    indicator_long: isWhole ? '' : 'Hash board error',
    power_consumption_estimated: state.powerW,
    power_source: 'EST',
    status: STATUS[state.activity],
    status_long: `${STATUS[state.activity]}...`,
    temperature_max: hottest - RAW_BELOW_CHIP_C,
    work_mode: state.activity === 'sleeping' ? 'Sleep' : 'Auto',
  };
}

/** A board that is gone stays in the list, all noughts. */
function boardOf(state: MinerState, board: BoardState) {
  const chips = Math.max(...state.boards.map((one) => one.chips));
  if (!board.found) {
    const none = { temperature_chip: [0], temperature_pcb: [0], temperature_raw: [0] };
    return { asic_num: 0, asic_num_ideal: chips, index: board.index, present: false, ...none };
  }
  return {
    asic_num: board.chips,
    asic_num_ideal: chips,
    frequency_average: board.frequencyMhz,
    hashrate_average: state.averageThs * board.share * GHS,
    hashrate_ideal: board.ratedThs * GHS,
    hashrate_realtime_10m: state.rateThs[5] * board.share * GHS,
    index: board.index,
    power_consumption_estimated: state.powerW * board.share,
    present: true,
    serial_number: board.serial,
    temperature_chip: board.chipTempsC,
    temperature_pcb: board.boardTempsC,
    temperature_raw: board.chipTempsC.map((tempC) => tempC - RAW_BELOW_CHIP_C),
  };
}
