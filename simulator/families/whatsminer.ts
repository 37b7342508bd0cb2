import { macWithColons } from '../c-format.ts';
import { CODE, envelope } from '../cgminer-protocol.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import {
  deviceRow,
  errorCodes,
  found,
  poolRow,
  powerLimitW,
  summaryFields,
  whatsminerFirmware,
} from './whatsminer-fields.ts';

/** Code of a btminer reply that is no error. */
const API_OK = 131;

const PRIVILEGED = new Set([
  'get_token',
  'update_pools',
  'restart_btminer',
  'power_off',
  'power_on',
  'set_led',
  'set_low_power',
  'set_normal_power',
  'set_high_power',
  'adjust_power_limit',
  'set_target_freq',
  'set_power_pct',
  'update_firmware',
  'reboot',
  'factory_reset',
  'update_pwd',
  'net_config',
  'set_hostname',
  'set_zone',
  'load_log',
  'download_logs',
  'ascset',
  'addpool',
  'switchpool',
  'restart',
  'quit',
]);

/** btminer's envelope: the payload in `Msg`. */
const msg = (state: MinerState, payload: string): string =>
  `{"STATUS":"S","When":${state.timeS},"Code":${API_OK},"Msg":${payload},"Description":""}`;

function makeDialect(dialect: Dialect): RpcDialect {
  const v1 = dialect === 'whatsminer-v1';
  const v2msg = dialect === 'whatsminer-v2-msg';
  const description = v1 ? 'cgminer 4.9.2' : 'btminer';

  /** cgminer's envelope; btminer of API 2 leaves When, Code and Description out of it. */
  const wrap = (
    state: MinerState,
    code: number,
    message: string,
    section: string,
    rows: readonly string[],
  ): string =>
    v1
      ? envelope({ whenS: state.timeS, code, message, description }, section, rows)
      : `{"STATUS":[{"STATUS":"S","Msg":"${message}"}],"${section}":[${rows.join(',')}],"id":1}`;

  const boards = (device: Device, state: MinerState): string => {
    const rows = found(state).map((board) => deviceRow(device, state, board));
    return wrap(state, CODE.devs, `${rows.length} ASC(s)`, 'DEVS', rows);
  };

  return {
    description,
    joins: !v2msg,
    acceptsCmd: !v1,
    privileged: PRIVILEGED,
    ...(v1
      ? {}
      : {
          error: (whenS: number, code: number, message: string) =>
            `{"STATUS":"E","When":${whenS},"Code":${code},"Msg":"${
              code === CODE.invalidCommand ? 'invalid cmd' : message
            }","Description":"whatsminer v1.3"}`,
        }),
    commands: {
      summary: (device, state) =>
        v2msg
          ? msg(state, `{${summaryFields(device, state)}}`)
          : wrap(state, CODE.summary, 'Summary', 'SUMMARY', [`{${summaryFields(device, state)}}`]),
      devs: boards,
      edevs: boards,
      pools: (device, state) =>
        wrap(
          state,
          CODE.pools,
          `${state.pools.length} Pool(s)`,
          'POOLS',
          state.pools.map((pool) => poolRow(device, state, pool)),
        ),
      devdetails: (device, state) =>
        wrap(
          state,
          CODE.devdetails,
          'Device Details',
          'DEVDETAILS',
          found(state).map(
            ({ index }) =>
              `{"DEVDETAILS":${index},"Name":"SM","ID":${index},"Driver":"bitmicro","Kernel":"","Model":"${device.model.type}"}`,
          ),
        ),
      version: (device, state) =>
        v1
          ? wrap(state, CODE.version, 'CGMiner versions', 'VERSION', [
              '{"CGMiner":"4.9.2","API":"3.7"}',
            ])
          : msg(state, versionFields(device)),
      get_version: (device, state) => msg(state, versionFields(device)),
      status: (device, state) => msg(state, statusFields(device, state)),
      get_miner_info: (device, state) =>
        msg(
          state,
          JSON.stringify({
            ip: state.address,
            proto: 'dhcp',
            netmask: '255.255.255.0',
            dns: '',
            gateway: '',
            mac: macWithColons(device.mac),
            hostname: device.hostname,
            ledstat: 'auto',
            minersn: device.serial,
          }),
        ),
      get_psu: (device, state) => msg(state, psuFields(device, state)),
      get_error_code: (_device, state) => msg(state, errorList(state, v2msg)),
    },
  };
}

export const whatsminerDialects: Partial<Record<Dialect, RpcDialect>> = {
  'whatsminer-v1': makeDialect('whatsminer-v1'),
  'whatsminer-v2-msg': makeDialect('whatsminer-v2-msg'),
  'whatsminer-v2': makeDialect('whatsminer-v2'),
  'whatsminer-v3': makeDialect('whatsminer-v3'),
};

function versionFields(device: Device): string {
  const { version, api } = whatsminerFirmware(device);
  const v1 = device.model.dialect === 'whatsminer-v1';
  return JSON.stringify({
    api_ver: v1 ? `whatsminer v${api}` : api,
    fw_ver: version,
    platform: v1 ? 'H3' : 'H616',
    chip: v1 ? 'K88' : 'K81',
  });
}

function statusFields(device: Device, state: MinerState): string {
  const { version } = whatsminerFirmware(device);
  const off = String(state.activity === 'sleeping');
  return JSON.stringify(
    device.model.dialect === 'whatsminer-v1'
      ? { btmineroff: off, 'Firmware Version': `'${version}'` }
      : {
          mineroff: off,
          mineroff_reason: off === 'true' ? 'manual' : '',
          mineroff_time: '',
          FirmwareVersion: version,
          power_mode: 'normal',
          power_limit_set: String(powerLimitW(device)),
          hash_percent: '0',
        },
  );
}

/** btminer prints the supply's numbers as strings: 0.01 V, mA, rpm. */
function psuFields(device: Device, state: MinerState): string {
  return JSON.stringify({
    name: 'P221C',
    hw_version: 'V01.00',
    sw_version: '230224.220429',
    model: 'P221C',
    iin: String(Math.round((state.powerW / 229) * 1000)),
    vin: '22900',
    vout: String(Math.round(device.model.voltageV * 100)),
    pin: String(state.powerW),
    fan_speed: String(psuFanRpm(state)),
    version: '-1',
    serial_no: `P${device.serial.slice(-10)}`,
    vendor: '1',
    temp0: (state.ambientC + 14).toFixed(1),
  });
}

/** The supply's own fan turns with the load. */
export function psuFanRpm(state: MinerState): number {
  return 5200 + Math.round(state.powerW / 4);
}

/** API 2.0.4 prints `["110":"time"]`, an array of pairs, which no JSON parser takes. */
function errorList(state: MinerState, pairsInArray: boolean): string {
  const at = new Date(state.timeS * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const pairs = errorCodes(state).map((code) => `"${code}":"${at}"`);
  const items = pairsInArray ? pairs : pairs.map((pair) => `{${pair}}`);
  return `{"error_code":[${items.join(',')}]}`;
}
