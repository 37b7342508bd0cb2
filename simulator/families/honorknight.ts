import { f6, macWithColons } from '../c-format.ts';
import type { RpcDialect } from '../cgminer-protocol.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import type { Dialect } from '../models.ts';
import type { Web } from '../web.ts';
import {
  boardRows,
  deviceFields,
  found,
  makeFork,
  MHS,
  statsHead,
  summaryFields,
} from './cgminer-fork.ts';
import { chipFields } from './chain-rows.ts';

export const honorknightDialects: Partial<Record<Dialect, RpcDialect>> = {
  honorknight: makeFork({
    description: 'cgminer 4.10.0',
    rows: {
      version: () => [{ CGMiner: '"4.10.0"', API: '"3.7"' }],
      summary: (device, state) => [summaryFields(device, state)],
      edevs: (device, state) =>
        found(state).map((board) => deviceFields(device, state, board, 'IT1')),
      stats: (device, state) =>
        boardRows(state, (board, row) => ({
          ...statsHead(state, row, `IT1${board.index}`),
          'Chain ID': board.index,
          'Num chips': board.chips,
          'Num active chips': board.chipsGood,
          'Temp max': f6(board.chipTempsC[1]),
          'Temp min': f6(board.chipTempsC[0]),
          'Fan duty': Math.round(((state.fansRpm[0] ?? 0) / device.model.fanMaxRpm) * 100),
          ...Object.fromEntries(state.fansRpm.map((rpm, fan) => [`Fan${fan} rpm`, rpm])),
          PLL: board.frequencyMhz,
          'MHS av': f6(state.averageThs * board.share * MHS),
          Temp: f6(board.boardTempsC[1]),
          ...chipFields(board, 'Temp'),
        })),
    },
  }),
};

/** Nothing at `/`; who it is, at one address, with a line's end after the MAC. */
export const honorknightWeb: Web = {
  contentType: 'application/json',
  pages: (device: Device, state: MinerState, path: string) =>
    path === '/api/overview'
      ? JSON.stringify({
          decorator: 'none',
          minerInfo: {
            os: 'Linux',
            releaseDate: '20190903',
            ip: state.address,
            minerVersion: 'K2.1_20190903_122158',
            upTime: `${Math.floor(state.uptimeS / 60)}min `,
            macAddress: `${macWithColons(device.mac)}\n`,
            protocol: 'dhcp',
            model: device.model.type,
            hardwareVersion: 'v40',
            sn: device.serial,
            loadAverage: '0.29 0.12 0.04 2/132 471\n',
          },
          ctx: '',
          success: true,
          timestamp: state.timeS * 1000,
        })
      : null,
};
