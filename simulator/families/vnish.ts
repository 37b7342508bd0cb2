import { f2, macWithColons, quoted } from '../c-format.ts';
import type { RpcCommand, RpcDialect } from '../cgminer-protocol.ts';
import { CODE } from '../cgminer-protocol.ts';
import type { BoardState } from '../board-state.ts';
import type { Device } from '../device.ts';
import { POOL_PASSWORD } from '../device.ts';
import type { MinerState, PoolState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import { idealThs } from './antminer-stats.ts';

const GHS = 1000;
const RELEASE = '1.2.9';
const DESCRIPTION = 'cgminer 4.11.1';

const status = (state: MinerState, code: number, message: string) =>
  `"STATUS":[{"STATUS":"S","When":${state.timeS},"Code":${code},"Msg":${quoted(message)},"Description":"${DESCRIPTION}"}]`;

/** No `id` at the end, also of a refusal. */
const reply =
  (
    code: number,
    message: string,
    section: string,
    rows: (device: Device, state: MinerState) => string[],
  ): RpcCommand =>
  (device, state) =>
    `{${status(state, code, message)},"${section}":[${rows(device, state).join(',')}]}`;

const found = (state: MinerState) => state.boards.filter((board) => board.found);
const stateName = ({ activity }: MinerState) =>
  ({ starting: 'initializing', hashing: 'mining', overheated: 'failure', sleeping: 'stopped' })[
    activity
  ];

export const vnishDialects: Partial<Record<Dialect, RpcDialect>> = {
  vnish: {
    description: DESCRIPTION,
    joins: false,
    acceptsCmd: false,
    privileged: new Set(['restart', 'quit', 'addpool', 'switchpool']),
    error: (whenS, _code, message) =>
      `{"STATUS":[{"STATUS":"E","When":${whenS},"Code":0,"Msg":${quoted(message)},"Description":"${DESCRIPTION}"}]}`,
    // `version` is not among them.
    commands: {
      summary: reply(CODE.summary, 'Summary', 'SUMMARY', (_device, state) => [
        `{"Elapsed":${state.uptimeS},"GHS 5s":${f2(state.rateThs[5] * GHS)},"GHS av":${f2(state.averageThs * GHS)},"Accepted":${state.accepted},"Rejected":${state.rejected},"Hardware Errors":${state.hwErrors},"Stale":${state.stale},"Best Share":${state.bestShare},"Pool Rejected%":0.0}`,
      ]),
      stats: reply(CODE.stats, 'CGMiner stats', 'STATS', (device, state) => [
        `{"Type":"${device.model.type} (Vnish ${RELEASE})","Miner":"0.0.0","Cgminer":"${RELEASE}","CompileTime":"2026-03-22 19:12:30"}`,
        statsRow(state),
      ]),
      devdetails: reply(CODE.devdetails, 'Device Details', 'DEVDETAILS', () => [
        '{"DEVDETAILS":0,"Name":"BTM_SOC","ID":0,"Driver":"bitmain_soc_drv","Kernel":"","Model":"","Device Path":""}',
      ]),
      pools: reply(CODE.pools, 'Pool(s)', 'POOLS', (_device, state) =>
        [...state.pools, devFee(state)].map(
          (pool) =>
            `{"POOL":${pool.priority},"URL":${quoted(bare(pool.url))},"Type":${pool.url === 'DevFee' ? 1 : 0},"User":${quoted(pool.user)},"Status":"${pool.alive ? 'Alive' : 'Dead'}","Accepted":${pool.accepted},"Rejected":${pool.rejected},"Stale":${pool.stale},"Stratum Active":${pool.active}}`,
        ),
      ),
    },
  },
};

const bare = (url: string) => url.replace('stratum+tcp://', '');

/** The developer's pool is one more; what it took is not counted with the farm's. */
function devFee(state: MinerState): PoolState {
  return {
    url: 'DevFee',
    user: 'DevFee',
    priority: state.pools.length,
    alive: true,
    active: true,
    accepted: 0,
    rejected: 0,
    stale: 0,
  };
}

function statsRow(state: MinerState): string {
  const chains = found(state)
    .map((board) => {
      const n = board.index + 1;
      const [inlet, outlet] = board.boardTempsC.map(Math.round);
      const [coolest, hottest] = board.chipTempsC.map(Math.round);
      return (
        `"temp_sens${n}":"m-m-m-m","temp_chip${n}":"${hottest}-${coolest}-${hottest}-${hottest}","temp_pcb${n}":"${outlet}-${inlet}-${outlet}-${outlet}",` +
        `"chain_consumption${n}":${watts(state, board)},"chain_hw${n}":${board.hwErrors},"chain_rateideal${n}":${f2(board.ratedThs * GHS)},` +
        `"chain_rate${n}":${f2(state.rateThs[5] * board.share * GHS)},"freq_avg${n}":${f2(board.frequencyMhz)},"chain_vol${n}":${Math.round(board.voltageV * 1000)},` +
        `"chain_state${n}":"${stateName(state)}","chain_fault${n}":"","chain_acn${n}":${board.chips},`
      );
    })
    .join('');
  const fans = state.fansRpm.map((rpm, fan) => `"fan${fan + 1}":${Math.round(rpm)},`).join('');
  return (
    `{"Elapsed":${state.uptimeS},"GHS 5s":"${f2(state.rateThs[5] * GHS)}","GHS av":${f2(state.averageThs * GHS)},${chains}${fans}` +
    `"fan_num":${state.fansRpm.length},"fan_pwm":70,"state":"${stateName(state)}","total_rate":${f2(state.rateThs[5] * GHS)},"total_rateideal":${f2(idealThs(state) * GHS)}}`
  );
}

const watts = (state: MinerState, board: BoardState) => Math.round(state.powerW * board.share);

/** "1:55" within the first day, then "10 days, 18:00". */
function uptimeText(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const minutes = Math.floor((seconds % 86_400) / 60);
  const clock = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
  return days === 0 ? clock : `${days} day${days === 1 ? '' : 's'}, ${clock}`;
}

export function vnishPage(device: Device, state: MinerState, path: string): string | null {
  switch (path) {
    case '/':
      return '<!DOCTYPE html>\n<html><head><meta name="firmware" content="AnthillOS"><title>Firmware</title></head><body></body></html>\n';
    case '/api/v1/info':
      return JSON.stringify({
        miner: device.model.type,
        model: device.model.type.replace('Antminer ', '').replaceAll(' ', '').toLowerCase(),
        fw_name: 'Vnish',
        fw_version: RELEASE,
        platform: 'aml',
        build_time: '2026-03-22 19:12:30',
        algorithm: 'sha256d',
        hr_measure: 'GH/s',
        system: {
          network_status: {
            mac: macWithColons(device.mac),
            dhcp: true,
            ip: state.address,
            hostname: device.hostname,
          },
          uptime: uptimeText(state.uptimeS),
        },
        serial: device.serial,
      });
    case '/api/v1/summary':
      return JSON.stringify({ miner: summaryOf(device, state) });
    case '/api/v1/status':
      return JSON.stringify({
        miner_state: stateName(state),
        miner_state_time: state.uptimeS,
        find_miner: false,
      });
    case '/api/v1/settings':
      return JSON.stringify({
        miner: {
          overclock: { preset: String(device.model.powerW), modded_psu: false },
          pools: state.pools.map(({ url, user }) => ({
            url: bare(url),
            user,
            pass: POOL_PASSWORD,
          })),
        },
        network: { hostname: device.hostname, dhcp: true },
      });
    case '/api/v1/perf-summary':
      return JSON.stringify({
        current_preset: {
          name: String(device.model.powerW),
          pretty: `${device.model.powerW} watt`,
        },
      });
    default:
      return null;
  }
}

/** The key to the rest of the API; what the simulator has of it is open to all. */
export function vnishPost(path: string): string | null {
  return path === '/api/v1/unlock' ? '{"token":"0c0ffee0"}' : null;
}

function summaryOf(device: Device, state: MinerState) {
  return {
    miner_status: { miner_state: stateName(state), miner_state_time: state.uptimeS },
    miner_type: `${device.model.type} (Vnish ${RELEASE})`,
    hr_stock: device.model.hashrateThs * GHS,
    average_hashrate: state.averageThs,
    instant_hashrate: state.rateThs[5],
    hr_realtime: state.rateThs[5] * GHS,
    hr_nominal: idealThs(state) * GHS,
    hr_average: state.averageThs * GHS,
    power_consumption: state.powerW,
    power_usage: state.powerW,
    hw_errors: state.hwErrors,
    pools: [...state.pools, devFee(state)].map((pool) => ({
      id: pool.priority,
      url: bare(pool.url),
      pool_type: pool.url === 'DevFee' ? 'DevFee' : 'UserPool',
      user: pool.user,
      status: pool.active ? 'active' : pool.alive ? 'working' : 'offline',
      accepted: pool.accepted,
      rejected: pool.rejected,
      stale: pool.stale,
    })),
    cooling: {
      fan_num: state.fansRpm.length,
      fans: state.fansRpm.map((rpm, id) => ({
        id,
        rpm,
        status: rpm > 0 ? 'ok' : 'lost',
        max_rpm: device.model.fanMaxRpm,
      })),
      fan_duty: 70,
    },
    chains: found(state).map((board) => ({
      id: board.index + 1,
      frequency: board.frequencyMhz,
      voltage: Math.round(board.voltageV * 1000),
      power_consumption: watts(state, board),
      hashrate_ideal: board.ratedThs * GHS,
      hashrate_rt: state.rateThs[5] * board.share * GHS,
      hw_errors: board.hwErrors,
      pcb_temp: minMax(board.boardTempsC),
      chip_temp: minMax(board.chipTempsC),
      chip_statuses: { red: board.chips - board.chipsGood, orange: 0, grey: board.chipsGood },
      status: { state: stateName(state) },
    })),
    psu: { psu_power_metering: true },
  };
}

const minMax = ([min, max]: readonly [number, number]) => ({
  min: Math.round(min),
  max: Math.round(max),
});
