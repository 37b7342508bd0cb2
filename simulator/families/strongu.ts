import { f2, macWithColons, quoted } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import type { Web } from '../web.ts';
import {
  boardRows,
  deviceFields,
  makeFork,
  poolFields,
  poolRows,
  summaryFields,
} from './cgminer-fork.ts';

export const stronguDialects: Partial<Record<Dialect, RpcDialect>> = {
  strongu: makeFork({
    description: 'cgminer 4.11.1',
    rows: {
      version: () => [{ CGMiner: '"4.11.1"', API: '"3.7"' }],
      summary: (device, state) => {
        const { Elapsed = 0, ...rest } = summaryFields(device, state);
        return [
          {
            Elapsed,
            'Miner type': '"dash"',
            'Fan Num': state.fansRpm.length,
            ...Object.fromEntries(state.fansRpm.map((rpm, fan) => [`Fan${fan + 1}`, rpm])),
            ...rest,
          },
        ];
      },
      devs: (device, state) =>
        boardRows(state, (board) => ({
          ...deviceFields(device, state, board, device.model.type),
          volt: f2(board.voltageV),
          ChipNum: board.chips,
          Frequency: board.frequencyMhz,
        })),
      pools: (device, state) =>
        poolRows(state, (pool) => ({
          ...poolFields(device, state, pool),
          // ctime() ends its line, and so does this string.
          'Last Share Time': `"${lineOf(pool.active ? state.timeS : 0)}\n"`,
        })),
    },
  }),
};

/** "Tue Jun 16 10:16:42 2020". */
function lineOf(timeS: number): string {
  const [day = '', date = '', month = '', year = '', time = ''] = new Date(timeS * 1000)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${day} ${month} ${date} ${time} ${year}`;
}

export const stronguWeb: Web = {
  contentType: 'application/json',
  realm: 'stuMiner Configuration',
  pages: (device: Device, state: MinerState, path: string) => {
    if (path === '/')
      return '<html><head><title>StrongU Miner</title></head><body></body></html>\n';
    if (path !== '/cgi-bin/get_network_info.cgi') return null;
    return (
      `{"conf_nettype":"DHCP","conf_ntpserver":"pool.ntp.org","conf_hostname":${quoted(device.hostname)},` +
      `"conf_ipaddress":"${state.address}","conf_netmask":"255.255.255.0","conf_gateway":"","conf_dnsservers":"",` +
      `"conf_macaddr":"${macWithColons(device.mac)}"}`
    );
  },
};
