import { macWithColons } from '../c-format.ts';
import { POOL_PASSWORD } from '../device.ts';
import type { Device } from '../device.ts';
import type { MinerState, PoolState } from '../miner-state.ts';
import { double, flag, message, text, uint } from '../protobuf.ts';
import { RELEASE } from './braiins.ts';

/** Braiins' API since 23.03, on port 50051. The numbers are those of its public definition. */

const GHS = 1e3;
const SERVICE = '/braiins.bos.v1.';
/** Mining normally, paused. */
const NORMAL = 2;
const PAUSED = 3;
const TUNES_TO_POWER = 1;

const found = (state: MinerState) => state.boards.filter((board) => board.found);
const rate = (field: number, ths: number) => message(field, double(1, ths * GHS));
const degrees = (field: number, tempC: number) => message(field, double(1, tempC));
const watts = (field: number, value: number) => message(field, uint(1, value));

/** The reply to a call, or null when there is none. */
export function answerGrpc(device: Device, state: MinerState, path: string): Buffer | null {
  if (path === '/braiins.bos.ApiVersionService/GetApiVersion') {
    return Buffer.concat([uint(1, 1), uint(2, 5)]);
  }
  const members = path.startsWith(SERVICE)
    ? messageOf(device, state, path.slice(SERVICE.length))
    : null;
  return members === null ? null : Buffer.concat(members);
}

function messageOf(device: Device, state: MinerState, call: string): Buffer[] | null {
  switch (call) {
    case 'MinerService/GetMinerDetails':
      return details(device, state);
    case 'MinerService/GetMinerStats':
      return [
        message(1, ...shares(device, state)),
        message(2, ...solver(state, 1, ratedThs(state))),
        message(
          3,
          watts(1, state.powerW),
          message(2, double(1, state.powerW / Math.max(1, state.rateThs[60]))),
        ),
      ];
    case 'MinerService/GetHashboards':
      return found(state).map((board) => boardOf(device, state, board));
    case 'MinerService/GetErrors':
      return [];
    case 'CoolingService/GetCoolingState':
      return [
        ...state.fansRpm.map((rpm, fan) => message(1, uint(1, fan), uint(2, rpm), double(3, 0.7))),
        message(2, message(3, double(1, Math.max(...found(state).map(hottest), 0)))),
      ];
    case 'PoolService/GetPoolGroups':
      return [
        message(
          1,
          text(1, 'default'),
          message(2, uint(1, 1)),
          ...state.pools.map((pool) => poolOf(device, pool)),
        ),
      ];
    case 'ConfigurationService/GetMinerConfiguration':
      return configuration(device, state);
    case 'PerformanceService/GetActivePerformanceMode':
      return [message(2, message(1, watts(1, device.model.powerW)))];
    case 'PerformanceService/GetTunerState':
      return [uint(1, 3), message(2, watts(2, device.model.powerW))];
    case 'ActionsService/GetLocateDeviceStatus':
      return [flag(1, false)];
    default:
      return null;
  }
}

const hottest = ({ chipTempsC }: MinerState['boards'][number]): number => chipTempsC[1];
const ratedThs = (state: MinerState): number =>
  found(state).reduce((sum, board) => sum + board.ratedThs, 0);

function details(device: Device, state: MinerState): Buffer[] {
  return [
    text(1, device.serial),
    message(2, text(3, device.model.type), text(4, device.model.type)),
    message(5, text(1, RELEASE), text(2, '25.03'), flag(3, true)),
    text(6, device.hostname),
    text(7, macWithColons(device.mac).toLowerCase()),
    uint(8, state.uptimeS + 40),
    rate(9, device.model.hashrateThs),
    uint(10, state.uptimeS),
    uint(11, state.uptimeS + 40),
    uint(12, state.activity === 'sleeping' ? PAUSED : NORMAL),
    text(13, '4.4.0'),
    text(16, device.serial),
  ];
}

/** Windows the simulator does not keep have the next shorter one's rate. */
function solver(state: MinerState, share: number, nominalThs: number): Buffer[] {
  const of = state.rateThs;
  const windows = [of[5], of[20], of[30], of[60], of[300], of[900], of[1800], of[1800], of[1800]];
  return [
    message(
      1,
      ...windows.map((ths, index) => rate(index + 1, ths * share)),
      rate(10, state.averageThs * share),
    ),
    rate(2, nominalThs),
    uint(5, state.bestShare),
  ];
}

function boardOf(device: Device, state: MinerState, board: MinerState['boards'][number]): Buffer {
  return message(
    1,
    text(1, String(board.index + 1)),
    flag(2, true),
    message(3, uint(1, board.chips)),
    message(4, double(1, board.voltageV)),
    message(5, double(1, board.frequencyMhz * 1e6)),
    message(6, degrees(3, board.chipTempsC[1])),
    degrees(7, board.boardTempsC[1]),
    message(8, ...solver(state, board.share, board.ratedThs)),
    text(9, device.model.type),
    degrees(10, board.boardTempsC[0]),
    degrees(11, board.boardTempsC[1]),
    text(12, board.serial),
  );
}

function shares(
  device: Device,
  counted: Pick<PoolState, 'accepted' | 'rejected' | 'stale'>,
): Buffer[] {
  return [
    uint(1, counted.accepted),
    uint(2, counted.rejected),
    uint(3, counted.stale),
    uint(4, Math.round(device.shareDifficulty)),
  ];
}

function poolOf(device: Device, pool: PoolState): Buffer {
  return message(
    4,
    text(1, `pool-${pool.priority}`),
    text(2, pool.url),
    text(3, pool.user),
    flag(4, true),
    flag(5, pool.alive),
    flag(6, pool.active),
    message(7, ...shares(device, pool)),
  );
}

function configuration(device: Device, state: MinerState): Buffer[] {
  const pools = state.pools.map(({ url, user, priority }) =>
    message(
      5,
      text(1, `pool-${priority}`),
      text(2, url),
      text(3, user),
      text(4, POOL_PASSWORD),
      flag(5, true),
    ),
  );
  return [
    message(1, text(1, 'group-0'), text(2, 'default'), message(3, uint(1, 1)), ...pools),
    message(2, message(2, degrees(1, 60), degrees(2, 80), degrees(3, 90))),
    message(3, flag(1, true), uint(2, TUNES_TO_POWER), watts(3, device.model.powerW)),
  ];
}
